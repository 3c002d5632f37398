"""Tasks: what is asked for, how letters count towards it, and what is remembered of them."""

import json
from dataclasses import asdict
from itertools import pairwise

import pytest

from webapp.core import lesson
from webapp.core.lesson import Attempt, LessonError, Record, Task

BREAD = Task(1, "words", ("BREAD",), begun=100.0)


def typed(texts: list[str], target: str = "BREAD", seconds_each: float = 2.0) -> tuple[Attempt, Record]:
    """The texts that a pupil's page shows one after the other, beginning with the one before the task."""
    attempt, record = Attempt(1, target, since=100.0), Record()
    for number, (before, after) in enumerate(pairwise(texts), start=1):
        attempt, record = lesson.wrote(attempt, record, before, after, 100.0 + seconds_each * number)
    return attempt, record


def growing(letters: str, before: str = "") -> list[str]:
    return [before + letters[:length] for length in range(len(letters) + 1)]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("bread", ("BREAD",)),
        ("  Bread,\nmilk ; tea ", ("BREAD", "MILK", "TEA")),
        ("Zoë Müller-Łuk", ("ZOE", "MULLERLUK")),
        ("straße", ("STRASSE",)),
        ("Ærø", ("AERO",)),
        ("it's", ("ITS",)),
        ("Mia 2", ("MIA", "2")),
        ("小明", ()),
    ],
)
def test_words_are_asked_for_as_the_hand_spells_them(written: str, words: tuple[str, ...]) -> None:
    assert lesson.words_in(written) == words


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "Write a letter"),
        ({"words": "  "}, "Write a letter"),
        ({"words": ["BREAD"]}, "Write a letter"),
        ({"words": "小明 !"}, "None of this can be spelled"),
        ({"words": "A " * 31}, "These are 31 words"),
        ({"words": "A" * 31}, "more than 30 letters"),
        ({"words": "A" * 5000}, "too long"),
    ],
)
def test_what_nobody_can_spell_is_no_task(asked: dict[str, object], says: str) -> None:
    with pytest.raises(LessonError, match=says):
        lesson.task_from(asked, 1, 0.0)


def test_everybody_spells_their_own_name() -> None:
    task = lesson.task_from({"name": True}, 3, 5.0)
    assert (task.number, task.target_for("Zoë Rose"), task.target_for("小明")) == (3, "ZOE ROSE", "")


def test_a_word_is_done_letter_by_letter() -> None:
    texts = growing("BREAD", before="OLD ")
    assert [typed(texts[:length])[0].done for length in range(1, 7)] == [0, 1, 2, 3, 4, 5]
    attempt, record = typed(texts)
    assert (attempt.finished, attempt.slips, attempt.due) == (110.0, 0, None)
    assert record.letters["R"] == lesson.LetterRecord(spelled=1, clean=1, seconds=2.0)
    assert record.rounds == (lesson.Round(1, "BREAD", done=5, slips=0, seconds=10.0, finished=True),)


def test_what_stood_there_before_does_not_count() -> None:
    attempt, _ = typed(["BREA", "BREAD"])
    assert attempt.done == 0


def test_a_slip_holds_nobody_up_and_is_remembered() -> None:
    attempt, record = typed(growing("BSREAD"))
    assert (attempt.finished, attempt.slips) == (112.0, 1)
    assert record.letters["R"].taken_for == {"S": 1}
    assert (record.letters["R"].spelled, record.letters["R"].clean) == (1, 0)
    assert record.letters["E"].clean == 1


def test_a_slip_that_is_deleted_was_a_slip_all_the_same() -> None:
    attempt, record = typed(["", "B", "BS", "B", "BR"])
    assert (attempt.done, attempt.slips, record.letters["R"].clean) == (2, 1, 0)


def test_a_letter_that_is_deleted_is_due_again() -> None:
    attempt, _ = typed(["", "B", "BR", "B"])
    assert (attempt.done, attempt.due) == (1, "R")
    attempt, _ = typed(["AB", "ABB", "ABBR", ""])
    assert (attempt.done, attempt.trail) == (0, "")


def test_a_letter_held_too_long_is_no_slip() -> None:
    attempt, record = typed(growing("BBREAD"))
    assert (attempt.finished is not None, attempt.slips) == (True, 0)
    assert record.letters["R"].taken_for == {}
    doubled, _ = typed(growing("BEE"), target="BEE")
    assert doubled.finished is not None


def test_a_likely_word_that_is_taken_is_not_spelled() -> None:
    attempt, _ = typed(["", "B", "BR", "BREAD "])
    assert attempt.done == 2
    attempt, _ = typed(["", "B", "BR", "BREAD ", ""])
    assert attempt.done == 0, "all of it was deleted"
    attempt, _ = typed(["BREAD", "", "BREAD"])
    assert attempt.done == 0, "undo spells nothing"


def test_spaces_and_the_pause_between_words_are_nobody_s_business() -> None:
    for written in ("TEAMILK", "TEA MILK", "T E A MILK "):
        attempt, _ = typed(growing(written), target="TEA MILK")
        assert (attempt.finished is not None, attempt.slips) == (True, 0), written
    attempt, _ = typed([*growing("TEA"), "TE"], target="TEA MILK")
    assert attempt.due == "A", "a deletion goes back over the space"


def test_what_comes_after_the_end_changes_nothing() -> None:
    done, record = typed(growing("BREAD"))
    assert lesson.wrote(done, record, "BREAD", "BREA", 200.0) == (done, record)
    assert lesson.wrote(done, record, "BREAD", "BREADX", 200.0) == (done, record)


def test_the_board_is_told_of_the_word_that_is_being_spelled() -> None:
    attempt, _ = typed(growing("TEAMI"), target="TEA MILK")
    shown = lesson.shown_to_board(attempt)
    assert (shown["word"], shown["done"], shown["words_done"], shown["words"]) == ("MILK", 2, 1, 2)
    done, _ = typed(growing("TEAMILK"), target="TEA MILK")
    shown = lesson.shown_to_board(done)
    assert (shown["word"], shown["done"], shown["words_done"]) == ("MILK", 4, 2)


def test_a_new_task_begins_anew_for_everybody() -> None:
    done, _ = typed(growing("BREAD"))
    assert lesson.attempt_at(BREAD, "Mia", done, joined=0.0) is done
    fresh = lesson.attempt_at(Task(2, "words", ("TEA",), 300.0), "Mia", done, joined=350.0)
    assert fresh == Attempt(2, "TEA", since=350.0)


def test_memory_is_bounded() -> None:
    attempt, record = Attempt(1, "Z" * 30, since=0.0), Record()
    text = ""
    for number in range(300):
        longer = text + "AB"[number % 2]
        attempt, record = lesson.wrote(attempt, record, text, longer, float(number))
        text = longer
    assert (len(attempt.trail), attempt.slips, record.letters["Z"].slips) == (lesson.TRAIL_LENGTH, 300, 300)
    for number in range(lesson.MOST_ROUNDS + 5):
        attempt, record = lesson.wrote(Attempt(number, "A", 0.0), record, "", "A", 1.0)
    assert len(record.rounds) == lesson.MOST_ROUNDS


def test_what_is_kept_is_read_back_as_it_was() -> None:
    attempt, record = typed(growing("BSRE"))
    kept = json.loads(json.dumps([asdict(BREAD), asdict(attempt), asdict(record)]))
    assert lesson.task_from_json(kept[0]) == BREAD
    assert lesson.attempt_from_json(kept[1]) == attempt
    assert lesson.record_from_json(kept[2]) == record

"""Changes in, entries out, and the text and its lines back from the entries alone."""

import pytest

from webapp.core.bundle import DELETE, SPACE
from webapp.core.session import Session
from webapp.core.stabiliser import Reading
from webapp.core.transcript import Change, Entry, Journal, replayed

FLOORS = {"A": 0.5, "B": 0.5, DELETE: 0.5, "nothing": 0.5, SPACE: 0.5}


def journal_of(steps: list[tuple[str, str, str]]) -> tuple[Journal, list[Entry]]:
    """A journal that took (kind, before, after), a second apart."""
    journal, entries = Journal(), []
    for second, (kind, before, after) in enumerate(steps):
        entries += journal.take(Change(kind, before, after, "letters"), second)
    return journal, entries


def test_entries_tell_only_what_changed_at_the_end() -> None:
    _, entries = journal_of([("sign", "", "H"), ("sign", "H", "HI"), ("delete", "HI", "H"), ("take", "H", "HELLO")])
    assert [(entry.number, entry.kept, entry.tail) for entry in entries] == [
        (0, 0, "H"),
        (1, 1, "I"),
        (2, 1, ""),
        (3, 1, "ELLO"),
    ]
    assert replayed(entries).current.text == "HELLO"
    assert replayed(entries).current.seconds == (0, 3, 3, 3, 3)


def test_text_that_stood_there_before_is_found_first() -> None:
    journal, entries = journal_of([("sign", "OLD ", "OLD A")])
    assert [(entry.kind, entry.tail) for entry in entries] == [("found", "OLD "), ("sign", "A")]
    assert journal.text == "OLD A"


def test_after_lost_steps_the_text_is_right_again() -> None:
    journal, entries = journal_of([("sign", "", "A"), ("sign", "ABC", "ABCD")])
    assert [(entry.kind, entry.kept, entry.tail) for entry in entries] == [
        ("sign", 0, "A"),
        ("found", 1, "BC"),
        ("sign", 3, "D"),
    ]
    assert journal.text == "ABCD"


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        pytest.param([("sign", "", "A"), ("clear", "A", ""), ("sign", "", "B")], "A\nB", id="cleared lines stay"),
        pytest.param([("sign", "", "A"), ("clear", "A", ""), ("undo", "", "A")], "A", id="an undone clearing is none"),
        pytest.param(
            [("sign", "", "A"), ("clear", "A", ""), ("sign", "", "B"), ("undo", "B", ""), ("undo", "", "A")],
            "A",
            id="undone behind another undo",
        ),
        pytest.param([("space", "", " "), ("clear", " ", "")], "", id="an empty line is none"),
        pytest.param(
            [("sign", "", "A"), ("clear", "A", ""), ("sign", "", "A"), ("clear", "A", ""), ("undo", "", "A")],
            "A\nA",
            id="undone, the line above stays",
        ),
        pytest.param(
            [("sign", "", "A"), ("clear", "A", ""), ("space", "", " "), ("clear", " ", ""), ("undo", "", " ")],
            "A",
            id="an empty one undone takes no other away",
        ),
        pytest.param([("sign", "", "A"), ("delete", "A", ""), ("undo", "", "A")], "A", id="an undone deletion"),
    ],
)
def test_lines(steps: list[tuple[str, str, str]], text: str) -> None:
    journal, entries = journal_of(steps)
    assert journal.text == text
    assert replayed(entries).text == text


def test_an_undone_clearing_keeps_the_times_of_the_letters() -> None:
    _, entries = journal_of([("sign", "", "A"), ("sign", "A", "AB"), ("clear", "AB", ""), ("undo", "", "AB")])
    assert replayed(entries).current.seconds == (0, 1)


def reading(sign: str) -> Reading:
    rest = (1 - 0.9) / (len(FLOORS) - 1)
    return Reading.of(list(FLOORS), [0.9 if label == sign else rest for label in FLOORS], FLOORS)


def hold(session: Session, sign: str, start: float, seconds: float = 1.0) -> float:
    for frame in range(round(seconds * 10) + 1):
        session.read(reading(sign), start + frame / 10)
    return start + seconds + 0.1


def test_a_session_tells_of_letters_with_what_was_seen_of_pauses_and_of_edits() -> None:
    session, changes = Session("letters", 100), []
    session.on_change = changes.append
    t = hold(session, "A", 0)
    t = hold(session, "nothing", t, 3)
    session.edit("delete")
    session.edit("undo")
    assert [(change.kind, change.before, change.after) for change in changes] == [
        ("sign", "", "A"),
        ("pause", "A", "A "),
        ("delete", "A ", "A"),
        ("undo", "A", "A "),
    ]
    letter = changes[0]
    assert (letter.sign, letter.model) == ("A", "letters")
    assert letter.confidence == pytest.approx(0.9)
    assert letter.candidates[0] == ("A", pytest.approx(0.9))
    assert len(letter.candidates) == 3


def test_what_changes_nothing_is_not_told() -> None:
    session, changes = Session("letters", 1), []
    session.on_change = changes.append
    for operation in ("undo", "delete", "clear"):
        session.edit(operation)
    hold(session, DELETE, 0)
    hold(session, SPACE, 2)
    assert changes == []

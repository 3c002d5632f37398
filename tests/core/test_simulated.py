"""Simulated pupils before a reader that reads whatever is held for long enough."""

from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from webapp.core.simulated import DRAWN, WORDS, Character, Moment, SimulatedPupil, character_of

STEP_SECONDS = 0.2
HOLD_SECONDS = 0.8
TAKEN_FOR = {"E": [("S", 0.2), ("del", 0.1), ("J", 0.1)]}


class Reader:
    """Writes a sign that was held, once, and a drawn one when all of it has been drawn."""

    def __init__(self) -> None:
        self.text = ""
        self._sign: str | None = None
        self._since = 0.0
        self._written = False

    def read(self, moment: Moment, now: float) -> None:
        if moment.sign != self._sign:
            self._sign, self._since, self._written = moment.sign, now, False
        held = moment.drawn >= 1 if moment.sign in DRAWN else now - self._since >= HOLD_SECONDS
        if moment.sign and held and not self._written:
            self.text += moment.sign
            self._written = True
        if moment.deletes:
            self.text = self.text[:-1]


def lived(
    character: Character, seconds: float, target: str | None = None, hints: bool = False
) -> Iterator[tuple[float, Moment, str]]:
    """(seconds, moment, text) of a pupil before the reader; of a task the letters are counted as the class counts them."""
    pupil = SimulatedPupil("Ada", character, TAKEN_FOR, Random(1))
    reader = Reader()
    done, since, counted = 0, 0.0, ""
    for step in range(int(seconds / STEP_SECONDS)):
        now = step * STEP_SECONDS
        task: dict[str, Any] | None = None
        if target is not None:
            if reader.text > counted and target[done : done + 1] == reader.text[-1:]:
                done, since = done + 1, now
            counted = reader.text
            due = {"due": target[done : done + 1] or None, "due_seconds": now - since}
            task = {"number": 1, "target": target, "done": done, "hints": hints, **due}
        moment = pupil.step(now, reader.text, task)
        reader.read(moment, now)
        yield now, moment, reader.text


SURE = Character(reaction_seconds=0.2, gap_seconds=0.8)


def test_whoever_s_turn_it_is_not_keeps_the_hand_down() -> None:
    pupil = SimulatedPupil("Ada", SURE, TAKEN_FOR, Random(1))
    task = {"number": 1, "target": "TEA", "done": 1, "due": None, "due_seconds": 0.0, "hints": False}
    assert {pupil.step(step * STEP_SECONDS, "", task).sign for step in range(50)} == {None}
    assert "E" in {pupil.step(step * STEP_SECONDS, "", {**task, "due": "E"}).sign for step in range(50, 60)}


def test_what_is_asked_is_spelled_and_nothing_after_it() -> None:
    *_, (_, moment, text) = lived(SURE, 60, "JAZZLLE")
    assert text == "JAZZLLE"
    assert moment.sign is None


def test_with_nothing_asked_names_and_words_are_spelled() -> None:
    *_, (_, _, text) = lived(SURE, 120)
    assert len(text) > 20
    while text:
        word = next((word for word in ("ADA", *WORDS) if text.startswith(word) or word.startswith(text)), None)
        assert word, text
        text = text[len(word) :]


def test_a_slip_is_a_sign_that_looks_alike_and_the_letter_comes_in_the_end() -> None:
    texts = [text for *_, text in lived(Character(0.2, 0.8, slips=0.7), 120, "EEE")]
    assert set("".join(texts)) == {"E", "S"}, "only one letter of the alphabet, held still, looks like E here"
    assert texts[-1].count("E") == 3
    assert any(len(after) < len(before) for before, after in pairwise(texts)), "nothing was deleted"


@pytest.mark.parametrize(("hints", "earliest", "latest"), [(True, 10, 14), (False, 27, 31)], ids=["hints", "no hints"])
def test_who_has_forgotten_a_letter_wavers_until_the_hint_or_somebody_helps(
    hints: bool, earliest: float, latest: float
) -> None:
    written = next(now for now, _, text in lived(Character(0.2, 0.8, forgets=1), 60, "E", hints) if text)
    assert earliest <= written <= latest
    shown = {moment.sign for now, moment, _ in lived(Character(0.2, 0.8, forgets=1), 9, "E", hints)}
    assert shown == {None, "S"}


def test_who_drops_out_comes_back_and_goes_on() -> None:
    here = [moment.here for _, moment, _ in lived(Character(0.2, 0.8, drops_out=True), 90)]
    assert here[0]
    assert 6 <= here.count(False) * STEP_SECONDS <= 31
    assert here[len(here) - here[::-1].index(False)], "nobody came back"
    assert all(moment.here for _, moment, _ in lived(SURE, 90))


def test_a_class_of_twelve_has_one_of_each() -> None:
    characters = [character_of(place, Random(place)) for place in range(12)]
    assert sum(one.drops_out for one in characters) == 1
    assert sum(one.forgets > 0.3 for one in characters) == 1
    assert len({one.gap_seconds for one in characters}) == 12

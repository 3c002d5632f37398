"""A simulated pupil: what somebody's hand does from moment to moment who has just learnt to fingerspell.

It sees what a pupil sees, its own text and what its class asks for, and answers with its hand alone: whether that is read as
it was meant is for those who read it. This file never sees a picture, a socket or a clock: time is an argument, in seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from webapp.core.motion import DRAWN_SIGNS

NAMES = (
    "Ada", "Ben", "Cleo", "Dov", "Eli", "Femi", "Gia", "Hugo", "Ines", "Juno", "Kofi", "Lena", "Milo", "Nour", "Oren",
    "Pia", "Quinn", "Rosa", "Sami", "Tara", "Uma", "Vito", "Wren", "Xia", "Yara", "Zeno", "Aiko", "Bela", "Cem", "Dina",
)  # fmt: skip
MOST_PUPILS = len(NAMES)
WORDS = ("HELLO", "TEA", "CAT", "BOOK", "SUN", "MILK", "FISH", "HOUSE", "RAIN", "FRIEND", "MAP", "JAM", "QUIZ")
"""What they spell while nothing is asked, beside their names."""

DRAWN = frozenset(drawn.sign for drawn in DRAWN_SIGNS)

# Longer than the server waits before it ends a word.
_WORD_PAUSE_SECONDS = 2.8
# Who is not read in this time lowers the hand and tries again.
_PATIENCE_SECONDS = 5.0
# A movement begins and ends at rest.
_REST_SECONDS, _DRAWING_SECONDS = 0.35, 1.6
# Somebody who has forgotten a letter tries one hand and another, none for as long as it would take to be read.
_WAVER_SECONDS = 0.4
# The page shows the hint after eight; without hints somebody else in the class helps in the end.
_HINT_SECONDS, _HELP_SECONDS = 10.0, 27.0


@dataclass(frozen=True)
class Character:
    """How somebody spells."""

    reaction_seconds: float
    """From seeing that a letter is written to lowering the hand."""
    gap_seconds: float
    """Without a hand in view, between two letters."""
    slips: float = 0.0
    """Of all letters, the share that is made as one that looks like it."""
    forgets: float = 0.0
    """Of all letters of a task, the share that does not come to mind."""
    drops_out: bool = False
    """Whether the connection is lost now and then."""


def character_of(place: int, random: Random) -> Character:
    """The character of the pupil at a place in the class, counted from 0: every dozen has one who gets stuck and one who drops out."""
    return Character(
        reaction_seconds=random.uniform(0.1, 0.5),
        gap_seconds=random.uniform(0.6, 1.4),
        slips=random.choice((0.0, 0.05, 0.1, 0.15)),
        forgets=0.35 if place % 12 == 2 else 0.02,
        drops_out=place % 12 == 4,
    )


@dataclass(frozen=True)
class Moment:
    """What a camera would see, and a keyboard feel."""

    sign: str | None = None
    """What the hand shows; None: no hand is in view."""
    drawn: float = 0.0
    """How much of the movement is done where the sign is one, 0..1."""
    here: bool = True
    """Whether the page is connected."""
    deletes: bool = False
    """Whether the last letter is deleted now."""


class SimulatedPupil:
    """One pupil; ask it moment by moment with `step`."""

    def __init__(
        self, name: str, character: Character, taken_for: Mapping[str, Sequence[tuple[str, float]]], random: Random
    ) -> None:
        """taken_for: sign -> signs that it is mistaken for, likeliest first, as a model's card has them."""
        self._own = "".join(name.upper().split())
        self._character = character
        self._taken_for = taken_for
        self._random = random
        self._ahead = ""  # of one's own words, the letters to come
        self._rests_until = -1.0
        self._away_until = -1.0
        self._leaves_at: float | None = None
        self._sign: str | None = None  # that the hand shows
        self._wanted = ""  # that should have been shown
        self._raised_at = 0.0
        self._text_then = ""
        self._written_at: float | None = None
        self._asked: tuple[int, int] | None = None  # task and letter that were last thought about
        self._forgot = False

    def step(self, now: float, text: str, task: Mapping[str, Any] | None) -> Moment:
        """What the pupil does now; `text` as the page shows it, `task` as a class tells its pupils."""
        if self._is_away(now):
            return Moment(here=False)
        if now < self._rests_until:
            return Moment()
        if self._sign is None:
            return self._think(now, text, task)
        if self._written_at is None and text != self._text_then:
            self._written_at = now
        written = self._written_at is not None and now - self._written_at >= self._character.reaction_seconds
        if written or now - self._raised_at > _PATIENCE_SECONDS:
            return self._lower(now, text)
        share = (now - self._raised_at - _REST_SECONDS) / _DRAWING_SECONDS
        return Moment(self._sign, min(1.0, max(0.0, share)))

    def _is_away(self, now: float) -> bool:
        if self._leaves_at is None:
            self._leaves_at = now + self._random.uniform(20, 60)
        if self._character.drops_out and now >= self._leaves_at:
            self._away_until = now + self._random.uniform(6, 15)
            self._leaves_at = self._away_until + self._random.uniform(60, 150)
            self._sign = None
        return now < self._away_until

    def _think(self, now: float, text: str, task: Mapping[str, Any] | None) -> Moment:
        """Decide what the hand does next."""
        if task is None or not task["target"]:
            return self._own_words(now, text)
        letter = task["due"]
        if letter is None:  # it is done, has not begun, or is another's turn
            return self._rest(now, 1.0)
        if self._asked != (task["number"], task["done"]):
            self._asked = task["number"], task["done"]
            self._forgot = self._random.random() < self._character.forgets
        if self._forgot and task["due_seconds"] < (_HINT_SECONDS if task["hints"] else _HELP_SECONDS):
            return self._waver(now, letter)
        return self._raise(now, text, letter)

    def _own_words(self, now: float, text: str) -> Moment:
        if not self._ahead:
            self._ahead = self._random.choice((self._own, *WORDS)) + " "
        if self._ahead[0] != " ":
            return self._raise(now, text, self._ahead[0])
        self._ahead = ""
        return self._rest(now, _WORD_PAUSE_SECONDS + self._random.uniform(0, 2))

    def _raise(self, now: float, text: str, letter: str) -> Moment:
        self._wanted, self._sign = letter, letter
        others = self._lookalikes(letter)
        if others and self._random.random() < self._character.slips:
            self._sign = self._random.choice(others)
        self._raised_at, self._text_then, self._written_at = now, text, None
        return Moment(self._sign)

    def _lower(self, now: float, text: str) -> Moment:
        slipped = self._sign != self._wanted and text != self._text_then
        if text == self._text_then + self._wanted and self._ahead.startswith(self._wanted):
            self._ahead = self._ahead[1:]
        self._sign = None
        self._rest(now, self._character.gap_seconds * self._random.uniform(0.8, 1.3))
        return Moment(deletes=slipped and self._random.random() < 0.5)

    def _waver(self, now: float, letter: str) -> Moment:
        hands = [None, *self._lookalikes(letter)]
        return Moment(hands[int(now / _WAVER_SECONDS) % len(hands)])

    def _lookalikes(self, letter: str) -> list[str]:
        others = (sign for sign, _ in self._taken_for.get(letter, ()))
        return [sign for sign in others if len(sign) == 1 and sign not in DRAWN]

    def _rest(self, now: float, seconds: float) -> Moment:
        self._rests_until = now + seconds
        return Moment()

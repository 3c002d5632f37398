"""Progress from lesson to lesson: what a class and its pupils got right at each letter, this time and before, in words and figures.

Pure: lessons go in, rows come out. Few letters say little, and much looks like a change that is none: only what chance alone
would seldom do is called a change.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from webapp.core.classroom import clean_name
from webapp.core.exports import harmless, iso, sheet
from webapp.core.lesson import Record
from webapp.core.report import Tally, letter_row, seconds_cell, total

# So many lessons a figure has room for: this one and those right before it.
MOST_SHOWN = 8
# The interval of a difference holds the true one 19 times in 20.
Z = 1.96
# What is known to this many hundredths either way is known well enough to be called the same.
SAME_WITHIN = 0.15

Change = Literal["better", "harder", "same", "unsure"]


@dataclass(frozen=True)
class KeptPupil:
    """One pupil of a lesson, as kept: the name as it was chosen, and how the tasks went."""

    id: str
    seat: int
    name: str
    record: Record


@dataclass(frozen=True)
class Lesson:
    """One lesson of a class that is known by its name."""

    id: str
    class_name: str
    began: datetime
    pupils: tuple[KeptPupil, ...]

    @property
    def tally(self) -> Tally:
        return _all_letters(self.pupils)


@dataclass(frozen=True)
class Row:
    """How one letter, one pupil or the whole class fared, lesson by lesson."""

    name: str
    tallies: tuple[Tally | None, ...]
    """One for each lesson, the oldest first and this one last; None where nothing was written."""

    @property
    def now(self) -> Tally | None:
        return self.tallies[-1]

    @property
    def before(self) -> Tally | None:
        """The last time before this lesson that there was something to see."""
        return next((tally for tally in reversed(self.tallies[:-1]) if tally), None)

    @property
    def change(self) -> Change | None:
        """From the last time to this; None where there is nothing to compare."""
        return change(self.before, self.now) if self.before and self.now else None


@dataclass(frozen=True)
class Progress:
    """This lesson beside those before it."""

    lessons: tuple[Lesson, ...]
    """The oldest first, this one last; no more than MOST_SHOWN."""
    together: Row
    letters: tuple[Row, ...]
    """What was written in this lesson; first what became harder, then what became better, then the rest by the alphabet."""
    pupils: tuple[Row, ...]
    """By seat in this lesson."""


def clean_class_name(text: object) -> str:
    """The name of a class, cleaned as a pupil's is. Raises ClassError `bad_name`."""
    return clean_name(text)


def key_of(name: str) -> str:
    """What two spellings of a name have in common: a class, or a pupil within it, is the same in every lesson by this."""
    return name.casefold()


def change(before: Tally, now: Tally) -> Change:
    """Whether a share has changed by more than chance would seldom do (the interval of Agresti and Caffo, 2000)."""
    shares, variance = [], 0.0
    for tally in (before, now):
        tries = tally.tries + 2
        share = (tally.right + 1) / tries
        variance += share * (1 - share) / tries
        shares.append(share)
    difference, half = shares[1] - shares[0], Z * math.sqrt(variance)
    if abs(difference) > half:
        return "better" if difference > 0 else "harder"
    return "same" if half <= SAME_WITHIN else "unsure"


def progress_of(lesson: Lesson, before: Iterable[Lesson]) -> Progress:
    """`lesson` beside those of the same class that were before it, in any order."""
    earlier = sorted((one for one in before if one.pupils), key=lambda one: one.began)
    lessons = (*earlier, lesson)[-MOST_SHOWN:]
    letters = {letter for pupil in lesson.pupils for letter in pupil.record.letters}
    rows = [Row(letter, tuple(_letter(one.pupils, letter) for one in lessons)) for letter in sorted(letters)]
    order: dict[Change | None, int] = {"harder": 0, "better": 1}
    return Progress(
        lessons=lessons,
        together=Row("Everybody", tuple(_seen(one.tally) for one in lessons)),
        letters=tuple(sorted(rows, key=lambda row: order.get(row.change, 2))),
        pupils=tuple(
            Row(pupil.name, tuple(_seen(_all_letters(_named(one.pupils, pupil.name))) for one in lessons))
            for pupil in sorted(lesson.pupils, key=lambda pupil: pupil.seat)
        ),
    )


def _named(pupils: Iterable[KeptPupil], name: str) -> list[KeptPupil]:
    return [pupil for pupil in pupils if key_of(pupil.name) == key_of(name)]


def _letter(pupils: Iterable[KeptPupil], letter: str) -> Tally | None:
    known = [pupil.record.letters[letter] for pupil in pupils if letter in pupil.record.letters]
    return _seen(letter_row(letter, known).tally)


def _all_letters(pupils: Iterable[KeptPupil]) -> Tally:
    return total(
        letter_row(letter, [known]).tally for pupil in pupils for letter, known in pupil.record.letters.items()
    )


def _seen(tally: Tally) -> Tally | None:
    return tally if tally.tries else None


def progress_csv(lessons: Iterable[Lesson]) -> str:
    """A row for each lesson, pupil and letter, the oldest lesson first; no cell begins a spreadsheet's formula."""
    rows: list[Sequence[Any]] = [("lesson", "class", "pupil", "letter", "right", "slips", "mean_seconds")]
    for one in sorted(lessons, key=lambda one: one.began):
        began = iso(one.began.astimezone(UTC))
        for pupil in one.pupils:
            for letter, known in sorted(pupil.record.letters.items()):
                tally = letter_row(letter, [known]).tally
                mean = seconds_cell(tally.seconds_each)
                row = (began, harmless(one.class_name), harmless(pupil.name), letter, tally.right, tally.slips, mean)
                rows.append(row)
    return sheet(rows)

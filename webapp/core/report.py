"""A lesson's report: which letters were hard, for whom, what was written in their place, and how it went from task to task.

Pure: pupils go in with their records, rows come out. A share is of what was written when a letter was due: right, or
something else. The reader's own mistakes are among the slips, and the page says so.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from webapp.core.exports import harmless, sheet
from webapp.core.lesson import LetterRecord, Record, Round

HARDEST = 3


class Reported(Protocol):
    """What a report goes by: a pupil who is in the class, or one of a lesson that was kept."""

    @property
    def seat(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def record(self) -> Record: ...


@dataclass(frozen=True)
class Tally:
    """How something went: letters that were right, slips, and the seconds that the right ones took together."""

    right: int
    slips: int
    seconds: float

    @property
    def tries(self) -> int:
        return self.right + self.slips

    @property
    def share(self) -> float:
        """Of what was written, the share that was right; 0 where nothing was."""
        return self.right / self.tries if self.tries else 0.0

    @property
    def seconds_each(self) -> float | None:
        return self.seconds / self.right if self.right else None


@dataclass(frozen=True)
class LetterRow:
    letter: str
    tally: Tally
    taken_for: tuple[tuple[str, int], ...]
    """What was written in its place, and how often, the most frequent first."""


@dataclass(frozen=True)
class RoundRow:
    number: int
    target: str | None
    """None where everybody had another."""
    pupils: int
    finished: int
    tally: Tally


@dataclass(frozen=True)
class PupilRow:
    seat: int
    name: str
    finished: int
    """Tasks."""
    tally: Tally
    hardest: tuple[LetterRow, ...]
    rounds: tuple[Round, ...]


@dataclass(frozen=True)
class Report:
    letters: tuple[LetterRow, ...]
    """The hardest first."""
    confusions: tuple[tuple[str, str, int], ...]
    """Letter that was due, what was written, how often; the most frequent first."""
    rounds: tuple[RoundRow, ...]
    pupils: tuple[PupilRow, ...]
    """By seat; only those who have written something for a task."""

    @property
    def tally(self) -> Tally:
        return total(row.tally for row in self.rounds)


def report_on(pupils: Sequence[Reported]) -> Report:
    """The report of one class."""
    busy = [pupil for pupil in pupils if pupil.record.rounds]
    letters: dict[str, list[LetterRecord]] = {}
    rounds: dict[int, list[Round]] = {}
    for pupil in busy:
        for letter, known in pupil.record.letters.items():
            letters.setdefault(letter, []).append(known)
        for one in pupil.record.rounds:
            rounds.setdefault(one.task, []).append(one)
    rows = _hardest_first(letter_row(letter, known) for letter, known in letters.items())
    confusions = [(row.letter, other, count) for row in rows for other, count in row.taken_for]
    return Report(
        letters=rows,
        confusions=tuple(sorted(confusions, key=lambda found: -found[2])),
        rounds=tuple(_round_row(number, parts) for number, parts in sorted(rounds.items())),
        pupils=tuple(_pupil_row(pupil) for pupil in busy),
    )


def letter_row(letter: str, known: Iterable[LetterRecord]) -> LetterRow:
    """What became of one letter, all of its records together."""
    known = tuple(known)
    taken_for: Counter[str] = Counter()
    for one in known:
        taken_for.update(one.taken_for)
    return LetterRow(letter, total(_tally_of(one) for one in known), tuple(taken_for.most_common()))


def _tally_of(known: LetterRecord) -> Tally:
    return Tally(known.spelled, known.slips, known.seconds)


def _hardest_first(rows: Iterable[LetterRow]) -> tuple[LetterRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.tally.share, -(row.tally.seconds_each or 0.0), row.letter)))


def _round_row(number: int, parts: Sequence[Round]) -> RoundRow:
    targets = {one.target for one in parts}
    finished = sum(one.finished for one in parts)
    tally = total(Tally(one.done, one.slips, one.seconds) for one in parts)
    return RoundRow(number, targets.pop() if len(targets) == 1 else None, len(parts), finished, tally)


def _pupil_row(pupil: Reported) -> PupilRow:
    rows = _hardest_first(letter_row(letter, [known]) for letter, known in pupil.record.letters.items())
    slipped = [row for row in rows if row.tally.slips]
    finished = sum(one.finished for one in pupil.record.rounds)
    tally = total(row.tally for row in rows)
    return PupilRow(pupil.seat, pupil.name, finished, tally, tuple(slipped[:HARDEST]), pupil.record.rounds)


def total(tallies: Iterable[Tally]) -> Tally:
    """Several as one."""
    right, slips, seconds = 0, 0, 0.0
    for one in tallies:
        right, slips, seconds = right + one.right, slips + one.slips, seconds + one.seconds
    return Tally(right, slips, seconds)


def letters_csv(pupils: Sequence[Reported]) -> str:
    """A row for each pupil and letter; no cell begins a spreadsheet's formula."""
    rows: list[Sequence[Any]] = [("pupil", "letter", "right", "right_at_once", "slips", "mean_seconds", "taken_for")]
    for pupil in pupils:
        for letter, known in sorted(pupil.record.letters.items()):
            row = letter_row(letter, [known])
            taken_for = "; ".join(f"{other} {count}" for other, count in row.taken_for)
            mean = seconds_cell(row.tally.seconds_each)
            rows.append((harmless(pupil.name), letter, known.spelled, known.clean, known.slips, mean, taken_for))
    return sheet(rows)


def rounds_csv(pupils: Sequence[Reported]) -> str:
    """A row for each pupil and task; no cell begins a spreadsheet's formula."""
    rows: list[Sequence[Any]] = [("pupil", "round", "target", "letters_done", "slips", "seconds", "finished")]
    for pupil in pupils:
        for one in pupil.record.rounds:
            finished = "yes" if one.finished else "no"
            rows.append(
                (harmless(pupil.name), one.task, one.target, one.done, one.slips, f"{one.seconds:.1f}", finished)
            )
    return sheet(rows)


def seconds_cell(seconds: float | None) -> str:
    """As a sheet has it."""
    return "" if seconds is None else f"{seconds:.1f}"

"""What a transcript is: the steps in which a text came about, each with what was seen.

A step changes the end of the text only, so it is told by how much of the text stayed and by what stands after that now:
the text after it follows without knowing what the operation did. A text that was cleared is a line that was finished; the
transcript goes on below it. Times are handed in, in seconds since the transcript's first step.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from os.path import commonprefix
from typing import NamedTuple

SIGN, DRAWN, PAUSE, FOUND = "sign", "drawn", "pause", "found"
"""Kinds of steps beside the edits' operations: a sign that was held, one that was drawn, the space that a pause wrote, and
text that stood there before its steps were kept."""


@dataclass(frozen=True)
class Change:
    """A sign that was written or an edit that was made, as a session tells it."""

    kind: str
    before: str
    after: str
    model: str
    sign: str | None = None
    confidence: float | None = None
    candidates: tuple[tuple[str, float], ...] = ()
    """The likeliest signs with their probabilities, likeliest first; like the confidence, means over the hold."""


@dataclass(frozen=True)
class Entry:
    """One step of a transcript."""

    number: int
    seconds: float
    kind: str
    model: str
    sign: str | None
    confidence: float | None
    candidates: tuple[tuple[str, float], ...]
    kept: int
    """How many characters of the text before stayed."""
    tail: str
    """What stands after them now."""


class Line(NamedTuple):
    """A text and when each of its characters was written."""

    text: str
    seconds: tuple[float, ...]


@dataclass
class Replay:
    """Runs through a transcript's entries; `step` them in order."""

    current: Line = field(default_factory=lambda: Line("", ()))
    finished: list[Line] = field(default_factory=list)
    """Lines that were cleared, oldest first."""
    _above: str = ""
    """What there is to read in them: joined once, as each is finished."""

    def step(self, entry: Entry) -> None:
        kept = self.current.text[: entry.kept]
        after = kept + entry.tail
        if entry.kind == "clear":
            self.finished.append(self.current)
            self._above = _below(self._above, self.current.text)
        elif entry.kind == "undo" and not self.current.text and self.finished and self.finished[-1].text == after:
            self.current = self.finished.pop()  # with the times at which it was written
            self._above = self._above.removesuffix(self.current.text.strip()).removesuffix("\n")
            return
        self.current = Line(after, (*self.current.seconds[: len(kept)], *[entry.seconds] * len(entry.tail)))

    @property
    def lines(self) -> list[Line]:
        """Every line with something to read, the current one last."""
        return [line for line in (*self.finished, self.current) if line.text.strip()]

    @property
    def text(self) -> str:
        return _below(self._above, self.current.text)


def _below(above: str, line: str) -> str:
    """The text with one more line; one that has nothing to read is none."""
    return "\n".join(filter(None, (above, line.strip())))


def replayed(entries: Iterable[Entry]) -> Replay:
    """The state after all of `entries`."""
    replay = Replay()
    for entry in entries:
        replay.step(entry)
    return replay


class Journal:
    """Turns one session's changes into the entries of a transcript."""

    def __init__(self) -> None:
        self.models: list[str] = []
        """The models that the transcript was read with, in the order of their first use."""
        self.count = 0
        """Entries so far."""
        self._replay = Replay()

    @property
    def text(self) -> str:
        return self._replay.text

    def take(self, change: Change, seconds: float) -> list[Entry]:
        """The entries that tell `change`; a first one where the text before it is not the text after the last."""
        entries = []
        if change.before != self._replay.current.text:
            entries.append(self._entry(Change(FOUND, self._replay.current.text, change.before, change.model), seconds))
        entries.append(self._entry(change, seconds))
        return entries

    def _entry(self, change: Change, seconds: float) -> Entry:
        kept = len(commonprefix([change.before, change.after]))
        entry = Entry(
            self.count,
            seconds,
            change.kind,
            change.model,
            change.sign,
            change.confidence,
            change.candidates,
            kept,
            change.after[kept:],
        )
        self.count += 1
        self._replay.step(entry)
        if change.model not in self.models:
            self.models.append(change.model)
        return entry

"""Letters and edits into text, and back again: every change can be undone, and the text has a bound.

Two rules keep spaces tidy: a space that was signed or came from a pause never opens the text and never follows another;
one that the person typed is taken as it is.
"""

from collections import deque

from webapp.core.bundle import DELETE, SPACE
from webapp.core.protocol import Operation, ProtocolError

# Steps that can be taken back. A step stores only what it removed, so this is no bound on memory but on patience.
UNDO_STEPS = 1000


class Speller:
    """One visitor's text. Methods raise ProtocolError `text_full` and change nothing where the bound is reached."""

    def __init__(self, limit: int) -> None:
        self.text = ""
        self._limit = limit
        # Every step changes the end of the text only: how much of it stayed, and what stood after that.
        self._undo: deque[tuple[int, str]] = deque(maxlen=UNDO_STEPS)

    def sign(self, sign: str) -> None:
        """Apply a committed sign: `space` and `del` act as their names, any other is written."""
        if sign == SPACE:
            if self.text and not self.text.endswith(" "):
                self._append(" ")
        elif sign == DELETE:
            self._cut(len(self.text) - 1)
        else:
            self._append(sign)

    def edit(self, operation: Operation) -> None:
        """Apply what the person asked for by hand."""
        match operation:
            case "space":
                self._append(" ")
            case "delete":
                self._cut(len(self.text) - 1)
            case "clear":
                self._cut(0)
            case "undo":
                if self._undo:
                    kept, tail = self._undo.pop()
                    self.text = self.text[:kept] + tail

    def _append(self, tail: str) -> None:
        if len(self.text) + len(tail) > self._limit:
            raise ProtocolError(
                "text_full",
                f"The text is full: it has reached {self._limit:,} characters. Copy it, then clear or delete to go on.",
            )
        self._undo.append((len(self.text), ""))
        self.text += tail

    def _cut(self, kept: int) -> None:
        if self.text:
            self._undo.append((kept, self.text[kept:]))
            self.text = self.text[:kept]

"""Letters and edits into text, and back again: every change can be undone, and the text has a bound.

Two rules keep spaces tidy: a space that was signed or came from a pause never opens the text and never follows another;
one that the person typed is taken as it is.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from webapp.core.bundle import DELETE, SPACE
from webapp.core.decoder import Slot, certain
from webapp.core.lexicon import ALPHABET
from webapp.core.protocol import Operation, ProtocolError

# What can be taken back: so many steps, where letters written one after the other count as one that is taken back letter by
# letter. A step stores only what it removed, so this is no bound on memory but on patience.
UNDO_STEPS = 1000
# No word is longer: what was seen of the letters before the last so many is forgotten, and more are no word.
SEEN_LETTERS = 48


@dataclass(frozen=True, slots=True)
class Written:
    """One character of the text, and the signs that were seen for it; none where nothing was signed."""

    character: str
    slots: tuple[Slot, ...] = ()


# Whoever spells for an hour has thousands of these: one for each character there is.
@lru_cache(maxsize=256)
def _plain(character: str) -> Written:
    """A character of which no sign is known."""
    return Written(character)


@dataclass(frozen=True)
class SpelledWord:
    """The last word of the text as it was seen: still being spelled, or just `ended` by one space."""

    slots: tuple[Slot, ...]
    ended: bool


class Speller:
    """One visitor's text. Methods raise ProtocolError `text_full` and change nothing where the bound is reached."""

    def __init__(self, limit: int, text: str = "") -> None:
        self.text = text
        self.version = 0
        """Another whenever the text is another."""
        self._limit = limit
        self._written = [_plain(letter) for letter in text]  # a character of the text each
        # Every step changes the end of the text only: how much of it stayed, and what stood after that. Of characters that were
        # written singly one after the other their number says it all: whoever spells for an hour writes thousands.
        self._undo: deque[tuple[int, tuple[Written, ...]] | int] = deque(maxlen=UNDO_STEPS)

    def sign(self, sign: str, slots: Sequence[Slot] = ()) -> None:
        """Apply a committed sign: `space` and `del` act as their names, any other is written.

        slots: what was seen since the sign before, this sign's own last, if it is a letter.
        """
        if sign == SPACE:
            if self.text and not self.text.endswith(" "):
                self._append([Written(" ", tuple(slots))])
        elif sign == DELETE:
            self._cut(len(self.text) - 1)
        else:
            self._append([Written(sign, tuple(slots))])

    def edit(self, operation: Operation) -> None:
        """Apply what the person asked for by hand."""
        match operation:
            case "space":
                self._append([_plain(" ")])
            case "delete":
                self._cut(len(self.text) - 1)
            case "clear":
                self._cut(0)
            case "undo":
                if self._undo:
                    self._take_back(self._undo.pop())
                    self._show()

    def take(self, word: str) -> None:
        """Put `word` and a space in the place of the last word; one undo brings its letters back."""
        self._append([_plain(character) for character in f"{word} "], self._last_word_at())

    @property
    def word(self) -> SpelledWord | None:
        """What was seen of the last word.

        None where there is none, none of it was signed, or it holds more than letters or more than any word has.
        """
        at = self._last_word_at()
        if len(self._written) - at > SEEN_LETTERS + 1:
            return None  # a word that never ends is not gone through again for every letter
        spelled = self._written[at:]
        ended = bool(spelled) and spelled[-1].character == " "
        letters = spelled[:-1] if ended else spelled
        if not any(one.slots for one in letters) or not all(one.character in ALPHABET for one in letters):
            return None
        slots = [slot for one in spelled for slot in one.slots or _unseen(one.character)]
        # Reading a word takes as long as it has signs, and everybody else waits meanwhile.
        return SpelledWord(tuple(slots), ended) if len(slots) <= SEEN_LETTERS else None

    def _last_word_at(self) -> int:
        return self.text.rfind(" ", 0, max(0, len(self.text) - 1)) + 1

    def _append(self, tail: list[Written], kept: int | None = None) -> None:
        """Write `tail` after the first `kept` characters, after all of them if that is None."""
        kept = len(self._written) if kept is None else kept
        if kept + len(tail) > self._limit:
            raise ProtocolError(
                "text_full",
                f"The text is full: it has reached {self._limit:,} characters. Copy it, then clear or delete to go on.",
            )
        if len(tail) == 1 and kept == len(self._written):
            before = self._undo[-1] if self._undo else None
            if isinstance(before, int):
                self._undo[-1] = before + 1
            else:
                self._undo.append(1)
        else:
            self._undo.append((kept, tuple(self._written[kept:])))
        self._written[kept:] = tail
        if len(self._written) > SEEN_LETTERS:
            long_ago = -SEEN_LETTERS - 1
            self._written[long_ago] = _plain(self._written[long_ago].character)
        self._show()

    def _take_back(self, step: tuple[int, tuple[Written, ...]] | int) -> None:
        if isinstance(step, int):
            del self._written[-1]
            if step > 1:
                self._undo.append(step - 1)
        else:
            kept, tail = step
            self._written[kept:] = tail

    def _cut(self, kept: int) -> None:
        if self.text:
            self._undo.append((kept, tuple(self._written[kept:])))
            del self._written[kept:]
            self._show()

    def _show(self) -> None:
        self.text = "".join(one.character for one in self._written)
        self.version += 1


def _unseen(character: str) -> tuple[Slot, ...]:
    return () if character == " " else (certain(character),)

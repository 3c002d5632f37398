"""One visitor: the settings chosen, what is believed of the hand, and the text. Nothing here knows the wire's transport."""

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from webapp.core.bounce import BounceReader
from webapp.core.bundle import SPACE
from webapp.core.decoder import Language, Slot, Words
from webapp.core.lexicon import ALPHABET
from webapp.core.motion import Joints, PathReader
from webapp.core.protocol import Hand, Mode, Operation, OwnWords, ProtocolError, Take
from webapp.core.speller import Speller
from webapp.core.stabiliser import Reading, Shares, Stabiliser
from webapp.core.transcript import DRAWN, PAUSE, SIGN, Change


def word_pause_seconds(hold_seconds: float) -> float:
    """How long no hand may be seen before the word has ended.

    It must outlast the gap that a careful speller leaves between two letters, which grows with the pace, and the time
    that a page takes to find the hand again, which does not.
    """
    return 0.5 + 2 * hold_seconds


# Where the finger's path is seen, a Z is one that was drawn: held still, its pose is that of D, G or X.
DRAWN_ONLY = "Z"

# A hand may move for an hour before it writes a letter: of what was not believed, only the last can belong to its word.
MOST_UNREAD = 8


class Session:
    """Takes readings and edits one after the other; the caller sees to it that two never come at once."""

    def __init__(self, model: str, text_limit: int, language: Language | None = None, text: str = "") -> None:
        """language: without one, no words are proposed; text: what was written before."""
        self.mode = Mode(model)
        self._language = language
        self._decoder = language.decoder(OwnWords()) if language else None
        self._shown: deque[Slot] = deque(maxlen=MOST_UNREAD + 1)  # since the last letter, and it
        self._words = Words()
        self._words_of = 0  # the speller's version that they belong to
        self._stabiliser = Stabiliser()
        self._path = PathReader()
        self._bounce = BounceReader()
        self._hand: Hand | None = None
        self._speller = Speller(text_limit, text)
        self.on_change: Callable[[Change], None] | None = None
        """Told of every change of the text, where someone keeps it."""

    @property
    def text(self) -> str:
        return self._speller.text

    def read(
        self, reading: Reading, t_seconds: float, joints: Joints | None = None, hand: Hand | None = None
    ) -> dict[str, Any]:
        """Take one frame's reading and return the acknowledgement's fields, `seq` apart.

        joints: as `motion.joints_as_signed` has them; without them only still signs are read, a Z by its pose,
        and a letter is doubled by lifting the hand. hand: which one they are taken for.

        Raises ProtocolError `text_full`; the sign is spent all the same, so that it is said once and not at every frame.
        """
        hold = self.mode.hold_seconds
        pause = word_pause_seconds(hold)
        drawn = self._path.step(t_seconds, joints, reading.floors)
        if joints is not None and not drawn and DRAWN_ONLY in reading.floors:
            reading = reading.without(DRAWN_ONLY)
        if hand != self._hand:
            self._bounce.reset()  # the joints are turned over with it: a tracker's change of mind is no movement
            self._hand = hand
        bounced_since = self._bounce.step(t_seconds, joints)
        if drawn:
            self._stabiliser.commit_now(drawn.sign, drawn.alike)
        elif self._path.elsewhere:
            self._stabiliser.free_pose()
        if bounced_since is not None and not drawn:
            self._stabiliser.bounced(bounced_since)
        belief = self._stabiliser.step(reading, t_seconds, hold, pause, self._path.drawing)
        before = self.text
        if belief.unread:
            self._note(None, belief.unread)
        committed = drawn.sign if drawn else belief.committed
        if committed:
            self._note(committed, {committed: 1.0} if drawn else belief.shares or {})
            self._speller.sign(committed, self._noted())
        elif belief.word_ended:
            committed = SPACE
            # Nobody asked for this space: where there is no room for it, it is simply not written.
            with suppress(ProtocolError):
                self._speller.sign(SPACE, self._noted())
        if self.text == before:
            committed = None  # a deletion where there was nothing, a space after a space
        elif drawn:
            self._tell(DRAWN, before, committed)
        elif belief.committed:
            shares = {label: round(share, 4) for label, share in (belief.shares or {}).items()}
            likeliest = sorted(shares.items(), key=lambda pair: -pair[1])
            self._tell(SIGN, before, committed, shares.get(belief.committed), tuple(likeliest[:3]))
        else:
            self._tell(PAUSE, before)
        return {
            "sign": belief.sign,
            "confidence": round(belief.confidence, 4),
            "top": [[sign, round(probability, 4)] for sign, probability in reading.ranked(3)],
            "progress": round(belief.progress, 3),
            "committed": committed,
            "text": self.text,
            "words": self.words,
        }

    @property
    def words(self) -> dict[str, list[str]]:
        """What the last word may be, `proposals`, and how it may go on, `completions`, both likeliest first."""
        if self._words_of != self._speller.version:
            self._words_of = self._speller.version
            word = self._speller.word
            self._words = self._decoder.words(word.slots, word.ended) if self._decoder and word else Words()
        return {"proposals": list(self._words.proposals), "completions": list(self._words.completions)}

    def edit(self, edit: Operation | Take) -> None:
        """Raises ProtocolError `text_full`, and `bad_edit` where a word is to be taken that is not proposed now."""
        before = self.text
        if isinstance(edit, Take):
            if not any(edit.word in shown for shown in self.words.values()):
                raise ProtocolError("bad_edit", "That word is not proposed now. Choose one of those that are shown.")
            self._speller.take(edit.word)
        else:
            self._speller.edit(edit)
        self._shown.clear()
        self._tell("take" if isinstance(edit, Take) else edit, before)

    def use_words(self, own: OwnWords) -> None:
        """Propose words with a person's own list from here on."""
        if self._language:
            self._decoder = self._language.decoder(own)
            self._words_of = -1

    def _note(self, sign: str | None, shares: Shares) -> None:
        """Keep in mind what was shown; `sign` is what is written for it."""
        channel = self._language.channels.get(self.mode.model) if self._language else None
        if channel and (sign is None or sign in ALPHABET):
            self._shown.append(channel.slot(sign, shares))

    def _noted(self) -> list[Slot]:
        """What was shown since the last time."""
        noted = list(self._shown)
        self._shown.clear()
        return noted

    def _tell(
        self,
        kind: str,
        before: str,
        sign: str | None = None,
        confidence: float | None = None,
        candidates: tuple[tuple[str, float], ...] = (),
    ) -> None:
        if self.on_change and self.text != before:
            self.on_change(Change(kind, before, self.text, self.mode.model, sign, confidence, candidates))

    def change_mode(self, mode: Mode) -> None:
        """Read with other settings from here on; a letter half held with another model, or the other hand, is dropped."""
        if (mode.model, mode.hand) != (self.mode.model, self.mode.hand):
            self._stabiliser.reset()
            self._path.reset()
            self._bounce.reset()
            self._shown.clear()
        self.mode = mode

    def pause(self) -> None:
        """The connection is gone; what is held waits for it to come back."""
        self._stabiliser.pause()

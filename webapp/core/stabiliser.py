"""Readings over time into letters, each once.

A network reads every frame anew, and its guesses flicker. This file decides what is believed, how long it has been
held, when it is committed, and when the same letter may come again. Time is an argument, in seconds of the visitor's
own clock, so the frame rate and the network do not matter and a recording can be replayed at any speed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import add

from webapp.core.bundle import NOTHING

# Of two frames further apart than this nobody knows what was shown between them: that time holds nothing.
LONGEST_STEP_SECONDS = 1.0
# How long a believed sign survives readings of something else. At ten frames a second that is one odd frame.
DISPLACE_SECONDS = 0.15
# An unsure reading is weaker evidence that the sign has gone: fingers blur while they hold still, too.
DISPLACE_UNSURE_SECONDS = 0.4
# A lone reading displaces only where frames come so rarely that there will be no second one in time.
LONE_FRAME_SECONDS = 0.6
# How long a committed sign must go unseen before it can be committed again: shorter than the bounce between the two
# Ls of HELLO, longer than the network's slips within one hold. Unsure readings count half.
RELEASE_SECONDS = 0.3
UNSURE_WEIGHT = 0.5
# A hand that is seen for this share of the hold, and for this long, without a letter coming of it was no mere transition.
UNREAD_HOLDS = 0.6
UNREAD_SECONDS = 0.25


@dataclass(frozen=True)
class Reading:
    """One frame's guess."""

    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    """Of the labels, in their order."""
    floors: dict[str, float]

    @classmethod
    def of(cls, labels: Sequence[str], probabilities: Sequence[float], floors: dict[str, float]) -> "Reading":
        """From a network's output, in the order of its labels; raises ValueError for another number of them."""
        if len(labels) != len(probabilities):
            raise ValueError(f"{len(probabilities)} probabilities for {len(labels)} labels")
        return cls(tuple(labels), tuple(map(float, probabilities)), floors)

    @classmethod
    def of_nothing(cls, floors: dict[str, float]) -> "Reading":
        """A sure reading of no hand, for the labels that `floors` names, whether or not the network knows `nothing`."""
        others = tuple(label for label in floors if label != NOTHING)
        return cls((NOTHING, *others), (1.0, *[0.0] * len(others)), {NOTHING: 1.0, **floors})

    def without(self, label: str) -> "Reading":
        """The same guess, knowing that it is not `label`."""
        place = self.labels.index(label)
        left = [*self.probabilities[:place], 0.0, *self.probabilities[place + 1 :]]
        total = sum(left) or 1.0  # where it was sure of `label`, it now knows nothing
        return Reading(self.labels, tuple([one / total for one in left]), self.floors)

    def ranked(self, most: int | None = None) -> list[tuple[str, float]]:
        """Every label with its probability, likeliest first; or only the first so many."""
        places = sorted(range(len(self.labels)), key=self.probabilities.__getitem__, reverse=True)
        return [(self.labels[place], self.probabilities[place]) for place in places[:most]]

    @property
    def likeliest(self) -> tuple[str, float]:
        """The first of `ranked()`."""
        probability = max(self.probabilities)
        return self.labels[self.probabilities.index(probability)], probability

    @property
    def observed(self) -> str | None:
        """The likeliest label if it reaches its own floor (`nothing` included), else None: unsure."""
        label, probability = self.likeliest
        return label if probability >= self.floors[label] else None

    def probability(self, label: str) -> float:
        return self.probabilities[self.labels.index(label)]


Shares = dict[str, float]
"""For each label its mean probability over some frames."""


class Evidence:
    """What a run of frames showed, summed up."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._frames = 0
        # By labels: a reading of no hand need not have the network's.
        self._sums: dict[tuple[str, ...], Sequence[float]] = {}

    def add(self, reading: Reading, seconds: float) -> None:
        """Count a frame that was shown for so long."""
        self.seconds += seconds
        self._frames += 1
        self._add(reading.labels, reading.probabilities)

    def join(self, other: "Evidence") -> None:
        """Count all frames of another run, too."""
        self.seconds += other.seconds
        self._frames += other._frames
        for labels, sums in other._sums.items():
            self._add(labels, sums)

    def _add(self, labels: tuple[str, ...], more: Sequence[float]) -> None:
        sums = self._sums.get(labels)
        self._sums[labels] = more if sums is None else list(map(add, sums, more))

    @property
    def shares(self) -> Shares:
        shares: Shares = {}
        for labels, sums in self._sums.items():
            for label, total in zip(labels, sums, strict=True):
                shares[label] = shares.get(label, 0.0) + total / self._frames
        return shares


@dataclass(frozen=True)
class Belief:
    """What is believed after a frame."""

    sign: str | None
    confidence: float
    progress: float
    committed: str | None
    word_ended: bool
    shares: Shares | None = None
    """What the frames showed that held the committed sign."""
    unread: Shares | None = None
    """What the frames showed before it, or before the hand went, if that was a sign's time and came to nothing."""


class Stabiliser:
    """Follows one visitor's readings; feed it frame by frame with `step`."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything: another model reads from here on."""
        self._last_t: float | None = None
        self._believed: str | None = None
        self._held_seconds = 0.0
        self._confidence = 0.0
        self._away_seconds = 0.0  # since the believed sign was last seen
        self._away_frames = 0
        self._challenger: str | None = None
        self._challenger_seconds = 0.0
        self._held, self._challenging, self._doubted = Evidence(), Evidence(), Evidence()
        self._spent: str | None = None
        self._spent_at = 0.0
        self._alike: frozenset[str] = frozenset()  # what the spent sign's own pose may be taken for
        self._unseen_seconds = 0.0  # since the spent sign was last seen
        self._absent_seconds = 0.0  # without a hand since a sign was last believed
        self._word_open = False

    def pause(self) -> None:
        """The stream was interrupted: what is held stays held, and the gap does not count."""
        self._last_t = None

    def commit_now(self, sign: str, alike: frozenset[str]) -> None:
        """A sign that is a movement has been made: it is committed by whoever saw it, without having been held.

        It is spent, and so is what its last pose may be taken for, until that pose is given up or `free_pose` is called.
        """
        self._believed, self._held_seconds = sign, 0.0
        self._away_seconds, self._away_frames = 0.0, 0
        self._challenger = None
        self._held, self._challenging, self._doubted = Evidence(), Evidence(), Evidence()
        self._spent, self._alike, self._unseen_seconds = sign, alike, 0.0
        self._spent_at = math.inf  # what was drawn is doubled by drawing it again
        self._absent_seconds = 0.0
        self._word_open = True

    def bounced(self, since: float) -> None:
        """The hand bounced and rests again: a sign committed before, and still shown, may be committed again, held anew."""
        if self._believed == self._spent and self._spent_at <= since and not self._alike:
            self._spent, self._held_seconds = None, 0.0

    def free_pose(self) -> None:
        """The hand has gone on from where it made the movement: its pose means itself again."""
        self._alike = frozenset()

    def step(
        self,
        reading: Reading,
        t_seconds: float,
        hold_seconds: float,
        word_pause_seconds: float,
        drawing: frozenset[str] = frozenset(),
    ) -> Belief:
        """Take one frame's reading, captured at `t_seconds`, and say what is believed now.

        `drawing`: what a hand looks like that may be drawing a sign, and so does not hold. Where `t_seconds`
        goes back, the clock was replaced: no time has passed.
        """
        if (self._last_t is None or t_seconds < self._last_t) and self._spent_at < math.inf:
            self._spent_at = -math.inf  # before anything that the new clock can say
        elapsed = 0.0 if self._last_t is None else max(t_seconds - self._last_t, 0.0)
        self._last_t = t_seconds
        observed = reading.observed
        shown = elapsed if elapsed <= LONGEST_STEP_SECONDS and observed not in drawing else 0.0

        self._follow(observed, elapsed, shown, reading)
        self._release(observed, elapsed)
        sign = None if self._believed == NOTHING else self._believed
        committed = self._commit(sign, hold_seconds)
        if committed:
            self._spent_at = t_seconds
        unread = self._unread(hold_seconds) if committed or self._believed == NOTHING else None
        word_ended = self._end_word(observed, sign, shown, word_pause_seconds)

        confidence = reading.probability(sign) if sign else reading.likeliest[1]
        # One odd frame should not make the figure jump either.
        self._confidence = confidence if elapsed == 0 else self._confidence + (confidence - self._confidence) * 0.5
        shares = self._held.shares if committed else None
        return Belief(sign, self._confidence, self._progress(sign, hold_seconds), committed, word_ended, shares, unread)

    def _follow(self, observed: str | None, elapsed: float, shown: float, reading: Reading) -> None:
        """Hold on to what is believed, or give way to what has been seen instead for long enough."""
        if observed == self._believed:
            self._held_seconds += shown
            self._held.add(reading, shown)
            if not self._is_spent(observed):  # between two readings of a sign that is written, it was that sign, too
                self._doubt(self._challenger, self._challenging)
            self._challenging = Evidence()
            self._away_seconds, self._away_frames = 0.0, 0
            self._challenger = None
            return
        # What shows something else is taken off again, so that flicker between two signs commits neither.
        doubt = UNSURE_WEIGHT if observed is None else 1.0
        self._held_seconds = max(0.0, self._held_seconds - doubt * shown)
        self._away_seconds += elapsed
        self._away_frames += 1
        if observed == self._challenger:
            self._challenger_seconds += shown
        else:
            self._doubt(self._challenger, self._challenging)
            self._challenger, self._challenger_seconds, self._challenging = observed, 0.0, Evidence()
        self._challenging.add(reading, shown)
        patience = DISPLACE_UNSURE_SECONDS if observed is None else DISPLACE_SECONDS
        lone = self._away_frames < 2 and self._away_seconds < LONE_FRAME_SECONDS
        if self._believed is None or (self._away_seconds >= patience and not lone):
            # The challenger was already being held while it was doubted: that time is its own.
            self._doubt(self._believed, self._held)
            self._held, self._challenging = self._challenging, Evidence()
            self._believed, self._held_seconds = observed, self._challenger_seconds
            self._away_seconds, self._away_frames = 0.0, 0
            self._challenger = None

    def _doubt(self, sign: str | None, seen: Evidence) -> None:
        """Put aside what was seen of a sign that has gone: if it was not written, it may still have been meant."""
        if sign != NOTHING and not (sign is not None and self._is_spent(sign)):
            self._doubted.join(seen)

    def _unread(self, hold_seconds: float) -> Shares | None:
        """What was put aside, if it took a sign's time; from here on nothing is."""
        doubted, self._doubted = self._doubted, Evidence()
        least = max(UNREAD_SECONDS, UNREAD_HOLDS * hold_seconds)
        return doubted.shares if doubted.seconds >= least else None

    def _release(self, observed: str | None, elapsed: float) -> None:
        """Let a committed sign be committed again once it has gone unseen."""
        if self._is_spent(observed):
            self._unseen_seconds = 0.0
            return
        self._unseen_seconds += elapsed * (UNSURE_WEIGHT if observed is None else 1.0)
        if self._unseen_seconds >= RELEASE_SECONDS:
            if self._is_spent(self._believed):  # the bounce was short: the hold begins anew
                self._held_seconds = 0.0
            self._spent, self._alike = None, frozenset()

    def _is_spent(self, sign: str | None) -> bool:
        return sign == self._spent or sign in self._alike

    def _commit(self, sign: str | None, hold_seconds: float) -> str | None:
        # A sum of frame times falls a rounding error short of the pace.
        if sign is None or self._is_spent(sign) or self._away_frames or self._held_seconds < hold_seconds - 1e-6:
            return None
        self._spent, self._alike, self._unseen_seconds = sign, frozenset(), 0.0
        self._word_open = True
        return sign

    def _end_word(self, observed: str | None, sign: str | None, shown: float, word_pause_seconds: float) -> bool:
        if sign is not None:
            self._absent_seconds = 0.0
        elif observed == NOTHING:
            self._absent_seconds += shown
        if not self._word_open or self._absent_seconds < word_pause_seconds - 1e-6:
            return False
        self._word_open = False
        return True

    def _progress(self, sign: str | None, hold_seconds: float) -> float:
        if sign is None:
            return 0.0
        return 1.0 if self._is_spent(sign) else min(1.0, self._held_seconds / hold_seconds)

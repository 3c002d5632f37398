"""The bounce between two equal letters: a hand that keeps its shape, starts from rest, moves a little and rests again.

Signers double a letter by a small bounce or slide of the hand (Wikipedia: Fingerspelling). By its readings alone that
is one long hold. Places come from the tracker's joints, so that neither the crop nor its smoothing matters. Time is an
argument, in seconds; lengths are in palms (wrist to the middle finger's base), about eight centimetres.
"""

import math
from typing import NamedTuple

from webapp.core.motion import Joints, hand_size

PALM = [0, 5, 9, 13, 17]


class Move(NamedTuple):
    """A quick move from rest to rest that is no accident."""

    seconds: float
    """It takes no longer."""
    least: float
    """How far the palm goes at least."""
    rest: float
    """How far it may stray before and after."""


# A hand that is held drifts, trembles and is put right by less: of 282 steps of real hands, a tenth of a second apart, the
# largest is 0.12, and whoever sees them at other rates, 0.15. Where it is as still as can be before and after, a smaller
# move is none of these.
REST_MOVE, STILL_MOVE = 0.07, 0.04
# From frames that come more rarely nobody knows what the hand does.
LONGEST_STEP_SECONDS = 0.3
ONE_STEP_SECONDS = 0.15
MOVES = (Move(ONE_STEP_SECONDS, 0.16, REST_MOVE), Move(0.31, 0.35, REST_MOVE), Move(0.11, 0.12, STILL_MOVE))
LONGEST_MOVE_SECONDS = max(LONGEST_STEP_SECONDS, *(move.seconds for move in MOVES))
# From one frame to a next that comes later than that, palms a second.
LEAST_SPEED = 1.1
# What goes less far is no move of either kind.
LEAST_MOVE = min(LEAST_SPEED * ONE_STEP_SECONDS, *(move.least for move in MOVES))
# Further than this the hand is on its way somewhere.
MOST_MOVE = 2.0
# At least; a hand that waves rests no longer than two frames where it turns.
REST_SECONDS, REST_FRAMES = 0.2, 3
MOVING_SECONDS = 1.0
# More than any camera gives in that time: a clock that stands still must not fill the memory.
MOST_PLACES = 128


class Place(NamedTuple):
    """Where the palm was."""

    t: float
    x: float
    y: float
    size: float

    def distance(self, other: "Place") -> float:
        """In palms."""
        return math.hypot(self.x - other.x, self.y - other.y) / self.size


class BounceReader:
    """Follows one visitor's hand; feed it frame by frame with `step`."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget where the hand was."""
        self._places: list[Place] = []
        self._moved_at: float | None = None
        self._rest = REST_MOVE  # how far it may stray afterwards

    def step(self, t: float, joints: Joints | None) -> float | None:
        """Take one frame, captured at `t` seconds; if the hand has just come to rest after a bounce, say when that began.

        joints: as `motion.joints_as_signed` has them; None where no hand was found: then everything begins anew.
        """
        if joints is None or (self._places and not 0 <= t - self._places[-1].t <= LONGEST_STEP_SECONDS):
            self.reset()
        if joints is None:
            return None
        x, y, _ = zip(*[joints[place] for place in PALM], strict=True)
        here = Place(t, sum(x) / len(PALM), sum(y) / len(PALM), hand_size(joints))
        self._forget_before(t - REST_SECONDS - MOVING_SECONDS)
        self._places.append(here)
        if self._moved_at is None:
            self._begin_move(here)
            return None
        if not self._rested(here, self._rest):
            if t - self._moved_at > MOVING_SECONDS:
                self._moved_at = None
            return None
        start = self._moved_at
        self._moved_at = None
        return start

    def _forget_before(self, t: float) -> None:
        """Drop the places from before then, and those for which there is no room."""
        past = max(0, len(self._places) + 1 - MOST_PLACES)
        while past < len(self._places) and self._places[past].t < t:
            past += 1
        del self._places[:past]

    def _begin_move(self, here: Place) -> None:
        """Note when a quick move to here began, from rest, if there was one."""
        for number in reversed(range(len(self._places) - 1)):
            place = self._places[number]
            takes, far = here.t - place.t, place.distance(here)
            if takes > LONGEST_MOVE_SECONDS:
                return
            if not LEAST_MOVE <= far <= MOST_MOVE:
                continue
            rests = [move.rest for move in MOVES if takes <= move.seconds and far >= move.least]
            is_last = number == len(self._places) - 2
            if is_last and far >= LEAST_SPEED * takes and takes > ONE_STEP_SECONDS:
                rests.append(REST_MOVE)
            if rests and self._rested(place, max(rests)):
                self._moved_at, self._rest = place.t, max(rests)
                return

    def _rested(self, at: Place, rest: float) -> bool:
        """Whether the hand had been at rest for a while at one of its places, straying no further."""
        until = [place for place in self._places if place.t <= at.t]
        # The frames of that time and the one before them: uneven ones may leave most of the time to the step between.
        recent = sum(place.t > at.t - REST_SECONDS + 1e-6 for place in until) + 1
        before = until[-max(recent, REST_FRAMES) :]
        return len(before) >= REST_FRAMES and all(place.distance(at) <= rest for place in before)

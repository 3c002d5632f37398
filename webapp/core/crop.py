"""Steadies the square that is cut out of a live picture, so that it follows the hand and does not tremble.

A one-euro filter (Casiez, Roussel, Vogel: "1 € Filter", CHI 2012): the faster the square moves, the less it is
smoothed. Time is an argument, so a slow camera and a fast one are steadied alike. No picture, no clock.
static/js/tracker/crop.js is the same in the browser's language.
"""

import math
from dataclasses import dataclass

from webapp.core.hands import Square

_STILL_CUTOFF_HZ = 1.2
_CUTOFF_HZ_PER_SPEED = 4.0  # speed in sides a second
_SPEED_CUTOFF_HZ = 2.0
# A hand seen again after so long, or so far away, is followed at once.
_FORGET_SECONDS = 0.5
_JUMP_SIDES = 0.6


@dataclass(frozen=True)
class _State:
    time: float
    values: tuple[float, float, float]  # centre_x, centre_y in pixels, logarithm of the side
    speeds: tuple[float, float, float]  # in sides a second; of the logarithm, in units a second


class SteadySquare:
    """One-euro filter over the centre and the side of a square."""

    def __init__(self) -> None:
        self._state: _State | None = None

    def step(self, square: Square, time: float) -> Square:
        """The steadied square at `time` (seconds, of any clock that does not run backwards)."""
        now = (square.centre_x, square.centre_y, math.log(square.side))
        old = self._state
        if old is None or not 0 <= time - old.time <= _FORGET_SECONDS or _jumped(old.values, now, square.side):
            self._state = _State(time, now, (0.0, 0.0, 0.0))
            return square
        seconds = time - old.time
        if seconds == 0:
            return _square(old.values)
        units = (square.side, square.side, 1.0)
        values, speeds = [], []
        for before, after, speed_before, unit in zip(old.values, now, old.speeds, units, strict=True):
            speed = (after - before) / unit / seconds
            speed = speed_before + _share(_SPEED_CUTOFF_HZ, seconds) * (speed - speed_before)
            cutoff = _STILL_CUTOFF_HZ + _CUTOFF_HZ_PER_SPEED * abs(speed)
            values.append(before + _share(cutoff, seconds) * (after - before))
            speeds.append(speed)
        self._state = _State(time, (values[0], values[1], values[2]), (speeds[0], speeds[1], speeds[2]))
        return _square(self._state.values)

    def reset(self) -> None:
        """Forget the past: the next square is taken as it is."""
        self._state = None


def _square(values: tuple[float, float, float]) -> Square:
    return Square(values[0], values[1], math.exp(values[2]))


def _jumped(old: tuple[float, float, float], new: tuple[float, float, float], side: float) -> bool:
    return math.hypot(new[0] - old[0], new[1] - old[1]) > _JUMP_SIDES * side


def _share(cutoff_hz: float, seconds: float) -> float:
    """How much of the way to a new value a low pass of first order goes in so many seconds."""
    return 1 / (1 + 1 / (2 * math.pi * cutoff_hz * seconds))

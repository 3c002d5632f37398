"""J and Z, which are drawn: read from the path of a fingertip, not from a pose.

J is the hand of I whose little finger draws the letter: down, then in a hook towards the thumb's side and up, while
the palm turns from the viewer to the signer. Z is drawn by the index finger alone: across, slanting back down, across.
A right hand draws both as the signer sees them written; a left hand draws their mirror image, which is what the
viewer sees written (Wikipedia: American manual alphabet; Lapiak: handspeak.com, J). The camera looks from the viewer's
side. So in its unmirrored picture a right hand's J hooks to the right and its Z begins to the left: a right hand's
path is turned over, a left hand's is taken as it is.

Paths are compared as unistroke recognisers do it (Wobbrock, Wilson and Li: the $1 recogniser, UIST 2007): resampled
to equal steps, so that speed does not matter, scaled to unit length, and turned by the best angle in closed form (Li:
Protractor, CHI 2010), but by no more than a hand tilts. What is compared are the steps, not the places: by their
places a straight line is already like a J. Time is an argument, in seconds; lengths are in units of the hand.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from webapp.core.stabiliser import LONGEST_STEP_SECONDS

Array = npt.NDArray[np.float64]
Joints = Sequence[Sequence[float]]
"""x, y and z of the 21 joints. Every frame of every visitor brings some: plain numbers are far cheaper than such small arrays."""

WRIST, MIDDLE_BASE = 0, 9
# The landmarks of each finger from base to tip, the thumb left out.
FINGERS = ((5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20))
INDEX, LITTLE = 0, 3

# Tip to base as a share of the bones between. Of the tracked pictures of 43 signers 0.96 of I, 0.95 of J, 0.93 of Z and
# 0.90 of D pass as the hand that draws, as do Y beside I and G, L, Q and some X beside D; hardly any other letter does.
_STRAIGHT = 0.9
_BENT = 0.85
# A hand out of sight, or of another shape, for longer than this has lifted the pen.
_PEN_UP_SECONDS = 0.45
# What moves the tip by less is the tracker's trembling.
_TREMBLE = 0.06
_SHORTEST_SECONDS, _LONGEST_SECONDS = 0.25, 2.2
_SMALLEST, _LARGEST = 0.6, 6.0  # the path's diagonal
_SHORTEST = 0.9  # the path's length
# No fingertip gets further between two frames: it is another hand's.
_JUMP = 3.0
_LEAST_SCORE = 0.92
# A sign begins and ends at rest, or where the finger is put out or drawn in: within this time the tip has gone no
# further than this. What is like a J on the way round a circle is none.
_REST_SECONDS = 0.12
_REST = 0.3
# A path that was like the beginning of a sign so short a time ago may become that sign.
_DRAWING_SECONDS = 0.25
_SHORTEST_BEGINNING = 0.25
# How far the hand goes from a sign's end before its pose may mean something new.
_MOVED_ON = 0.5
_STEPS = 24
_EVENLY = np.linspace(0, 1, _STEPS + 1)
# More than any camera gives in that time: a clock that stands still must not fill the memory.
_MOST_POINTS = 256
_MOST_TILT = np.radians(25)


@dataclass(frozen=True)
class DrawnSign:
    """A sign that is drawn, as its signer sees it written: x to the right, y down."""

    sign: str
    finger: int
    """The finger that draws; it alone is straight."""
    alike: frozenset[str]
    """The still signs that the hand may be taken for while it draws."""
    templates: Array
    """Paths of the sign as `steps` has them.  # (templates, STEPS, 2)"""
    fits: Callable[[Array], bool]
    """Whether a path, from its first point to its last, has the proportions too.  # (n, 2)"""
    beginnings: Array
    """Parts of those paths, each from the start.  # (beginnings, STEPS, 2)"""


def steps(path: npt.ArrayLike) -> Array:
    """A path cut into equal steps along its length, scaled to a norm of 1.  # (n, 2) -> (STEPS, 2)

    The path must have a length.
    """
    places = np.asarray(path, np.float64)
    cut: Array = _steps_from(places, _along(places), np.array([0]))[0]
    return cut


def _steps_from(path: Array, along: Array, starts: npt.NDArray[np.int_]) -> Array:
    """The steps from each of `starts` to the path's end.  # (n, 2), (n,) as `_along` has it, (k,) -> (k, STEPS, 2)"""
    begins = along[starts, None]
    places = begins + (along[-1] - begins) * _EVENLY
    difference = np.empty((len(starts), _STEPS, 2))
    for axis in (0, 1):
        cut = np.interp(places, along, path[:, axis])
        difference[..., axis] = cut[:, 1:] - cut[:, :-1]
    norm = np.sqrt(np.einsum("ksc,ksc->k", difference, difference))
    # None, where a path goes to and fro between two points.
    return np.asarray(difference / np.maximum(norm, 1e-9)[:, None, None])


def _along(path: Array) -> Array:
    """How long the path is up to each of its points.  # (n, 2) -> (n,)"""
    along = np.zeros(len(path))
    difference = path[1:] - path[:-1]
    np.cumsum(np.hypot(difference[:, 0], difference[:, 1]), out=along[1:])
    return along


def similarity(paths: Array, templates: Array) -> Array:
    """How alike they are when turned towards each other, at most 1.  # (k, STEPS, 2), (m, STEPS, 2) -> (k, m)"""
    dot = np.einsum("ksc,msc->km", paths, templates)
    cross = np.einsum("ks,ms->km", paths[..., 0], templates[..., 1])
    cross -= np.einsum("ks,ms->km", paths[..., 1], templates[..., 0])
    turn = np.clip(np.arctan2(cross, dot), -_MOST_TILT, _MOST_TILT)
    return np.asarray(dot * np.cos(turn) + cross * np.sin(turn))


def _hook(stem: float, width: float, start: float = 0.0) -> Array:
    """A stem that runs into an arc to the left and up again; the arc begins at `start` degrees (0: straight below)."""
    angle = np.radians(np.linspace(start, 165, 24))
    arc = np.column_stack([width / 2 * np.cos(angle), 0.5 * np.sin(angle)])
    return steps(np.vstack([arc[:1] - [0, stem], arc]) if stem else arc)


def _zigzag(top: float, bottom: float, height: float) -> Array:
    return steps([(0, 0), (top, 0), (0, height), (bottom, height)])


def _beginnings(templates: Array) -> Array:
    parts = [steps(np.cumsum(each[:count], axis=0)) for each in templates for count in range(5, _STEPS, 3)]
    return np.stack(parts)


def _is_hook(path: Array) -> bool:
    """It comes up again, but not all the way, and not where it went down: that is a hand lowered and raised."""
    x, y = path.T
    height = np.ptp(y)
    rise = y.max() - y[-1]
    area = (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2
    return bool(0.05 * height <= rise <= 0.75 * height and area >= 0.12 * height**2)


def _is_zigzag(path: Array) -> bool:
    """It is no flat one: that is a hand waved."""
    width, height = np.ptp(path, axis=0)
    return bool(height >= 0.35 * width)


# From a printed J to the scoop of a hand that only turns at the wrist.
_HOOKS = np.stack([_hook(1.6, 0.6), _hook(1.2, 0.6), _hook(1.0, 0.9), _hook(0.0, 0.8, start=-55)])
_ZIGZAGS = np.stack([_zigzag(a, b, h) for a, b in ((1, 1), (0.6, 1), (1, 0.6)) for h in (0.65, 1, 1.5)])

DRAWN_SIGNS = (
    DrawnSign("J", LITTLE, frozenset("IJ"), _HOOKS, _is_hook, _beginnings(_HOOKS)),
    DrawnSign("Z", INDEX, frozenset("DGXZ"), _ZIGZAGS, _is_zigzag, _beginnings(_ZIGZAGS)),
)


def joints_as_signed(landmarks: Sequence[float], crop: tuple[float, float, float], left_hand: bool) -> Joints:
    """A frame's joints in units of the picture's height, in the view in which the signer's letters read as written.

    landmarks: (63,), x, y in fractions of the crop and z in the same scale; crop: its centre x, centre y and side; both
    of the unmirrored picture. Returns (21, 3): x to the right, y down.
    """
    x, y, side = crop
    left, top = x - side / 2, y - side / 2
    if not left_hand:
        left = -left
    width = side if left_hand else -side
    return [
        (width * across + left, side * down + top, side * depth)
        for across, down, depth in zip(landmarks[::3], landmarks[1::3], landmarks[2::3], strict=True)
    ]


def straight_finger(joints: Joints) -> int | None:
    """The finger that alone is straight, counted from the index finger (0), the thumb apart."""
    found = None
    for finger, places in enumerate(FINGERS):
        base, first, second, tip = [joints[place] for place in places]
        bones = math.dist(base, first) + math.dist(first, second) + math.dist(second, tip)
        reach = math.dist(base, tip)
        if reach > _BENT * bones:
            if found is not None or reach < _STRAIGHT * bones:
                return None
            found = finger
    return found


def hand_size(joints: Joints) -> float:
    """From the wrist to the middle finger's base; above 0."""
    return max(math.dist(joints[MIDDLE_BASE], joints[WRIST]), 1e-6)


class Point(NamedTuple):
    """Where a fingertip was, as the signer sees it, and the hand's size."""

    t: float
    x: float
    y: float
    size: float

    @classmethod
    def of(cls, t: float, joints: Joints, finger: int) -> "Point":
        """A finger's tip."""
        x, y, _ = joints[FINGERS[finger][-1]]
        return cls(t, x, y, hand_size(joints))

    def distance(self, other: "Point") -> float:
        """In sizes of the hand."""
        return math.hypot(self.x - other.x, self.y - other.y) / self.size


class _Pen:
    """Follows one finger for one sign."""

    def __init__(self, drawn: DrawnSign) -> None:
        self.drawn = drawn
        self.reset()

    def reset(self) -> None:
        self._end: Point | None = None  # of the sign last drawn
        self.elsewhere = False  # than at that end
        self._lift()

    def _lift(self) -> None:
        self._path: list[Point] = []  # each with the time when the tip left it
        self._begun: Point | None = None  # where the path was last like a beginning of the sign
        self._found: Point | None = None  # where it was last like the sign

    @property
    def drawing(self) -> bool:
        return self._begun is not None or self._found is not None

    def step(self, t: float, tip: Point | None) -> bool:
        """Take the fingertip, None where this finger does not draw; say whether the sign has just been drawn."""
        if tip:
            self._follow(tip)
        if self._found and t - self._found.t >= _REST_SECONDS:
            self._end, self.elsewhere = self._path[-1], False
            self._lift()
            return True
        if self._begun and t - self._begun.t >= _DRAWING_SECONDS:
            self._begun = None
        if self._path and t - self._path[-1].t > _PEN_UP_SECONDS:
            self._lift()
        return False

    def _follow(self, tip: Point) -> None:
        last = self._path[-1] if self._path else tip
        if tip.distance(last) > _JUMP:
            self._lift()
        elif self._path and tip.distance(last) < _TREMBLE:
            self._path[-1] = last._replace(t=tip.t)
            return
        self.elsewhere = self._end is not None and tip.distance(self._end) > _MOVED_ON
        recent = [point for point in self._path if point.t >= tip.t - _LONGEST_SECONDS]
        self._path = [*recent[1 - _MOST_POINTS :], tip]
        size = median([point.size for point in self._path])
        # A hand held still goes nowhere, and is seen far more often than one that draws.
        cuts = _Cuts.of(self._path, size) if self._length() >= _SHORTEST_BEGINNING * size else None
        if cuts and self._is_sign(cuts):
            self._found = tip
        elif self._found and tip.distance(self._found) > _REST:
            self._found = None
        if cuts and (self.elsewhere or not self._end) and self._is_beginning(cuts):
            self._begun = tip

    def _length(self) -> float:
        """The path's, in units of the picture's height."""
        return sum(math.hypot(to.x - at.x, to.y - at.y) for at, to in pairwise(self._path))

    def _is_sign(self, cuts: "_Cuts") -> bool:
        """Whether the path ends with the sign, wherever that may begin."""
        whole = cuts.lengths >= _SHORTEST
        if not whole.any():
            return False
        scores = similarity(cuts.steps[whole], self.drawn.templates).max(axis=1)
        if scores.max() < _LEAST_SCORE:
            return False
        start = cuts.starts[whole][np.argmax(scores)]
        drawn = cuts.places[start:]
        size = np.linalg.norm(np.ptp(drawn, axis=0))
        takes_time = cuts.times[-1] - cuts.times[start] >= _SHORTEST_SECONDS
        return bool(takes_time and _SMALLEST <= size <= _LARGEST and self.drawn.fits(drawn))

    def _is_beginning(self, cuts: "_Cuts") -> bool:
        return len(cuts.starts) > 0 and bool(similarity(cuts.steps, self.drawn.beginnings).max() >= _LEAST_SCORE)


class _Cuts(NamedTuple):
    """A path's last parts, each from a point where a sign or the beginning of one may start: at rest and far enough ago."""

    times: Array  # (n,), of the whole path
    places: Array  # (n, 2), in sizes of the hand
    starts: npt.NDArray[np.int_]  # (k,)
    lengths: Array  # (k,)
    steps: Array  # (k, STEPS, 2)

    @classmethod
    def of(cls, points: Sequence[Point], size: float) -> "_Cuts":
        """Of a path, by a hand of that size."""
        path = np.array(points)
        times, places = path[:, 0], path[:, 1:3] / size
        along = _along(places)
        before = along - np.interp(times - _REST_SECONDS, times, along)
        starts = np.flatnonzero((along[-1] - along >= _SHORTEST_BEGINNING) & (before <= _REST))
        return cls(times, places, starts, along[-1] - along[starts], _steps_from(places, along, starts))


class PathReader:
    """Follows one visitor's hand; feed it frame by frame with `step`."""

    def __init__(self) -> None:
        self._pens = [_Pen(drawn) for drawn in DRAWN_SIGNS]
        self._last_t = -math.inf

    def reset(self) -> None:
        """Forget what has been drawn so far."""
        for pen in self._pens:
            pen.reset()

    @property
    def drawing(self) -> frozenset[str]:
        """What the hand may be taken for while it may be drawing, as just now: none of that is being held."""
        return frozenset().union(*(pen.drawn.alike for pen in self._pens if pen.drawing))

    @property
    def elsewhere(self) -> bool:
        """Whether the hand has gone from where the last sign ended: then its pose may mean something again."""
        return any(pen.elsewhere for pen in self._pens)

    def step(self, t: float, joints: Joints | None, signs: Collection[str]) -> DrawnSign | None:
        """Take one frame, captured at `t` seconds, and say which of `signs` has just been drawn.

        joints: as `joints_as_signed` has them; None where no hand was found. Where `t` goes back, or on
        by more than a second, the path begins anew.
        """
        if not 0 <= t - self._last_t <= LONGEST_STEP_SECONDS:
            self.reset()
        self._last_t = t
        finger = None if joints is None else straight_finger(joints)
        tip = None if joints is None or finger is None else Point.of(t, joints, finger)
        done = None
        for pen in self._pens:
            drawing = finger == pen.drawn.finger and pen.drawn.sign in signs
            if pen.step(t, tip if drawing else None):
                done = pen
        if done is None:
            return None
        for pen in self._pens:
            if pen is not done:
                pen.reset()  # where the sign before this one ended matters no more
        return done.drawn

"""A pose drawn as a hand: a palm with its wrist, five fingers with round ends, the nearer over the farther.

Pure geometry: joints in, paths of SVG out. A finger is a tube round its joints; where it folds back it becomes two, so
that the part before the palm can lie over the part behind. Lengths are in palms until the very end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from training.hints import FOLDED, STRAIGHT, Hint

Points = npt.NDArray[np.float64]

WRIST, INDEX_BASE, MIDDLE_BASE, LITTLE_BASE = 0, 5, 9, 17
THUMB = "thumb"
# Joints from the base to the tip, and the radii there: a hand's proportions, a little stouter than life, so that the last row
# can read them.
FINGERS: dict[str, tuple[tuple[int, ...], tuple[float, ...]]] = {
    THUMB: ((1, 2, 3, 4), (0.14, 0.15, 0.136, 0.116)),
    "index": ((5, 6, 7, 8), (0.14, 0.134, 0.128, 0.112)),
    "middle": ((9, 10, 11, 12), (0.142, 0.136, 0.13, 0.114)),
    "ring": ((13, 14, 15, 16), (0.138, 0.132, 0.126, 0.11)),
    "little": ((17, 18, 19, 20), (0.126, 0.116, 0.11, 0.096)),
}
# A bend sharper than this, as it is seen, parts a finger in two.
_FOLD = np.radians(85)
_ACROSS = np.radians(45)
_STEPS = 5
_CAP = 12
# The edges begin at once along the side of the hand, and later where fingers stand side by side.
_OPEN = {THUMB: (0, _STEPS), "index": (0, 1), "little": (1, 0)}
_WRIST_HALF = 0.27
_FOREARM = 0.25


# The picture of every sign has this size, and a palm this length in it, so that all hands are of one size.
WIDTH, HEIGHT = 240, 260
PALM_LENGTH = 84
_MARGIN = 8
# Hands that point up stand on one line, whatever their fingers do.
_UPRIGHT = (60, 120)


@dataclass(frozen=True)
class Piece:
    """One tube, or the palm: what is filled, what is drawn along its edge, and how far away it is."""

    name: str
    fill: str
    edge: str
    depth: float
    front: bool = False
    """Whether it is the part of a folded finger that lies before the palm."""
    whole: bool = False
    """Whether it is all of its finger."""


def posed(points: Points, hint: Hint) -> Points:
    """A pose turned as it is held up, with what its hint puts right."""
    turned = _turned(points, np.radians(hint.axis))
    upright = _turned(points, np.pi / 2)
    moved = dict(hint.joints)
    for template, names in ((FOLDED, hint.folded), (STRAIGHT, hint.straight)):
        for name in names.split():
            moved = {**dict(zip(FINGERS[name][0], template[name], strict=True)), **moved}
    if not moved:
        return turned
    for joint, place in moved.items():
        upright[joint, :2] = place
    return _turned(upright, np.radians(hint.axis))


def _turned(points: Points, axis: float) -> Points:
    """The pose with its palm pointing where `axis` says, in radians from the right, anticlockwise."""
    along = points[[5, 9, 13, 17], :2].mean(axis=0) - points[WRIST, :2]
    angle = axis - np.arctan2(-along[1], along[0])
    cos, sin = np.cos(angle), np.sin(angle)
    turned = points.copy()
    turned[:, :2] = points[:, :2] @ np.array([[cos, -sin], [sin, cos]])
    return turned


def symbol(sign: str, points: Points, hint: Hint) -> str:
    """The drawing of a sign as an SVG symbol, `#hand-A`. The classes of its paths are coloured by static/css/hands.css."""
    placed = _placed(posed(points, hint), hint)
    drawn = []
    for part in pieces(placed / PALM_LENGTH, hint.over.split()):
        if part.fill == part.edge:
            drawn.append(f'<path class="{"near" if part.front else "skin"} line" d="{part.fill}"/>')
        else:
            drawn.append(f'<path class="skin" d="{part.fill}"/><path class="line" d="{part.edge}"/>')
    if hint.stroke:
        drawn.append(f'<path class="way-under" d="{hint.stroke}"/><path class="way" d="{hint.stroke}"/>')
    return f'<symbol id="hand-{sign}" viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(drawn)}</symbol>'


def _placed(points: Points, hint: Hint) -> Points:
    """The pose where it stands in its picture, in the picture's units."""
    scaled = points * PALM_LENGTH
    reach = 0.15 * PALM_LENGTH
    low, high = scaled[:, :2].min(axis=0) - reach, scaled[:, :2].max(axis=0) + reach
    moved = np.array([WIDTH, HEIGHT]) / 2 - (low + high) / 2
    if _UPRIGHT[0] < hint.axis < _UPRIGHT[1]:
        foot = scaled[WRIST, 1] + (_FOREARM + _WRIST_HALF) * PALM_LENGTH
        moved[1] = HEIGHT - _MARGIN - foot
    scaled[:, :2] += moved + np.array(hint.shift)
    return scaled


def pieces(points: Points, over: Sequence[str] = ()) -> list[Piece]:
    """What a pose in lengths of the palm is drawn of, the farthest first. The paths are in the units of the picture.

    The front pieces of the fingers in `over` lie over all others, in that order.
    """
    parts = [_palm(points)]
    for name, (joints, radii) in FINGERS.items():
        parts += _finger(name, points[list(joints)], np.array(radii))

    def nearness(part: Piece) -> tuple[float, float]:
        rank = over.index(part.name) + 1 if part.name in over and (part.front or part.whole) else 0
        return rank + (0.5 if part.front else 0.0), -part.depth

    return sorted(parts, key=nearness)


def _palm(points: Points) -> Piece:
    flat = points[:, :2]
    along = flat[WRIST] - flat[[5, 9, 13, 17]].mean(axis=0)
    along /= np.linalg.norm(along)
    across = np.array([-along[1], along[0]])
    sides = [flat[WRIST] + across * (_WRIST_HALF - 0.1), flat[WRIST] - across * (_WRIST_HALF - 0.1)]
    round_ = [
        *((flat[base], 0.142) for base in (5, 9, 13)),
        (flat[17], 0.128),
        *((side, 0.1) for side in sides),
        (flat[1], 0.15),
    ]
    circle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    ring = np.column_stack([np.cos(circle), np.sin(circle)])
    dots = np.vstack([centre + radius * ring for centre, radius in round_])
    hull = cv2.convexHull(dots.astype(np.float32))[:, 0].astype(np.float64)
    start, end = flat[WRIST] - along * 0.1, flat[WRIST] + along * _FOREARM
    arm = _tube(np.array([start, end]), np.array([_WRIST_HALF, _WRIST_HALF * 0.93]))
    both = f"{_closed(_clockwise(hull))}{_closed(_clockwise(arm))}"
    return Piece("palm", both, both, 0.02)


def _clockwise(outline: Points) -> Points:
    """Outlines that run the same way are filled as one."""
    x, y = outline.T
    area = (x * np.roll(y, -1) - y * np.roll(x, -1)).sum()
    return outline if area > 0 else outline[::-1]


def _finger(name: str, joints: Points, radii: npt.NDArray[np.float64]) -> list[Piece]:
    """The finger's tubes; the first of them is open towards the palm."""
    cuts = [0, *(place for place in (1, 2) if name != THUMB and _bend(joints[:, :2], place) > _FOLD), len(joints) - 1]
    found = []
    for first, last in pairwise(cuts):
        part, width = joints[first : last + 1], radii[first : last + 1]
        line, along = _smooth(part, width)
        outline = _tube(line[:, :2], along)
        depth = float(part[1:, 2].mean()) if first == 0 else float(part[:, 2].mean())
        fill = _closed(outline)
        edge = _open(line[:, :2], along, _begins(name, joints[:, :2])) if first == 0 else fill
        found.append(Piece(name, fill, edge, depth, first > 0, len(cuts) == 2))
    return found


def _begins(name: str, flat: Points) -> tuple[int, int]:
    """Where the left and the right edge of a finger begin, in steps from its base."""
    left, right = _OPEN.get(name, (2, 2))
    # Within a thumb that is laid across the hand its inner edge would cross itself.
    return left, 2 * _STEPS - 1 if name == THUMB and max(_bend(flat, 1), _bend(flat, 2)) > _ACROSS else right


def _bend(flat: Points, place: int) -> float:
    before, after = flat[place] - flat[place - 1], flat[place + 1] - flat[place]
    cross = before[0] * after[1] - before[1] * after[0]
    return float(abs(np.arctan2(cross, before @ after)))


def _smooth(joints: Points, radii: npt.NDArray[np.float64]) -> tuple[Points, npt.NDArray[np.float64]]:
    """A curve through the joints (Catmull and Rom's spline), and the radius at each of its points."""
    if len(joints) == 2:
        share = np.linspace(0, 1, _STEPS)[:, None]
        return joints[0] * (1 - share) + joints[1] * share, np.interp(share[:, 0], [0, 1], radii)
    padded = np.vstack([2 * joints[0] - joints[1], joints, 2 * joints[-1] - joints[-2]])
    line = []
    for place in range(1, len(joints)):
        a, b, c, d = padded[place - 1 : place + 3]
        for t in np.linspace(0, 1, _STEPS, endpoint=place == len(joints) - 1):
            line.append(
                0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
            )
    places = np.linspace(0, len(joints) - 1, len(line))
    return np.array(line), np.interp(places, np.arange(len(joints)), radii)


def _sides(line: Points, radii: npt.NDArray[np.float64]) -> tuple[Points, Points, Points, Points]:
    """The two sides of a tube and the round caps at its start and end, all in the order of one walk round it."""
    tangent = np.gradient(line, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    left, right = line + normal * radii[:, None], line - normal * radii[:, None]

    def cap(at: int, way: float) -> Points:
        angle = np.linspace(np.pi / 2, -np.pi / 2, _CAP)[1:-1, None]
        return line[at] + radii[at] * (np.cos(angle) * tangent[at] * way + np.sin(angle) * normal[at] * way)

    return left, cap(-1, 1.0), right[::-1], cap(0, -1.0)


def _tube(line: Points, radii: npt.NDArray[np.float64]) -> Points:
    return np.vstack(_sides(line, radii))


def _open(line: Points, radii: npt.NDArray[np.float64], skip: tuple[int, int]) -> str:
    left, tip, right, _ = _sides(line, radii)
    return _path(np.vstack([left[skip[0] :], tip, right[: len(right) - skip[1]]]))


def _closed(outline: Points) -> str:
    return _path(outline) + "Z"


def _path(outline: Points) -> str:
    """Relative steps, in tenths: half as long as places would be."""
    tenths = np.rint(outline * PALM_LENGTH * 10).astype(int)
    steps = [(x, y) for x, y in np.diff(tenths, axis=0).tolist() if x or y]
    return f"M{_pair(*tenths[0].tolist())}l" + " ".join(_pair(x, y) for x, y in steps)


def _pair(x: int, y: int) -> str:
    return f"{x / 10:g}{'' if y < 0 else ' '}{y / 10:g}"

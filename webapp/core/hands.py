"""Where a hand is: the arithmetic between MediaPipe's hand models, and the square that is cut out for reading.

Pure numpy: no model, no picture and no clock. The steps and their numbers are those of MediaPipe's published graphs
(palm_detection_cpu, palm_detection_detection_to_roi, hand_landmark_landmarks_to_roi; Apache-2.0), so that the
landmarks are the ones that the world's data sets were made with. static/js/tracker/geometry.js is the same in the
browser's language; a test holds the two to each other on the same pictures.

Everything is in pixels of one picture, x to the right, y down; angles are radians, clockwise as one looks at it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

LANDMARKS = 21
LANDMARK_ROW = 3 * LANDMARKS + 1
WRIST, INDEX_BASE, MIDDLE_BASE, RING_BASE = 0, 5, 9, 13
PALM_INPUT_PX = 192
LANDMARK_INPUT_PX = 224
MIN_PALM_SCORE = 0.5
MIN_PRESENCE = 0.5
CROP_MARGIN = 1.5
"""Side of the square that is read, in larger sides of the landmarks' box."""

_STRIDES_AND_ANCHORS = ((8, 2), (16, 6))  # cells of so many pixels, so many anchors in each
_NMS_IOU = 0.3
_SCORE_CLIP = 100.0
_PALM_POINTS = 7
_PALM_WRIST, _PALM_MIDDLE_BASE = 0, 2
# The bones of the palm and the first finger joints: fingertips move too fast to say where the hand will be.
_STEADY_LANDMARKS = np.array([0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18])
# How the landmark model's depth compares with its width.
_DEPTH_SCALE = 0.4
_LARGEST_CROP = 2.0  # in longer sides of the picture


@dataclass(frozen=True)
class Square:
    """A square in a picture, perhaps turned. It may reach beyond the edges."""

    centre_x: float
    centre_y: float
    side: float
    rotation: float = 0.0


@dataclass(frozen=True)
class Palm:
    """A palm as the detector gives it, in the pixels of the picture it was looked for in."""

    score: float
    box: Array
    """Left, top, right, bottom.  # (4,)"""
    points: Array
    """Wrist, base of index, middle, ring and little finger, and the thumb's two joints.  # (7, 2)"""


@dataclass(frozen=True)
class Hand:
    """A hand found in a picture."""

    landmarks: Array
    """x and y in pixels of the picture, z in the scale of x.  # (21, 3)"""
    presence: float
    """How surely this is a hand, 0..1."""
    left_score: float
    """The model's score for its word "Left", 0..1. It thinks of a mirror: in an unmirrored picture this is a right hand."""

    @property
    def left_hand(self) -> bool:
        """Whether this is a left hand, if the picture is not mirrored."""
        return self.left_score < 0.5

    @property
    def square(self) -> Square:
        """The square to cut out for reading."""
        return hand_square(self.landmarks[:, :2])


@dataclass(frozen=True)
class Followed:
    """What one live frame gave."""

    hand: Hand
    left_hand: bool
    """Whether it is a left hand, steadied over time: the models waver on a single frame of a fist."""
    square: Square
    """The square to cut out, steadied over time."""


# --- palms --------------------------------------------------------------------------------------------------------


def palm_anchors() -> Array:
    """Centres of the detector's anchors as fractions of its input, in its order.  # (2016, 2)"""
    layers = []
    for stride, count in _STRIDES_AND_ANCHORS:
        cells = PALM_INPUT_PX // stride
        centres = (np.arange(cells) + 0.5) / cells
        grid = np.stack(np.meshgrid(centres, centres), axis=-1).reshape(-1, 2)
        layers.append(np.repeat(grid, count, axis=0))
    return np.concatenate(layers)


def decode_palms(
    raw_boxes: npt.NDArray[np.floating],
    raw_scores: npt.NDArray[np.floating],
    anchors: Array,
    region: Square,
    min_score: float = MIN_PALM_SCORE,
) -> list[Palm]:
    """The detector's outputs as palms, best first, overlapping ones merged.

    raw_boxes: (2016, 18), raw_scores: (2016,), both as the model gives them for the upright square `region`.
    """
    scores = 1 / (1 + np.exp(-np.clip(raw_scores.astype(np.float64), -_SCORE_CLIP, _SCORE_CLIP)))
    kept = np.flatnonzero(scores >= min_score)
    raw = raw_boxes[kept].astype(np.float64).reshape(-1, 2 + _PALM_POINTS, 2) / PALM_INPUT_PX
    # Each row: centre, size and seven points, all but the size relative to the anchor.
    places = raw + anchors[kept, None]
    half = raw[:, 1] / 2
    corner = np.array([region.centre_x, region.centre_y]) - region.side / 2
    boxes = np.concatenate([places[:, 0] - half, places[:, 0] + half], axis=1) * region.side + np.tile(corner, 2)
    points = places[:, 2:] * region.side + corner
    return merge_palms([Palm(float(scores[at]), boxes[row], points[row]) for row, at in enumerate(kept)])


def merge_palms(palms: Sequence[Palm]) -> list[Palm]:
    """Weighted non-maximum suppression: each group that overlaps its best one becomes its mean, weighted by score."""
    waiting = sorted(palms, key=lambda palm: -palm.score)
    merged = []
    while waiting:
        best = waiting[0]
        group = [palm for palm in waiting if palm is best or _overlap(best.box, palm.box) > _NMS_IOU]
        weights = np.array([palm.score for palm in group]) / sum(palm.score for palm in group)
        merged.append(
            Palm(
                best.score,
                np.tensordot(weights, [palm.box for palm in group], 1),
                np.tensordot(weights, [palm.points for palm in group], 1),
            )
        )
        taken = {id(palm) for palm in group}
        waiting = [palm for palm in waiting if id(palm) not in taken]
    return merged


def _overlap(a: Array, b: Array) -> float:
    """Intersection over union of two boxes."""
    inner = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    if (inner <= 0).any():
        return 0.0
    shared = float(inner.prod())
    return shared / (float((a[2:] - a[:2]).prod()) + float((b[2:] - b[:2]).prod()) - shared)


# --- squares ------------------------------------------------------------------------------------------------------


def square_of_palm(palm: Palm) -> Square:
    """Where the whole hand must be: turned until the palm's middle line points up, moved towards the fingers."""
    size = palm.box[2:] - palm.box[:2]
    centre = palm.box[:2] + size / 2
    rotation = _upright(palm.points[_PALM_MIDDLE_BASE] - palm.points[_PALM_WRIST])
    return _grown(centre, size, rotation, scale=2.6, shift=-0.5)


def square_of_landmarks(points: npt.NDArray[np.floating]) -> Square:
    """Where the hand will be in the next frame, from where its landmarks are in this one.  # points: (21, 2)"""
    points = points.astype(np.float64)
    fingers = ((points[INDEX_BASE] + points[RING_BASE]) / 2 + points[MIDDLE_BASE]) / 2
    rotation = _upright(fingers - points[WRIST])
    steady = points[_STEADY_LANDMARKS]
    middle = (steady.min(axis=0) + steady.max(axis=0)) / 2
    turned = (steady - middle) @ _turn(-rotation).T
    low, high = turned.min(axis=0), turned.max(axis=0)
    centre = middle + _turn(rotation) @ ((low + high) / 2)
    return _grown(centre, high - low, rotation, scale=2.0, shift=-0.1)


def hand_square(points: npt.NDArray[np.floating], margin: float = CROP_MARGIN) -> Square:
    """The upright square round a hand's landmarks that is cut out for reading.  # points: (21, 2)"""
    low, high = points.min(axis=0), points.max(axis=0)
    centre = (low + high) / 2
    return Square(float(centre[0]), float(centre[1]), float(margin * (high - low).max()))


def clamp_square(square: Square, width: int, height: int) -> Square:
    """The square with its centre in the picture and not absurdly large.

    It may reach over the edge, where the picture's last pixels are repeated: that is how training's crops were made,
    and moving it instead would move the hand out of the middle.
    """
    side = min(max(square.side, 2.0), _LARGEST_CROP * max(width, height))
    return Square(min(max(square.centre_x, 0.0), width), min(max(square.centre_y, 0.0), height), side, square.rotation)


def _upright(direction: Array) -> float:
    """The angle by which to turn so that `direction` points up."""
    angle = math.pi / 2 - math.atan2(-direction[1], direction[0])
    return angle - 2 * math.pi * math.floor((angle + math.pi) / (2 * math.pi))


def _turn(angle: float) -> Array:
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def _grown(centre: Array, size: Array, rotation: float, scale: float, shift: float) -> Square:
    """A square `scale` times the box's larger side, moved by `shift` of its height along its own upright."""
    moved = centre + _turn(rotation) @ np.array([0.0, shift * size[1]])
    return Square(float(moved[0]), float(moved[1]), float(size.max() * scale), rotation)


# --- landmarks ----------------------------------------------------------------------------------------------------


def landmarks_in_picture(raw: npt.NDArray[np.floating], square: Square) -> Array:
    """The landmark model's output, which lies in its turned square, as places in the picture.

    raw: (63,) in pixels of the model's input. Returns (21, 3): x, y in the picture's pixels, z in the scale of x.
    """
    points = raw.reshape(LANDMARKS, 3).astype(np.float64) / LANDMARK_INPUT_PX
    places = (points[:, :2] - 0.5) * square.side @ _turn(square.rotation).T + [square.centre_x, square.centre_y]
    return np.column_stack([places, points[:, 2] / _DEPTH_SCALE * square.side])


def landmarks_in_square(landmarks: npt.NDArray[np.floating], square: Square) -> Array:
    """Landmarks as fractions of an upright square: what goes with a crop to the reader.  # (21, 3) -> (21, 3)"""
    corner = np.array([square.centre_x - square.side / 2, square.centre_y - square.side / 2, 0.0])
    inside: Array = (landmarks - corner) / square.side
    return inside


def mirrored_landmarks(flat: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """The landmarks of the mirrored crop: a left hand's become a right one's.  # (63,) -> (63,)"""
    joints = flat.reshape(LANDMARKS, 3) * (-1, 1, 1) + (1, 0, 0)
    return joints.astype(flat.dtype).ravel()


def landmark_row(flat: Sequence[float] | npt.NDArray[np.floating] | None) -> npt.NDArray[np.float32]:
    """A network's second input: the landmarks and whether there are any, all zeros where there are none.  # (64,)"""
    row = np.empty(LANDMARK_ROW, np.float32)
    write_landmark_row(row, flat)
    return row


def write_landmark_row(row: npt.NDArray[np.float32], flat: Sequence[float] | npt.NDArray[np.floating] | None) -> None:
    """`landmark_row`, written over what `row` holds.  # (64,)"""
    if flat is None:
        row[:] = 0
    else:
        row[:-1] = flat
        row[-1] = 1


def distance_in_hands(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> float:
    """Mean distance between two sets of landmarks in sizes of the hand `b` (its box's larger side).  # (21, 2 or 3)"""
    size = float((b[:, :2].max(axis=0) - b[:, :2].min(axis=0)).max())
    return float(np.linalg.norm(a[:, :2] - b[:, :2], axis=1).mean()) / size


def choose_hand(hands: Sequence[Hand], followed: Square | None = None) -> Hand | None:
    """Of several hands the one that was being followed (where it was last seen), else the largest."""
    if not hands:
        return None
    if followed is None:
        return max(hands, key=lambda hand: hand.square.side)
    return min(
        hands,
        key=lambda hand: math.hypot(hand.square.centre_x - followed.centre_x, hand.square.centre_y - followed.centre_y),
    )

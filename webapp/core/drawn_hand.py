"""A hand that nobody has: drawn from the places of its joints, a palm and five fingers of rounded strokes with an outline.

Where no person's picture may stand, in a demonstration or a test, networks read it as they read a photograph.
"""

import cv2
import numpy as np
import numpy.typing as npt

from webapp.core.frames import Rgb

Array = npt.NDArray[np.float64]

SKIN = (224, 178, 150)
OUTLINE = (146, 98, 78)
NAIL = (240, 206, 184)

_WRIST, _PALM = 0, (1, 5, 9, 13, 17)
# Landmarks from knuckle to tip, and the widths there, in finger widths.
_FINGERS = (
    ((1, 2, 3, 4), (1.25, 1.15, 1.0, 0.86)),
    ((5, 6, 7, 8), (1.08, 1.0, 0.94, 0.82)),
    ((9, 10, 11, 12), (1.08, 1.0, 0.94, 0.82)),
    ((13, 14, 15, 16), (1.08, 1.0, 0.94, 0.82)),
    ((17, 18, 19, 20), (0.93, 0.86, 0.8, 0.7)),
)
_FINGER_OF_PALM = 0.3
_FINE = 3  # drawn this many times larger, and made smaller for smooth edges


def draw_hand(picture: Rgb, joints: Array) -> Rgb:
    """The picture with a hand before it, the farther fingers first.

    joints: (21, 3), x and y in the picture's pixels; of the depth only the order counts.
    """
    height, width = picture.shape[:2]
    places = joints[:, :2] * _FINE
    canvas = cv2.resize(picture, (_FINE * width, _FINE * height), interpolation=cv2.INTER_LINEAR).astype(
        np.uint8, copy=False
    )
    size = max(_length(places[5] - places[17]), 0.8 * _length(places[_WRIST] - places[9]))
    finger = size * _FINGER_OF_PALM

    away = (places[_WRIST] - places[9]) / _length(places[_WRIST] - places[9])
    across = np.array([-away[1], away[0]])
    start, end = places[_WRIST] + away * finger * 0.1, places[_WRIST] + away * max(height, width) * _FINE
    _stroke(canvas, np.array([start, end]), np.array([0.78, 1.0]) * size)
    heel = [places[_WRIST] + across * size * 0.33, places[_WRIST] - across * size * 0.33]
    _palm(canvas, np.array([*places[list(_PALM)], *heel]), finger)
    for bones, widths in sorted(_FINGERS, key=lambda one: -joints[list(one[0][1:]), 2].mean()):
        _stroke(canvas, places[list(bones)], np.array(widths) * finger)
        cv2.circle(canvas, _pixel(places[bones[-1]]), int(finger * 0.2), NAIL, -1, cv2.LINE_AA)
    return np.asarray(cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _length(vector: Array) -> float:
    return float(np.hypot(*vector))


def _pixel(place: Array) -> tuple[int, int]:
    return int(place[0]), int(place[1])


def _stroke(canvas: Rgb, places: Array, widths: Array) -> None:
    """A line of changing width with round ends and an outline: circles, close to each other."""
    for colour, more in ((OUTLINE, _FINE * 2.2), (SKIN, 0.0)):
        for share in np.linspace(0, len(places) - 1, 24 * len(places)):
            joint = min(int(share), len(places) - 2)
            part = share - joint
            centre = places[joint] * (1 - part) + places[joint + 1] * part
            width = widths[joint] * (1 - part) + widths[joint + 1] * part
            cv2.circle(canvas, _pixel(centre), int(width / 2 + more), colour, -1, cv2.LINE_AA)


def _palm(canvas: Rgb, places: Array, finger: float) -> None:
    outline = cv2.convexHull(places.astype(np.int32))
    cv2.polylines(canvas, [outline], True, OUTLINE, int(finger * 1.05 + _FINE * 4.4), cv2.LINE_AA)
    cv2.polylines(canvas, [outline], True, SKIN, int(finger * 1.05), cv2.LINE_AA)
    cv2.fillPoly(canvas, [outline], SKIN, cv2.LINE_AA)

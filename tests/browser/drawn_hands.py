"""Hands that nobody has: drawn from numbers, so that the page can be pictured without picturing a person.

drawn_hands.json holds, for each letter that is not a movement, the mean place of the 21 hand landmarks over several
people's right hands, as fractions of the square crop; the third number is the depth. A hand is a palm and five fingers
of rounded strokes with an outline, the farther ones first.
"""

import json
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from tests.browser import clips

SKIN = (224, 178, 150)
OUTLINE = (146, 98, 78)
NAIL = (240, 206, 184)
WALL_TOP, WALL_FOOT = (190, 196, 190), (150, 148, 138)

WRIST, PALM = 0, (1, 5, 9, 13, 17)
# Landmarks from knuckle to tip, and the widths there, in finger widths.
FINGERS = (
    ((1, 2, 3, 4), (1.25, 1.15, 1.0, 0.86)),
    ((5, 6, 7, 8), (1.08, 1.0, 0.94, 0.82)),
    ((9, 10, 11, 12), (1.08, 1.0, 0.94, 0.82)),
    ((13, 14, 15, 16), (1.08, 1.0, 0.94, 0.82)),
    ((17, 18, 19, 20), (0.93, 0.86, 0.8, 0.7)),
)
FINGER_OF_PALM = 0.3
WORD_PAUSE_SECONDS = 2.5  # longer than the server waits before it ends a word
FINE = 3  # drawn this many times larger, and made smaller for smooth edges


@cache
def landmarks() -> dict[str, np.ndarray]:
    """Letter -> landmarks.  # (21, 3)"""
    raw = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return {letter: np.array(points) for letter, points in raw.items()}


@cache
def wall() -> clips.Picture:
    """A room without a hand: a wall in soft light, with a camera's noise."""
    down = np.linspace(0, 1, clips.HEIGHT)[:, None, None]
    light = np.array(WALL_TOP) * (1 - down) + np.array(WALL_FOOT) * down
    noise = np.random.default_rng(0).normal(0, 1.5, (clips.HEIGHT, clips.WIDTH, 1))
    return np.clip(light + noise, 0, 255).astype(np.uint8)


def hand(letter: str, right: float = 0.0, down: float = 0.0) -> clips.Picture:
    """A hand that signs `letter` in the guide box before the wall, moved by some pixels: no one holds quite still."""
    left, top, side = clips.BOX
    points = landmarks()[letter]
    places = (points[:, :2] * side + (left + right, top + down)) * FINE
    canvas = cv2.resize(wall(), None, fx=FINE, fy=FINE, interpolation=cv2.INTER_LINEAR)
    size = max(_length(places[5] - places[17]), 0.8 * _length(places[WRIST] - places[9]))
    finger = size * FINGER_OF_PALM

    away = (places[WRIST] - places[9]) / _length(places[WRIST] - places[9])
    across = np.array([-away[1], away[0]])
    start, end = places[WRIST] + away * finger * 0.1, places[WRIST] + away * side * FINE
    _stroke(canvas, np.array([start, end]), np.array([0.78, 1.0]) * size)
    heel = [places[WRIST] + across * size * 0.33, places[WRIST] - across * size * 0.33]
    _palm(canvas, np.array([*places[list(PALM)], *heel]), finger)
    for joints, widths in sorted(FINGERS, key=lambda one: -points[list(one[0][1:]), 2].mean()):
        _stroke(canvas, places[list(joints)], np.array(widths) * finger)
        cv2.circle(canvas, _pixel(places[joints[-1]]), int(finger * 0.2), NAIL, -1, cv2.LINE_AA)
    return cv2.resize(canvas, (clips.WIDTH, clips.HEIGHT), interpolation=cv2.INTER_AREA)


def spelling(text: str, hold_seconds: float = 1.5, gap_seconds: float = 0.7, end_seconds: float = 60.0) -> clips.Scenes:
    """Scenes in which a drawn hand spells `text`, trembling a little, ten pictures a second; a space is a pause."""
    random = np.random.default_rng(1)
    scenes: clips.Scenes = [(wall(), gap_seconds)]
    for letter in text:
        if letter == " ":
            scenes.append((wall(), WORD_PAUSE_SECONDS))
            continue
        for _ in range(round(hold_seconds * 10)):
            scenes.append((hand(letter, *random.normal(0, 1.0, 2)), 0.1))
        scenes.append((wall(), gap_seconds))
    return [*scenes, (wall(), end_seconds)]


def _length(vector: np.ndarray) -> float:
    return float(np.hypot(*vector))


def _pixel(place: np.ndarray) -> tuple[int, int]:
    return int(place[0]), int(place[1])


def _stroke(canvas: np.ndarray, places: np.ndarray, widths: np.ndarray) -> None:
    """A line of changing width with round ends and an outline: circles, close to each other."""
    for colour, more in ((OUTLINE, FINE * 2.2), (SKIN, 0.0)):
        for share in np.linspace(0, len(places) - 1, 24 * len(places)):
            joint = min(int(share), len(places) - 2)
            part = share - joint
            centre = places[joint] * (1 - part) + places[joint + 1] * part
            width = widths[joint] * (1 - part) + widths[joint + 1] * part
            cv2.circle(canvas, _pixel(centre), int(width / 2 + more), colour, -1, cv2.LINE_AA)


def _palm(canvas: np.ndarray, places: np.ndarray, finger: float) -> None:
    outline = cv2.convexHull(places.astype(np.int32))
    cv2.polylines(canvas, [outline], True, OUTLINE, int(finger * 1.05 + FINE * 4.4), cv2.LINE_AA)
    cv2.polylines(canvas, [outline], True, SKIN, int(finger * 1.05), cv2.LINE_AA)
    cv2.fillPoly(canvas, [outline], SKIN, cv2.LINE_AA)

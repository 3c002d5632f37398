"""Hands made of numbers that draw: J and Z as the alphabet defines them, and movements that are no letter.

Everything is in the signer's view (x right, y down, z away from the viewer) and in sizes of the hand, from wrist to
middle base; `frames` gives what a tracker sees of it: joints in an unmirrored picture, with its noise and gaps.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from webapp.core.hands import hand_square, landmarks_in_square
from webapp.core.motion import FINGERS, Array

# Base of each finger of an upright right hand whose palm faces the viewer, and its length, from index to little finger.
BASES = [(-0.32, -0.95), (-0.02, -1.0), (0.22, -0.92), (0.42, -0.78)]
LENGTHS = [0.95, 1.0, 0.95, 0.75]
BONES = np.array([0.5, 0.28, 0.22])

HAND_PICTURE_SHARE = 0.15
"""Size of a hand of size 1 in units of the picture's height."""


def hand(straight: str) -> Array:
    """A right hand, palm to the viewer; `straight` says of each finger whether it is (`|`) or lies in the fist (`.`)."""
    joints = np.zeros((21, 3))
    joints[1:5] = [(-0.25, -0.2, -0.1), (-0.4, -0.45, -0.2), (-0.3, -0.65, -0.3), (-0.05, -0.7, -0.35)]
    for finger, (base, length, shape) in enumerate(zip(BASES, LENGTHS, straight, strict=True)):
        # A finger in the fist goes up and towards the viewer, back down, and into the palm.
        ways = [(0, -1, 0)] * 3 if shape == "|" else [(0, -0.6, -0.8), (0, 0.8, -0.6), (0, 0.6, 0.8)]
        bones = length * BONES[:, None] * np.array(ways)
        joints[[*FINGERS[finger]]] = np.array([*base, 0]) + np.vstack([np.zeros(3), np.cumsum(bones, axis=0)])
    return joints


I_HAND, POINTING, FLAT, FIST, V_HAND = (hand(shape) for shape in ("...|", "|...", "||||", "....", "||.."))


def arc(centre: tuple[float, float], radii: tuple[float, float], start: float, end: float) -> Array:
    """Part of an ellipse; 0 degrees is to the right, 90 below.  # (24, 2)"""
    angle = np.radians(np.linspace(start, end, 24))
    return np.array(centre) + np.array(radii) * np.column_stack([np.cos(angle), np.sin(angle)])


def hook(stem: float = 1.0, width: float = 0.6, depth: float = 0.3, end: float = 180) -> Array:
    """A written J."""
    return np.vstack([[(0, -stem)], arc((-width / 2, 0), (width / 2, depth), 0, end)])


def zigzag(top: float = 1.0, bottom: float = 1.0, height: float = 1.0) -> Array:
    """A written Z."""
    return np.array([(0, 0), (top, 0), (top - (top + bottom) / 2, height), (bottom + top - (top + bottom) / 2, height)])


def turned(path: Array, degrees: float) -> Array:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.asarray(path) @ np.array([[cos, sin], [-sin, cos]])


@dataclass(frozen=True)
class Take:
    """How a movement is made and seen."""

    rate: float = 15.0
    seconds: float = 0.9
    scale: float = 1.0
    """How large it is drawn, in sizes of the hand."""
    hand_size: float = 1.0
    tilt: float = 0.0
    twist: float = 0.0
    """By how many degrees the palm turns from the viewer inwards on the way."""
    noise: float = 0.012
    lost: tuple[float, float] = (0.0, 0.0)
    """From when to when in the movement the tracker loses the hand."""
    left_hand: bool = False
    before: float = 0.4
    after: float = 0.5
    seed: int = 0


def frames(joints: Array, finger: int, path: Array, take: Take) -> Iterator[tuple[float, Array | None]]:
    """(seconds, joints of the unmirrored picture or None where the hand is lost), frame by frame."""
    rng = np.random.default_rng(take.seed)
    path = turned(np.asarray(path, float) * take.scale, take.tilt)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    total = take.before + take.seconds + take.after
    for frame in range(int(total * take.rate) + 1):
        t = (frame + rng.uniform(-0.2, 0.2)) / take.rate
        moment = np.clip((t - take.before) / take.seconds, 0, 1)
        if take.lost[0] < t - take.before < take.lost[1]:
            yield t, None
            continue
        done = 0.5 * moment + 0.5 * moment**2 * (3 - 2 * moment)  # hands start and stop gently
        place = np.array([np.interp(done * along[-1], along, path[:, axis]) for axis in (0, 1)])
        seen = twisted(joints, moment * take.twist)
        seen = seen + [*(place - seen[FINGERS[finger][-1], :2]), 0] + rng.normal(0, take.noise, (21, 3)) * (1, 1, 2)
        yield t, picture(seen, take)


def twisted(joints: Array, degrees: float) -> Array:
    """Turned round the forearm, the palm of a right hand to the signer's left."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return joints @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])


def picture(joints: Array, take: Take) -> Array:
    """From the signer's view to the camera's: a right hand is seen turned over, a left hand is its mirror image."""
    return joints * HAND_PICTURE_SHARE * take.hand_size * (1 if take.left_hand else -1, 1, 1) + (0.9, 0.5, 0)


def message(joints: Array) -> dict[str, list[float]]:
    """What a frame says of them: the landmarks in the hand's crop, and where that crop is."""
    square = hand_square(joints[:, :2])
    landmarks = landmarks_in_square(joints, square).ravel().tolist()
    return {"landmarks": landmarks, "crop": [square.centre_x, square.centre_y, square.side]}

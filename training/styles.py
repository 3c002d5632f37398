"""Ways to sign a letter that hardly anybody in the data uses, made of hands that sign another one.

M and N are also signed with straight fingers that hang down, the back of the hand to the viewer: three for M and two for N.
A camera sees about the hand of W or U then, turned over about the horizontal; nobody signs W or U so.
"""

import cv2
import numpy as np

from training.augment import Points, Rgb, Rng

HANGING = {"M": "W", "N": "U"}
"""Letters, each with the letter whose hand, hanging, is another way to sign it."""
# The hand hangs from a wrist that bends: how far from upside down, about the horizontal. Radians, standard deviation.
_BENT = 0.5


def hang(rgb: Rgb, points: Points | None) -> tuple[Rgb, Points | None]:
    """A picture upside down and not turned, which makes the back of a hand of its front.  # (H, W, 3), (21, 3)"""
    return cv2.flip(rgb, 0), None if points is None else points * (1, -1, -1) + (0, 1, 0)


def hang_bent(points: Points, rng: Rng) -> Points:
    """Joints turned over about the horizontal, the wrist bent more or less.  # (21, 3)"""
    angle = np.pi + rng.normal(0, _BENT)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    middle = points.mean(axis=0)
    return np.asarray((points - middle) @ turn.T + middle, np.float32)

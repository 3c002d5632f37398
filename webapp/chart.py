"""The signs of the reference chart: how each is made, in words, and what to change where it is taken for another.

The words are in static/chart/signs.json, which the practice page reads, too; the drawings in templates/hands.svg, which
training/chart.py draws; and in static/chart/poses.json is where the joints of a hand are that holds the sign.
"""

import json
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from webapp.config import ROOT

SIGNS_PATH = ROOT / "static" / "chart" / "signs.json"
POSES_PATH = ROOT / "static" / "chart" / "poses.json"
DRAWN_PATH = ROOT / "templates" / "hands.svg"

# The chart's parts, in its order: name, heading, signs.
GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("letters", "Letters", tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
    ("digits", "Digits", tuple("0123456789")),
    ("others", "Space and delete", ("space", "del")),
)
NAMES = {"space": "Space", "del": "Delete"}


def how() -> dict[str, str]:
    """How each sign is made, in words."""
    return {sign: about["how"] for sign, about in signs().items()}


@cache
def signs() -> dict[str, dict[str, Any]]:
    """Sign -> `how` it is made, and `instead`: the sign that it is taken for -> what to change."""
    found: dict[str, dict[str, Any]] = json.loads(SIGNS_PATH.read_text("utf-8"))
    return found


@cache
def poses() -> dict[str, npt.NDArray[np.float64]]:
    """Sign -> the mean place of the 21 landmarks over several people's right hands, for each that is no movement.  # (21, 3)

    x and y are fractions of the square crop, z is the depth in the same scale.
    """
    raw = json.loads(POSES_PATH.read_text("utf-8"))
    return {sign: np.array(joints) for sign, joints in raw.items()}

"""Photographs of real hands, moved before the tracker: what it makes of them is followed as on a live page."""

import csv
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.core.drawn import hook, zigzag
from webapp.core.frames import Rgb
from webapp.core.hands import Hand
from webapp.core.motion import MIDDLE_BASE, WRIST, Array, PathReader
from webapp.tracker import HandTracker

RATE = 12
BEFORE, DRAWING, AFTER = 0.5, 0.9, 0.6
SHUTTER = np.arange(0, 0.032, 0.008)  # the picture blurs as a camera's does


@pytest.fixture(scope="module")
def webcam(hands: Path) -> dict[str, list[Rgb]]:
    """Whole webcam frames of twelve people, by label."""
    found: dict[str, list[Rgb]] = {label: [] for label in "DIJZ"}
    with (hands / "frames" / "manifest.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["label"] in found:
                found[row["label"]].append(cv2.imread(str(hands / "frames" / row["path"]))[..., ::-1])
    return found


@pytest.fixture(scope="module")
def tracker() -> HandTracker:
    return HandTracker()


def moved(rgb: Rgb, hand: Hand, path: Array) -> Iterator[tuple[float, Rgb]]:
    """The picture carried along a path, in sizes of its hand and as the signer sees it: (seconds, frame)."""
    size = np.linalg.norm(hand.landmarks[MIDDLE_BASE] - hand.landmarks[WRIST]) * 0.9
    path = (path - np.mean([path.min(axis=0), path.max(axis=0)], axis=0)) * size * (1 if hand.left_hand else -1, 1)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    for t in np.arange(0, BEFORE + DRAWING + AFTER, 1 / RATE):
        shares = np.clip((t - SHUTTER - BEFORE) / DRAWING, 0, 1)
        exposures = []
        for share in shares:
            place = [np.interp(share * along[-1], along, path[:, axis]) for axis in (0, 1)]
            matrix = np.column_stack([np.eye(2), place])
            exposures.append(cv2.warpAffine(rgb, matrix, rgb.shape[1::-1], borderMode=cv2.BORDER_REPLICATE))
        yield t, np.mean(exposures, axis=0).round().astype(np.uint8)


def drawn(tracker: HandTracker, rgb: Rgb, path: Array) -> str:
    """The signs read while the picture moves."""
    hand = tracker.find(rgb)
    assert hand is not None
    tracker.reset()
    reader = PathReader()
    signs = ""
    for t, frame in moved(rgb, hand, path):
        followed = tracker.follow(frame, t)
        joints = None if followed is None else followed.hand.landmarks * (1 if followed.left_hand else -1, 1, 1)
        if sign := reader.step(t, joints, "JZ"):
            signs += sign.sign
    return signs


@pytest.mark.hands
@pytest.mark.slow
def test_nine_in_ten_of_what_real_hands_draw_is_read(tracker: HandTracker, webcam: dict[str, list[Rgb]]) -> None:
    wanted = {"I": ("J", hook()), "J": ("J", hook()), "D": ("Z", zigzag()), "Z": ("Z", zigzag())}
    results = [drawn(tracker, rgb, path) == sign for label, (sign, path) in wanted.items() for rgb in webcam[label]]
    assert len(results) >= 40
    assert np.mean(results) >= 0.9


@pytest.mark.hands
@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "path"),
    [("I", np.array([(0, 0), (0, 1)])), ("D", np.array([(0, 0), (1, 0), (0, 0.1), (1, 0.2)]))],
    ids=["an I lowered", "a D waved"],
)
def test_real_hands_that_only_move_draw_nothing(
    tracker: HandTracker, webcam: dict[str, list[Rgb]], label: str, path: Array
) -> None:
    assert {drawn(tracker, rgb, path) for rgb in webcam[label]} == {""}

"""What is done to pictures to measure what it costs: landmarks stay on the hand, and what falls is named."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from training.conditions import (
    CONDITIONS,
    CROP_ALONE,
    UNCHANGED,
    Condition,
    Row,
    Shown,
    as_it_is,
    as_table,
    mirrored,
    moved,
    spread,
)
from training.data import Sample

WIDTH, HEIGHT = 160, 120


def dotted() -> Shown:
    """A bright dot where every landmark is: a third of the way across, half the way down and a bit."""
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    joints = np.tile(np.array([0.4, 0.55, 0.1], np.float32), (21, 1))
    cv2.circle(rgb, (round(0.4 * WIDTH - 0.5), round(0.55 * HEIGHT - 0.5)), 4, (255, 255, 255), -1)
    return Shown(rgb, joints)


def centre_of_light(rgb: np.ndarray) -> np.ndarray:
    """Where the light is, as fractions of the picture.  # (2,)"""
    light = rgb.mean(axis=2)
    across = (light.sum(axis=0) * (np.arange(rgb.shape[1]) + 0.5)).sum() / light.sum() / rgb.shape[1]
    down = (light.sum(axis=1) * (np.arange(rgb.shape[0]) + 0.5)).sum() / light.sum() / rgb.shape[0]
    return np.array([across, down])


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: f"{condition.kind} {condition.amount}")
def test_landmarks_stay_on_the_hand(condition: Condition) -> None:
    changed = condition.change(dotted(), np.random.default_rng(1))
    assert changed.joints is not None
    assert changed.joints.dtype == np.float32
    if condition.kind == "noise":  # its own light is everywhere
        changed = Shown(np.where(changed.rgb > 180, changed.rgb, 0), changed.joints)
    np.testing.assert_allclose(centre_of_light(changed.rgb), changed.joints[0, :2], atol=0.012)


def test_turning_is_clockwise_and_depth_grows_with_the_hand() -> None:
    rng = np.random.default_rng()
    joints = np.tile(np.array([0.5, 0.25, 0.1], np.float32), (21, 1))
    square = Shown(np.zeros((100, 100, 3), np.uint8), joints)
    turned = moved(degrees=90)(square, rng).joints
    grown = moved(scale=1.6, right=0.1)(square, rng).joints
    assert turned is not None
    assert grown is not None
    np.testing.assert_allclose(turned[0], [0.75, 0.5, 0.1], atol=1e-6)
    np.testing.assert_allclose(grown[0], [0.6, 0.1, 0.16], atol=1e-6)


def test_what_no_landmarks_are_known_of_gets_none() -> None:
    for change in (moved(degrees=20), mirrored, as_it_is):
        assert change(Shown(dotted().rgb, None), np.random.default_rng()).joints is None


def test_a_limit_takes_evenly_from_signers_and_labels() -> None:
    samples = [Sample(Path(f"{at}"), label, signer) for at in range(10) for signer in "ab" for label in "XY"]
    chosen = spread(samples, 8)
    assert {(s.signer, s.label): 0 for s in chosen}.keys() == {("a", "X"), ("a", "Y"), ("b", "X"), ("b", "Y")}
    assert len(chosen) == 8
    assert len(spread(samples, 0)) == len(spread(samples, 99)) == 40


def test_a_fall_of_more_than_ten_points_is_said_in_words() -> None:
    unchanged, slight, deep = (
        Row(Condition(kind, "", as_it_is), {CROP_ALONE: {"ada": share, "bo": 0.8}})
        for kind, share in ((UNCHANGED, 0.8), ("slight", 0.61), ("deep", 0.4))
    )
    assert slight.falls(unchanged) == {}
    assert deep.falls(unchanged) == {CROP_ALONE: pytest.approx(0.2)}
    lines = as_table([unchanged, slight, deep]).splitlines()
    assert lines[3].endswith("| 0.705 |  |")
    assert lines[4].endswith("| 0.600 | falls 20 points crop alone |")
    assert lines[5].startswith("| unchanged | ada | 0.800")

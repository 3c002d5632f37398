"""Pixels and landmarks go through the same geometry, and every change can be made again."""

from dataclasses import replace

import numpy as np
import pytest

from training import augment


def dotted(size: int = 112) -> tuple[np.ndarray, np.ndarray]:
    """A grey picture with one white dot, and landmarks that all lie on it."""
    rgb = np.full((size, size, 3), 60, np.uint8)
    rgb[50:55, 68:73] = 255
    return rgb, np.tile(np.float32([70.5 / size, 52.5 / size, 0.1]), (21, 1))


GEOMETRY = replace(augment.NONE, rotation_degrees=25, scale=(0.65, 1.5), shift=0.1, shear=0.12)


@pytest.mark.parametrize("seed", range(12))
def test_landmarks_follow_their_pixels(seed: int) -> None:
    rgb, points = dotted()
    made, moved = augment.augment(rgb, points, 80, GEOMETRY, np.random.default_rng(seed), None, None)
    assert moved is not None
    ys, xs = np.nonzero(made[..., 0] > 140)
    if len(xs) and moved[0, :2].min() > 0.05 and moved[0, :2].max() < 0.95:
        centre = np.array([xs.mean() + 0.5, ys.mean() + 0.5]) / 80
        assert np.abs(centre - moved[0, :2]).max() < 0.03


def test_depth_grows_with_the_hand() -> None:
    rgb, points = dotted()
    twice = replace(augment.NONE, scale=(2.0, 2.0))
    moved = [augment.augment(rgb, points, 80, twice, np.random.default_rng(seed), None, None)[1] for seed in range(9)]
    assert max(float(one[0, 2]) for one in moved if one is not None) == pytest.approx(0.2)


def test_a_flip_mirrors_picture_and_landmarks() -> None:
    rgb, points = dotted()
    flipped, moved = augment.flip(rgb, points)
    assert moved is not None
    np.testing.assert_array_equal(flipped, rgb[:, ::-1])
    np.testing.assert_allclose(moved[:, 0], 1 - points[:, 0])


def test_no_recipe_changes_nothing() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (80, 80, 3)).astype(np.uint8)
    made, _ = augment.augment(rgb, None, 80, augment.NONE, np.random.default_rng(1), None, None)
    assert np.abs(made.astype(int) - rgb).max() <= 1


def test_the_same_generator_makes_the_same_picture() -> None:
    rgb, points = dotted()
    first, _ = augment.augment(rgb, points, 64, augment.Recipe(), np.random.default_rng(7), None, None)
    second, _ = augment.augment(rgb, points, 64, augment.Recipe(), np.random.default_rng(7), None, None)
    np.testing.assert_array_equal(first, second)
    other, _ = augment.augment(rgb, points, 64, augment.Recipe(), np.random.default_rng(8), None, None)
    assert np.any(first != other)


def test_what_a_mask_leaves_out_is_replaced() -> None:
    rgb = np.full((64, 64, 3), 200, np.uint8)
    mask = np.zeros((64, 64), np.float32)
    mask[:, :32] = 1
    behind = np.zeros((64, 64, 3), np.uint8)
    made, _ = augment.augment(rgb, None, 64, augment.NONE, np.random.default_rng(0), mask, behind)
    assert made[:, :30].min() > 190
    assert made[:, 34:].max() < 10


def test_the_mask_of_a_hand_covers_its_joints_and_not_the_corners() -> None:
    rng = np.random.default_rng(0)
    points = (0.35 + 0.3 * rng.random((21, 3))).astype(np.float32)
    mask = augment.hand_mask(points, 100, rng)
    at = (points[:, :2] * 100).astype(int)
    assert mask[at[:, 1], at[:, 0]].min() > 0.7
    assert mask[0, 0] == mask[-1, -1] == 0


def test_black_is_masked_out_and_the_hand_is_not() -> None:
    rgb = np.zeros((60, 60, 3), np.uint8)
    rgb[15:45, 15:45] = (180, 140, 120)
    mask = augment.black_mask(rgb)
    assert mask[30, 30] > 0.99
    assert mask[5, 5] < 0.01


@pytest.mark.parametrize("seed", range(12))
def test_drawn_backgrounds_are_pictures(seed: int) -> None:
    picture = augment.drawn_background(48, np.random.default_rng(seed))
    assert picture.shape == (48, 48, 3)
    assert picture.dtype == np.uint8

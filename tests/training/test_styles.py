"""Hands made of other letters' hands: what is turned over, and what is learnt of it."""

from dataclasses import replace

import numpy as np
import pytest

from training import augment, styles
from training.batches import Batches
from training.pictures import Pictures
from webapp.core.hands import LANDMARKS

SIDE = 48


def upright() -> np.ndarray:
    """Joints of a hand whose fingers point up, towards the viewer at their tips.  # (21, 3)"""
    across, up = np.linspace(0.3, 0.7, LANDMARKS), np.linspace(0.9, 0.2, LANDMARKS)
    return np.column_stack([across, up, np.linspace(0, -0.2, LANDMARKS)]).astype(np.float32)


def test_a_hanging_hand_shows_its_other_side() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
    hung, joints = styles.hang(rgb, upright())
    assert joints is not None
    np.testing.assert_array_equal(hung, rgb[::-1])
    np.testing.assert_allclose(joints[:, 0], upright()[:, 0])
    np.testing.assert_allclose(joints[:, 1], 1 - upright()[:, 1], rtol=1e-6)
    np.testing.assert_allclose(joints[:, 2], -upright()[:, 2])


def test_the_joints_of_a_bent_wrist_are_the_same_hand_turned() -> None:
    def distances(joints: np.ndarray) -> np.ndarray:
        return np.linalg.norm(joints[:, None] - joints[None], axis=-1)

    rng = np.random.default_rng(1)
    hung = [styles.hang_bent(upright(), rng) for _ in range(50)]
    for joints in hung:
        np.testing.assert_allclose(distances(joints), distances(upright()), atol=1e-5)
        np.testing.assert_allclose(joints[:, 0], upright()[:, 0], atol=1e-5)
    # Mostly the fingers point down, more or less towards the viewer.
    assert np.mean([joints[-1, 1] > joints[0, 1] for joints in hung]) > 0.9
    assert np.ptp([joints[-1, 2] for joints in hung]) > 0.2


def pictures(*labels: str) -> Pictures:
    """For each label one picture of one signer, bright above and dark below."""
    rgb = np.zeros((len(labels), SIDE, SIDE, 3), np.uint8)
    rgb[:, : SIDE // 2] = 255
    everywhere = np.ones(len(labels), bool)
    return Pictures(
        rgb=rgb,
        points=np.stack([upright()] * len(labels)),
        found=everywhere,
        left=~everywhere,
        masked=~everywhere,
        labels=np.array(labels),
        signers=np.array(["one"] * len(labels)),
    )


@pytest.mark.parametrize(("labels", "shown"), [("MW", {"M": "hanging", "W": "up"}), ("MS", {"M": "up", "S": "up"})])
def test_what_may_hang_is_shown_hanging_where_there_is_a_hand_for_it(labels: str, shown: dict[str, str]) -> None:
    recipe = replace(augment.NONE, hanging_share=1.0)
    batch = Batches(pictures(*labels), tuple(labels), SIDE, 32, recipe, seed=1, steps=1)
    inputs, targets, _ = batch[0]
    seen: dict[str, set[str]] = {label: set() for label in labels}
    for rgb, joints, probabilities in zip(inputs["image"], inputs["landmarks"], targets["probabilities"], strict=True):
        points_down = joints[: 3 * LANDMARKS].reshape(-1, 3)[-1, 1] > joints[1]
        assert points_down == (rgb[0].mean() < rgb[-1].mean())
        seen[labels[int(probabilities.argmax())]].add("hanging" if points_down else "up")
    assert seen == {label: {how} for label, how in shown.items()}


def test_digits_have_no_letter_that_hangs() -> None:
    batch = Batches(pictures("1", "2"), ("1", "2"), SIDE, 8, augment.Recipe(), seed=1, steps=1)
    assert batch.hanging == {}

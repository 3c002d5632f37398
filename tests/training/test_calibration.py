"""Confidence fitted on strangers: taken back from a boaster, and never raised without bounds."""

import keras
import numpy as np
import pytest

from training import calibration
from training.architectures import BY_PICTURE, BY_SHAPE

LABELS = 3


def experts(picture: float, shape: float) -> keras.Model:
    """Two experts that repeat what their input says, so much the louder."""
    image, landmarks = keras.Input((1, 1, LABELS), name="image"), keras.Input((64,), name="landmarks")
    outputs = []
    for name, inputs, factor in (
        (BY_PICTURE, keras.layers.Flatten()(image), picture),
        (BY_SHAPE, landmarks[:, :LABELS], shape),
    ):
        dense = keras.layers.Dense(LABELS, use_bias=False, name=name)
        outputs.append(dense(inputs))
        dense.set_weights([factor * np.eye(LABELS, dtype=np.float32)])
    return keras.Model({"image": image, "landmarks": landmarks}, outputs)


def said(picture: np.ndarray, shape: np.ndarray) -> dict[str, np.ndarray]:
    """Inputs in which each expert finds a label: numbers, (N,), (N,)."""
    landmarks = np.zeros((len(shape), 64), np.float32)
    landmarks[:, :LABELS], landmarks[:, -1] = np.eye(LABELS)[shape], 1
    return {"image": np.eye(LABELS, dtype=np.float32)[picture][:, None, None], "landmarks": landmarks}


@pytest.fixture
def truth() -> np.ndarray:
    return np.random.default_rng(0).integers(0, LABELS, 400)


def test_who_is_always_right_is_not_made_sure_without_bounds(truth: np.ndarray) -> None:
    fitted = calibration.fit(experts(5, 5), said(truth, truth), truth, np.ones(len(truth)))
    assert fitted["alone"] == pytest.approx(calibration.MOST_ALONE, abs=1e-3)
    assert fitted["both"] <= calibration.MOST_TOGETHER
    assert fitted["shape"] <= calibration.MOST_TOGETHER


def test_a_boaster_is_believed_less_and_the_better_expert_more(truth: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    often_wrong = np.where(rng.random(len(truth)) < 0.5, rng.integers(0, LABELS, len(truth)), truth)
    fitted = calibration.fit(experts(8, 8), said(often_wrong, truth), truth, np.ones(len(truth)))
    assert fitted["alone"] < 0.4
    assert fitted["shape"] > 3 * fitted["both"]

"""The expert for the hand's shape learns from landmarks alone: no picture is decoded, so an epoch takes a second."""

from collections.abc import Sequence

import keras
import numpy as np
import numpy.typing as npt

from training import styles
from training.architectures import shape_expert
from training.pictures import Pictures
from webapp.core.hands import LANDMARKS, landmark_row, mirrored_landmarks

EPOCHS = 30
BATCH = 256
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 0.02
LABEL_SMOOTHING = 0.05
# A few right hands are shown as left ones: the tracker errs about that, too.
FLIP_SHARE = 0.1
# What a hand that was made of another letter's counts for, beside one that was photographed.
MADE_WEIGHT = 0.5


def train(model: keras.Model, pictures: Pictures, labels: Sequence[str], seed: int) -> None:
    """Train the shape expert of `model` on the pictures' landmarks and freeze it. Without landmarks nothing is learnt."""
    expert = shape_expert(model)
    if pictures.found.any():
        _fit(expert, pictures, labels, seed)
    expert.trainable = False


def _fit(expert: keras.Model, pictures: Pictures, labels: Sequence[str], seed: int) -> None:
    rows = np.flatnonzero(pictures.found)
    seen = right_hands(pictures, rows)
    names, signers = pictures.labels[rows], pictures.signers[rows]
    letters = {hand: letter for letter, hand in styles.HANGING.items() if {letter, hand} <= set(names)}
    hangs = np.flatnonzero(np.isin(names, list(letters)))
    names = np.concatenate([names, [letters[name] for name in names[hangs]]])
    numbers = np.array([list(labels).index(name) for name in names])
    targets = np.eye(len(labels), dtype=np.float32)[numbers]
    weights = np.concatenate(
        [
            stratum_weights(numbers[: len(rows)], signers),
            MADE_WEIGHT * stratum_weights(numbers[len(rows) :], signers[hangs]) if len(hangs) else [],
        ]
    )
    steps = EPOCHS * -(-len(names) // BATCH)
    expert.compile(
        keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps), weight_decay=WEIGHT_DECAY),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=LABEL_SMOOTHING),
        weighted_metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )
    for epoch in range(EPOCHS):
        rng = np.random.default_rng([seed, epoch])
        made = [styles.hang_bent(joints, rng).ravel() for joints in seen[hangs].reshape(-1, LANDMARKS, 3)]
        shown = [mirrored_landmarks(flat) if rng.random() < FLIP_SHARE else flat for flat in [*seen, *made]]
        inputs = np.stack([landmark_row(flat) for flat in shown])
        order = rng.permutation(len(names))
        history = expert.fit(
            inputs[order], targets[order], sample_weight=weights[order], batch_size=BATCH, shuffle=False, verbose=0
        )
    print(
        f"shape expert: {len(rows):,} hands and {len(hangs):,} made of them, {EPOCHS} epochs, accuracy on wobbled ones {history.history['accuracy'][-1]:.4f}",
        flush=True,
    )


def right_hands(pictures: Pictures, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
    """The landmarks of some pictures, left hands mirrored.  # (N, 63)"""
    flat = pictures.points[rows].reshape(len(rows), -1)
    mirrored = [mirrored_landmarks(one) if left else one for one, left in zip(flat, pictures.left[rows], strict=True)]
    return np.stack(mirrored)


def stratum_weights(numbers: npt.NDArray[np.intp], signers: npt.NDArray[np.str_]) -> npt.NDArray[np.float32]:
    """Weights that let a signer's many pictures of one label count as their square root.  # (N,), mean 1"""
    _, people = np.unique(signers, return_inverse=True)
    _, stratum, counts = np.unique(np.column_stack([numbers, people]), axis=0, return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(counts[stratum])
    return (weights / weights.mean()).astype(np.float32)

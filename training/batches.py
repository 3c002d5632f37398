"""Batches for `fit`: balanced by label and signer, augmented on the fly, and the same again from the same seed.

Every batch is made from (seed, epoch, number) alone, so an interrupted run goes on exactly where it stopped.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from training import augment, styles
from training.augment import Recipe, Rng
from training.pictures import Pictures
from webapp.core.bundle import NOTHING
from webapp.core.hands import LANDMARKS

# Of the pictures of nothing, this share shows what no photograph does: a page before a covered lens must not type.
DRAWN_NOTHING_SHARE = 0.2
NOTHING_WEIGHT = 2.5


class Batches(keras.utils.PyDataset):
    """Batches of `(inputs, targets, weights)`.

    Inputs are pictures (B, S, S, 3), floats 0..255, and targets one-hot (B, labels). `with_landmarks`, for a network
    as `architectures.handspell`: inputs are a dictionary with `landmarks` (B, 64) beside `image`, and targets one with
    `pose` (B, 42; fractions of the picture) beside `probabilities`, weighted 0 where a picture has no landmarks.
    """

    def __init__(
        self,
        pictures: Pictures,
        labels: Sequence[str],
        size: int,
        batch: int,
        recipe: Recipe,
        seed: int,
        steps: int,
        epoch: int = 0,
        with_landmarks: bool = True,
        balanced: bool = True,
        workers: int = 2,
    ) -> None:
        super().__init__(workers=workers, max_queue_size=24)
        self.pictures, self.labels, self.size, self.batch, self.recipe = pictures, list(labels), size, batch, recipe
        self.seed, self.steps, self.epoch, self.balanced = seed, steps, epoch, balanced
        self.with_landmarks = with_landmarks
        number = {label: at for at, label in enumerate(self.labels)}
        self.targets = np.array([number[label] for label in pictures.labels])
        self.backgrounds = np.flatnonzero(pictures.labels == NOTHING)
        self.strata = _strata(self.targets, pictures.signers) if balanced else []
        weights = np.array([NOTHING_WEIGHT if label == NOTHING else 1.0 for label in self.labels])
        weights *= np.isin(np.arange(len(self.labels)), self.targets)
        self.label_shares = weights / weights.sum()
        # For each letter that may hang, the pictures that show it so, by signer.
        self.hanging = {
            number[letter]: self.strata[number[hand]]
            for letter, hand in styles.HANGING.items()
            if balanced and {letter, hand} <= set(pictures.labels)
        }

    def __len__(self) -> int:
        return self.steps

    def on_epoch_end(self) -> None:
        self.epoch += 1

    def __getitem__(self, index: int) -> tuple[Any, Any, Any]:
        rng = np.random.default_rng([self.seed, self.epoch, index])
        rows = self._draw(rng, index)
        made = [self._make(row, rng) for row in rows]
        x = np.stack([rgb for rgb, _ in made]).astype(np.float32)
        y = np.eye(len(self.labels), dtype=np.float32)[self.targets[rows]]
        everyone = np.ones(len(rows), np.float32)
        if not self.with_landmarks:
            return x, y, everyone
        known = np.array([points is not None for _, points in made], np.float32)
        joints = np.stack([np.zeros((LANDMARKS, 3)) if points is None else points for _, points in made])
        pose = np.clip(joints[..., :2], 0, 1).astype(np.float32).reshape(len(rows), -1)
        landmarks = np.column_stack([joints.reshape(len(rows), -1), np.ones(len(rows))]) * known[:, np.newaxis]
        return (
            {"image": x, "landmarks": landmarks.astype(np.float32)},
            {"probabilities": y, "pose": pose},
            {"probabilities": everyone, "pose": known},
        )

    def _draw(self, rng: Rng, index: int) -> npt.NDArray[np.intp]:
        """Row numbers: label first, then signer, then picture; or every picture once an epoch, in random order."""
        if not self.balanced:
            order = np.random.default_rng([self.seed, self.epoch]).permutation(len(self.targets))
            return np.take(order, np.arange(index * self.batch, (index + 1) * self.batch), mode="wrap")
        labels = rng.choice(len(self.labels), self.batch, p=self.label_shares)
        rows = []
        for label in labels:
            stratum = self.strata[label]
            rows.append(rng.choice(stratum[rng.integers(len(stratum))]))
        return np.array(rows)

    def _make(self, row: int, rng: Rng) -> tuple[augment.Rgb, augment.Points | None]:
        pictures, recipe = self.pictures, self.recipe
        hanging = self.hanging.get(self.targets[row], [])
        hangs = len(hanging) > 0 and rng.random() < recipe.hanging_share
        if hangs:
            row = rng.choice(hanging[rng.integers(len(hanging))])
        rgb, points = pictures.rgb[row], pictures.points[row] if pictures.found[row] else None
        store = rgb.shape[0]
        nothing = self.labels[self.targets[row]] == NOTHING
        if nothing and recipe.background_share and rng.random() < DRAWN_NOTHING_SHARE:
            return augment.augment(augment.drawn_background(store, rng), None, self.size, recipe, rng, None, None)
        mask = background = None
        if hangs:
            rgb, points = styles.hang(rgb, points)
        if pictures.masked[row] and recipe.background_share:
            mask = augment.black_mask(rgb)
        elif points is not None and rng.random() < recipe.background_share:
            mask = augment.hand_mask(points, store, rng)
        # A left hand becomes a right one, as the server makes it; a few right ones become left, because a person
        # may not have said so, and half of everything that is no hand is mirrored.
        if recipe.flip_share and pictures.left[row] != (rng.random() < (0.5 if nothing else recipe.flip_share)):
            rgb, points = augment.flip(rgb, points)
            mask = None if mask is None else np.ascontiguousarray(mask[:, ::-1])
        if mask is not None:
            background = self._background(store, rng)
        return augment.augment(rgb, points, self.size, recipe, rng, mask, background)

    def _background(self, size: int, rng: Rng) -> augment.Rgb:
        if len(self.backgrounds) == 0 or rng.random() < 0.4:
            return augment.drawn_background(size, rng)
        return self.pictures.rgb[rng.choice(self.backgrounds)]


def _strata(targets: npt.NDArray[np.intp], signers: npt.NDArray[np.str_]) -> list[list[npt.NDArray[np.intp]]]:
    """For each label, the row numbers of each signer.  # [label][signer] -> rows"""
    strata: list[list[npt.NDArray[np.intp]]] = []
    for label in range(int(targets.max()) + 1):
        rows = np.flatnonzero(targets == label)
        strata.append([rows[signers[rows] == signer] for signer in np.unique(signers[rows])])
    return strata

"""Made-up hands: simple shapes in the colours of made-up signers, small and quick to learn."""

import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

SHAPES = ("circle", "square", "triangle", "cross")
SIGNERS = ("ada", "bo", "cy", "dee")


def draw(shape: str, rng: np.random.Generator, side: int = 64) -> np.ndarray:
    """One shape somewhere near the middle, in random colours.  # (side, side, 3), RGB"""
    picture = np.empty((side, side, 3), np.uint8)
    picture[:] = rng.integers(0, 110, 3)
    colour = tuple(int(value) for value in rng.integers(150, 256, 3))
    centre = (side / 2 + rng.uniform(-0.08, 0.08, 2) * side).astype(int)
    reach = int(side * rng.uniform(0.25, 0.35))
    x, y = centre.tolist()
    if shape == "circle":
        cv2.circle(picture, (x, y), reach, colour, -1)
    elif shape == "square":
        cv2.rectangle(picture, (x - reach, y - reach), (x + reach, y + reach), colour, -1)
    elif shape == "triangle":
        corners = np.array([[x, y - reach], [x - reach, y + reach], [x + reach, y + reach]], np.int32)
        cv2.fillPoly(picture, [corners], colour)
    else:
        thick = max(2, reach // 2)
        cv2.line(picture, (x - reach, y - reach), (x + reach, y + reach), colour, thick)
        cv2.line(picture, (x - reach, y + reach), (x + reach, y - reach), colour, thick)
    return picture


def save(path: Path, rgb: np.ndarray) -> None:
    """Write a JPEG, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), rgb[..., ::-1])


def by_signer(folder: Path, each: int = 6, labels: Sequence[str] = SHAPES, signers: Sequence[str] = SIGNERS) -> Path:
    """A folder per signer with a folder per label inside; label i shows shape i, around and around."""
    rng = np.random.default_rng(0)
    for signer in signers:
        for at, label in enumerate(labels):
            for number in range(each):
                save(folder / signer / label / f"{number}.jpg", draw(SHAPES[at % len(SHAPES)], rng))
    return folder


def by_label(folder: Path, each: int = 6, labels: Sequence[str] = SHAPES) -> Path:
    """A folder per label."""
    rng = np.random.default_rng(1)
    for at, label in enumerate(labels):
        for number in range(each):
            save(folder / label / f"{number}.jpg", draw(SHAPES[at % len(SHAPES)], rng))
    return folder


def with_manifest(folder: Path, rows: Sequence[dict[str, object]]) -> Path:
    """A folder whose manifest.csv holds `rows`; each row's picture is drawn unless it is there."""
    rng = np.random.default_rng(2)
    folder.mkdir(parents=True, exist_ok=True)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        table.writerows(rows)
    for row in rows:
        path = folder / str(row["path"])
        if row["path"] and not path.exists():
            save(path, draw(SHAPES[0], rng))
    return folder

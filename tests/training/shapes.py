"""Made-up hands: simple shapes in the colours of made-up signers, small and quick to learn."""

import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from training.data import LANDMARK_COLUMNS

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


def joints(label: str, rng: np.random.Generator) -> np.ndarray:
    """A drawn hand's 21 joints: "open" with five straight fingers, "fist" with folded ones, somewhere in the picture.

    Returns (21, 3), fractions of the picture.
    """
    reach = np.array([0.25, 0.5, 0.75, 1.0]) if label == "open" else np.array([0.25, 0.4, 0.25, 0.15])
    points = [np.zeros(2)]
    for angle in np.deg2rad(np.array([-50, -20, 0, 20, 40]) + rng.uniform(-8, 8)):
        points += [step * np.array([np.sin(angle), -np.cos(angle)]) for step in reach]
    flat = np.array(points) * rng.uniform(0.3, 0.5) + (0.5, 0.75) + rng.normal(0, 0.004, (21, 2))
    return np.column_stack([flat, rng.normal(0, 0.01, 21)])


def hands(folder: Path, each: int = 8, signers: Sequence[str] = SIGNERS) -> Path:
    """Open hands and fists that only their joints tell apart: every picture is noise; some rows have no joints."""
    rng = np.random.default_rng(3)
    rows: list[dict[str, object]] = []
    for signer in signers:
        for label in ("open", "fist"):
            for number in range(each):
                path = f"{signer}/{label}/{number}.jpg"
                save(folder / path, rng.integers(0, 256, (64, 64, 3), np.uint8))
                numbers = dict(zip(LANDMARK_COLUMNS, joints(label, rng).ravel().round(5).tolist(), strict=True))
                known = numbers if number else dict.fromkeys(LANDMARK_COLUMNS, "")
                rows.append({"path": path, "label": label, "signer": signer, "handedness": "Left", **known})
    return with_manifest(folder, rows)


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

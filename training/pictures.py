"""Pictures decoded once: every sample cut to its hand, at one small size, in one array that is kept on disk.

The cut is the one that a hand tracker's landmarks give: centre of their box, side 1.5 × its larger side, edges
replicated. Pictures without landmarks or box are taken as they are, squared in the middle.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from training.data import MASKED_SETS, Sample, read_rgb
from webapp.core.bundle import NOTHING
from webapp.core.hands import CROP_MARGIN, LANDMARKS, Square, hand_square, landmarks_in_square
from webapp.core.messages import cut

Rgb = npt.NDArray[Any]  # (H, W, 3) of uint8; what OpenCV returns is typed loosely
Points = npt.NDArray[Any]  # (21, 3): x and y as fractions of the picture they belong to, z in the same scale

STORE_PX = 112
# Boxes drawn by people hold the hand a little looser than its landmarks do.
DRAWN_BOX_MARGIN = 1.35
# Sets whose pictures are crops by this geometry already.
CROPPED_SETS = frozenset({"tracked"})
# Sets in which the hand is small or loose in the picture: learnt from as a crop and as a whole, since a person
# with a guide box and no tracker sends about that.
LOOSE_SETS = frozenset({"kaggle_asl", "digits"})
# A coloured frame runs round kaggle_asl's pictures: this share of the side is cut away on each side.
_RIM = {"kaggle_asl": 0.03}


@dataclass(frozen=True)
class Pictures:
    """Cut pictures and what belongs to each; every array has one row a picture."""

    rgb: Rgb
    """(N, S, S, 3)"""
    points: npt.NDArray[np.float32]
    """(N, 21, 3): landmarks as fractions of the cut picture; zeros where `found` is false."""
    found: npt.NDArray[np.bool_]
    masked: npt.NDArray[np.bool_]
    """Whether black means "not the hand"."""
    labels: npt.NDArray[np.str_]
    signers: npt.NDArray[np.str_]
    left: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.rgb)


def squares(sample: Sample, width: int, height: int) -> list[Square]:
    """The squares to cut out of a sample's picture: one, or the hand and the whole where both are worth learning."""
    shorter = min(width, height) * (1 - 2 * _RIM.get(sample.set, 0.0))
    whole = Square(width / 2, height / 2, shorter)
    if sample.set in CROPPED_SETS:
        return [whole]
    if sample.landmarks is not None:
        tight = hand_square(sample.landmarks[:, :2] * (width, height))
        return [tight, whole] if sample.set in LOOSE_SETS else [tight]
    if sample.box is not None:
        x, y, box_width, box_height = sample.box
        return [Square(x + box_width / 2, y + box_height / 2, DRAWN_BOX_MARGIN * max(box_width, box_height))]
    return [whole]


def cut_sample(sample: Sample, size: int = STORE_PX) -> list[tuple[Rgb, Points | None]]:
    """The sample's cut pictures, each with its landmarks as fractions of the cut. Raises FrameError, OSError."""
    rgb = read_rgb(sample.path)
    height, width = rgb.shape[:2]
    border = cv2.BORDER_CONSTANT if sample.set in MASKED_SETS else cv2.BORDER_REPLICATE
    cuts = []
    for square in squares(sample, width, height):
        points = None
        if sample.landmarks is not None:
            points = landmarks_in_square(sample.landmarks * (width, height, width), square).astype(np.float32)
        cuts.append((cut(rgb, square, size, border), points))
    return cuts


def load_pictures(
    samples: Sequence[Sample], cache: Path | None = None, size: int = STORE_PX, workers: int = 2
) -> Pictures:
    """All samples' pictures at `size`, from `cache` (a folder) where these very files have been cut before."""
    kept = cache / f"{_fingerprint(samples, size)}.npz" if cache else None
    if kept and kept.is_file():
        with np.load(kept) as arrays:
            return Pictures(**{name: arrays[name] for name in arrays.files})
    with ThreadPoolExecutor(workers) as pool:
        cuts = list(pool.map(lambda sample: cut_sample(sample, size), samples))
    flat = [(sample, rgb, points) for sample, pairs in zip(samples, cuts, strict=True) for rgb, points in pairs]
    pictures = pack(flat)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        fields = {name: getattr(pictures, name) for name in Pictures.__dataclass_fields__}
        aside = kept.with_name(f"next-{kept.name}")
        np.savez(aside, allow_pickle=False, **fields)
        aside.replace(kept)
    return pictures


def pack(rows: Sequence[tuple[Sample, Rgb, Points | None]]) -> Pictures:
    """Rows of sample, cut picture and landmarks as one `Pictures`."""
    blank = np.zeros((LANDMARKS, 3), np.float32)
    return Pictures(
        rgb=np.stack([rgb for _, rgb, _ in rows]),
        points=np.stack([blank if points is None else points for *_, points in rows]),
        found=np.array([points is not None for *_, points in rows]),
        masked=np.array([sample.set in MASKED_SETS for sample, *_ in rows]),
        labels=np.array([sample.label for sample, *_ in rows]),
        signers=np.array([sample.signer for sample, *_ in rows]),
        left=np.array([sample.left_hand for sample, *_ in rows]),
    )


def join(parts: Sequence[Pictures]) -> Pictures:
    """Several sets of pictures as one."""
    return Pictures(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in Pictures.__dataclass_fields__}
    )


def pictures_without_hand(frames: Sequence[Sample], per_frame: int, seed: int, size: int = STORE_PX) -> Pictures | None:
    """Squares cut out of whole frames beside the hand whose box each sample gives: walls, faces, shoulders, forearms.

    They are labelled `nothing`. None where no frame has a box.
    """
    rng = np.random.default_rng(seed)
    rows: list[tuple[Sample, Rgb, Points | None]] = []
    for sample in frames:
        if sample.box is None:
            continue
        rgb = read_rgb(sample.path)
        nothing = Sample(sample.path, NOTHING, sample.signer, set="frames", split=sample.split)
        for _ in range(per_frame):
            square = _square_beside(sample.box, rgb.shape[1], rgb.shape[0], rng)
            if square:
                rows.append((nothing, cut(rgb, square, size), None))
    return pack(rows) if rows else None


def _square_beside(
    box: tuple[float, float, float, float], width: int, height: int, rng: np.random.Generator
) -> Square | None:
    """A random square that holds at most a tenth of the hand's box and is at most a twentieth filled by it."""
    x, y, box_width, box_height = box
    for _ in range(20):
        side = rng.uniform(0.2, 0.95) * min(width, height)
        left, top = rng.uniform(0, width - side), rng.uniform(0, height - side)
        overlap_x = max(0.0, min(left + side, x + box_width) - max(left, x))
        overlap_y = max(0.0, min(top + side, y + box_height) - max(top, y))
        overlap = overlap_x * overlap_y
        if overlap <= 0.1 * box_width * box_height and overlap <= 0.05 * side * side:
            return Square(left + side / 2, top + side / 2, side)
    return None


def _fingerprint(samples: Sequence[Sample], size: int) -> str:
    """Names these very files, as they are now, cut in this very way."""
    digest = hashlib.sha256(f"{size} {CROP_MARGIN} {DRAWN_BOX_MARGIN} {_RIM} 2".encode())
    for sample in samples:
        stat = sample.path.stat()
        digest.update(
            f"{sample.path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}|{sample.label}|{sample.signer}|{sample.left_hand}\n".encode()
        )
    return digest.hexdigest()[:16]

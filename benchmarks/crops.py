"""What simulated cameras see: words spelled by real hands where the photographs are present, else by drawn ones."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from tests.browser import clips, drawn_hands
from training.data import Sample, read_data
from training.served import as_served, landmarks_as_served
from webapp.config import ROOT
from webapp.core.bundle import NOTHING

DATA = ROOT.parent / "shared" / "data"
LETTER_FRAMES = 12
"""1.2 s a letter at ten frames a second."""
GAP_FRAMES = 5
SENT_PX = 160
"""The side of the pictures that the page sends, and their quality."""
QUALITY = 80


@dataclass(frozen=True)
class Crop:
    """What the page tells of one picture of the camera."""

    jpeg: bytes | None
    """None: no hand is in view."""
    landmarks: tuple[float, ...] | None = None
    """(63,), fractions of the crop, unmirrored"""
    hand: str | None = None
    label: str = NOTHING


def spelled(word: str, data: Path = DATA) -> tuple[list[Crop], str]:
    """`word` as a stream of crops at ten frames a second, each letter followed by a gap; and a sentence on whose hands.

    With photographs each letter's crops come from one stranger (`split` is dev).
    """
    if (data / "manifest.csv").is_file():
        of_letter = _real(word, data)
        whose = f"real crops of strangers with their landmarks, from {data}"
    else:
        of_letter = {letter: _drawn(letter) for letter in set(word)}
        whose = f"drawn hands, because {data} is absent; they cost as much as real ones, and are no figure for accuracy"
    stream: list[Crop] = []
    for letter in word:
        crops = of_letter[letter]
        stream += [crops[place % len(crops)] for place in range(LETTER_FRAMES)] + [Crop(None)] * GAP_FRAMES
    return stream, whose


def _real(word: str, data: Path) -> dict[str, list[Crop]]:
    found: dict[str, list[Sample]] = {}
    for sample in sorted(read_data([data])[0], key=lambda sample: sample.path):
        wanted = (sample.set, sample.split) == ("tracked", "dev") and sample.label in word
        same = found.setdefault(sample.label, [])
        if wanted and sample.landmarks is not None and (not same or same[0].signer == sample.signer):
            same.append(sample)
    return {label: [_crop(sample) for sample in samples[:LETTER_FRAMES]] for label, samples in found.items() if samples}


def _crop(sample: Sample) -> Crop:
    landmarks = landmarks_as_served(sample)
    assert landmarks is not None
    rounded = tuple(round(float(number), 4) for number in landmarks)
    return Crop(as_served(sample), rounded, "left" if sample.left_hand else "right", sample.label)


def _drawn(letter: str) -> list[Crop]:
    left, top, side = clips.BOX
    joints = drawn_hands.landmarks()[letter]
    crops = []
    for step in range(LETTER_FRAMES):
        picture = drawn_hands.hand(letter, right=step % 3, down=step % 2)[top : top + side, left : left + side]
        small = cv2.resize(picture, (SENT_PX, SENT_PX), interpolation=cv2.INTER_AREA)
        _, jpeg = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        moved = joints + np.array([step % 3, step % 2, 0]) / side
        numbers = tuple(round(float(number), 4) for number in moved.ravel())
        crops.append(Crop(jpeg.tobytes(), numbers, "right", letter))
    return crops

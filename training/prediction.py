"""What a bundle reads in somebody's own pictures and videos, as text and as an annotated copy."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from training.data import PICTURE_SUFFIXES, read_rgb
from webapp.core.bundle import NOTHING
from webapp.core.frames import FrameError, prepare
from webapp.core.speller import Speller
from webapp.core.stabiliser import Reading, Stabiliser
from webapp.recogniser import Network

Box = tuple[int, ...] | None  # x, y, side in pixels
Rgb = npt.NDArray[Any]

TEXT_LIMIT = 100_000
WORD_PAUSE_SECONDS = 1.5


class PredictionError(Exception):
    """A picture or video that cannot be read; the message says why."""


@dataclass(frozen=True)
class Letter:
    """A sign committed in a video, and when, in seconds from its start."""

    sign: str
    at_seconds: float


def square_of(rgb: Rgb, box: Box) -> Rgb:
    """The square to read: the one given, kept inside the picture, or the largest in the middle.  # (side, side, 3)"""
    height, width = rgb.shape[:2]
    x, y, side = box or ((width - min(width, height)) // 2, (height - min(width, height)) // 2, min(width, height))
    piece = rgb[max(0, y) : max(0, y) + side, max(0, x) : max(0, x) + side]
    if piece.size == 0:
        raise PredictionError(f"the box {x},{y},{side} lies outside the picture of {width}×{height} pixels")
    return piece


def read(network: Network, rgb: Rgb, box: Box, left: bool) -> Reading:
    """One picture's reading. Raises PredictionError."""
    card = network.card
    picture = prepare(square_of(rgb, box), card.input, mirrored=left)
    return Reading.of(card.labels, network.probabilities([picture])[0].tolist(), card.floors)


def read_picture(network: Network, path: Path, box: Box, left: bool) -> str:
    """A picture's sign and its probabilities, one a line. Raises PredictionError."""
    reading = read(network, _load(path), box, left)
    lines = [f"{path}: {reading.observed or 'unsure'}"]
    lines += [f"  {label:8} {probability:.3f}" for label, probability in reading.ranked[:5]]
    return "\n".join(lines)


def read_folder(network: Network, folder: Path, box: Box, left: bool) -> str:
    """A table over all pictures in a folder and below: name, sign, probability, the next likeliest."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURE_SUFFIXES)
    if not paths:
        raise PredictionError("there are no pictures in this folder")
    width = max(len(str(path.relative_to(folder))) for path in paths)
    lines = [f"{'picture':{width}}  sign      probability  next"]
    for path in paths:
        name = f"{path.relative_to(folder)!s:{width}}"
        try:
            reading = read(network, _load(path), box, left)
        except PredictionError as error:
            lines.append(f"{name}  {error}")
            continue
        (_, first), (second, _) = reading.ranked[:2]
        lines.append(f"{name}  {reading.observed or 'unsure':8}  {first:11.3f}  {second}")
    return "\n".join(lines)


def read_video(network: Network, path: Path, target: Path, box: Box, left: bool, hold_seconds: float) -> str:
    """Write an annotated copy to `target` and return the letters with their times, and the text. Raises PredictionError."""
    stabiliser, speller = Stabiliser(), Speller(TEXT_LIMIT)
    letters: list[Letter] = []
    writer: Any = None
    try:
        for at_seconds, rate, rgb in frames_of(path):
            reading = read(network, rgb, box, left)
            belief = stabiliser.step(reading, at_seconds, hold_seconds, WORD_PAUSE_SECONDS)
            if belief.committed and belief.committed != NOTHING:
                letters.append(Letter(belief.committed, at_seconds))
                speller.sign(belief.committed)
            elif belief.word_ended:
                speller.sign("space")
            drawn = annotated(rgb, box, belief.sign, belief.confidence, speller.text)
            if writer is None:
                writer = _writer(target, rate, drawn.shape[1], drawn.shape[0])
            writer.write(drawn[..., ::-1])
    finally:
        if writer is not None:
            writer.release()
    if writer is None:
        raise PredictionError("this is no video that can be read")
    lines = [f"{path}: annotated copy in {target}"]
    lines += [f"  {letter.at_seconds:7.2f} s  {letter.sign}" for letter in letters]
    return "\n".join([*lines, f"  text: {speller.text.strip()}"])


def frames_of(path: Path) -> Iterator[tuple[float, float, Rgb]]:
    """A video's frames: seconds from its start, frames a second, RGB."""
    video = cv2.VideoCapture(str(path))
    try:
        # Bare MJPEG states no rate, and OpenCV then says 0 or something absurd.
        rate = video.get(cv2.CAP_PROP_FPS)
        rate = rate if 1 <= rate <= 240 else 10.0
        count = 0
        while True:
            ok, bgr = video.read()
            if not ok:
                return
            yield count / rate, rate, np.ascontiguousarray(bgr[..., ::-1])
            count += 1
    finally:
        video.release()


def annotated(rgb: Rgb, box: Box, sign: str | None, confidence: float, text: str) -> Rgb:
    """A copy of a frame with the square that was read, the sign and the end of the text drawn on it."""
    picture = rgb.copy()
    height, width = picture.shape[:2]
    x, y, side = box or ((width - min(width, height)) // 2, (height - min(width, height)) // 2, min(width, height))
    cv2.rectangle(picture, (x, y), (x + side - 1, y + side - 1), (255, 255, 255), 1)
    size = height / 320
    for colour, thickness in (((0, 0, 0), 4), ((255, 255, 255), 1)):  # an outline, so that it is read on any ground
        words = f"{sign} {confidence:.0%}" if sign else "-"
        cv2.putText(picture, words, (x + 6, y + int(34 * size)), cv2.FONT_HERSHEY_SIMPLEX, size, colour, thickness)
        end = (6, height - int(10 * size))
        cv2.putText(picture, text[-40:], end, cv2.FONT_HERSHEY_SIMPLEX, 0.7 * size, colour, thickness)
    return picture


def _writer(target: Path, rate: float, width: int, height: int) -> Any:
    target.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"mp4v"), rate, (width, height))
    if not writer.isOpened():
        raise PredictionError(f"the annotated copy cannot be written to {target}")
    return writer


def _load(path: Path) -> Rgb:
    try:
        return read_rgb(path)
    except FrameError as error:
        raise PredictionError(error.message) from None

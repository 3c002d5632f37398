"""Videos as pictures with their times."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

UNSTATED_RATE = 10.0
"""Frames a second of a video that does not say."""
NO_VIDEO = "this is no video that can be read"


class VideoFrame(NamedTuple):
    """One picture of a video."""

    at_seconds: float
    """Since its start."""
    rate: float
    """The video's frames a second."""
    rgb: npt.NDArray[Any]
    """(H, W, 3)"""


def frames_of(path: Path) -> Iterator[VideoFrame]:
    """A video's frames in order; none where it cannot be read."""
    video = cv2.VideoCapture(str(path))
    try:
        rate = _rate(path, video.get(cv2.CAP_PROP_FPS))
        count = 0
        while True:
            ok, bgr = video.read()
            if not ok:
                return
            yield VideoFrame(count / rate, rate, np.ascontiguousarray(bgr[..., ::-1]))
            count += 1
    finally:
        video.release()


def _rate(path: Path, stated: float) -> float:
    # Bare MJPEG has no clock: what OpenCV says of it is a guess, and of other videos sometimes absurd.
    return stated if path.suffix.lower() != ".mjpeg" and 1 <= stated <= 240 else UNSTATED_RATE

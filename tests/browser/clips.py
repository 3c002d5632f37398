"""Films for Chromium's fake camera: 640×480 pictures one after the other, each shown for as long as the test says.

A raw .mjpeg file has no clock; Chromium plays it at 30 pictures a second and begins again at its end.
"""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from tests.colours import LETTERS, colour_of

WIDTH, HEIGHT = 640, 480
PICTURES_A_SECOND = 30

Picture = np.ndarray  # (480, 640, 3), RGB, uint8
Scenes = list[tuple[Picture, float]]  # pictures with their seconds

# The guide box as the page first puts it, in pixels of the unmirrored picture: left, top, side. test_guide.py holds the
# page to it, so a film made beforehand fits.
BOX = (53, 120, 278)


def write(path: Path, scenes: Iterable[tuple[Picture, float]]) -> Path:
    """Write pictures with their seconds as a film; what is rounded for one is made up for by the next."""
    shown, until = 0, 0.0
    with path.open("wb") as film:
        for picture, seconds in scenes:
            until += seconds * PICTURES_A_SECOND
            times = max(1, round(until) - shown)
            shown += times
            encoded, jpeg = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
            assert encoded
            film.write(jpeg.tobytes() * times)
    return path


def plain(rgb: Iterable[float] = (128, 128, 128)) -> Picture:
    """A picture of one colour."""
    return np.full((HEIGHT, WIDTH, 3), list(rgb), np.uint8)


def in_box(content: np.ndarray, around: Picture) -> Picture:
    """`around` with a square picture, or a colour, where the guide box is."""
    left, top, side = BOX
    picture = around.copy()
    if content.ndim == 3:
        content = cv2.resize(content, (side, side), interpolation=cv2.INTER_AREA)
    picture[top : top + side, left : left + side] = content
    return picture


def showing(label: str, labels: tuple[str, ...] = LETTERS) -> Picture:
    """What the colour-reading models of tests/colours.py take for `label`: its colour in the box, no hand around it."""
    return in_box(colour_of(labels, label), plain(colour_of(labels, "nothing")))


def spelling(
    word: str,
    labels: tuple[str, ...] = LETTERS,
    hold_seconds: float = 1.3,
    gap_seconds: float = 0.7,
    end_seconds: float = 6.0,
) -> Scenes:
    """Scenes that spell `word` in colours, with a gap after each letter and a long one at the end."""
    nothing = plain(colour_of(labels, "nothing"))
    scenes = [(nothing, gap_seconds)]
    for letter in word:
        scenes += [(showing(letter, labels), hold_seconds), (nothing, gap_seconds)]
    return [*scenes, (nothing, end_seconds)]

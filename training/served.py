"""A network asked as the server asks it: JPEG bytes in, `frames.decode_jpeg` and `frames.prepare`, LiteRT, out.

Whatever number is published about a bundle comes through here.
"""

from collections.abc import Iterable
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from training.data import Sample, read_rgb
from training.pictures import Rgb, cut, squares
from webapp.core.bundle import Card, InputSpec
from webapp.core.frames import decode_jpeg, prepare
from webapp.core.hands import landmarks_in_square

Floats = npt.NDArray[np.float32]

BATCH = 16
# What the page sends.
PAGE_JPEG_QUALITY = 80


class Network:
    """A LiteRT file ready to answer batches of one size."""

    def __init__(self, tflite: Path, size: int, batch: int = BATCH, threads: int = 2) -> None:
        self._interpreter = Interpreter(str(tflite), num_threads=threads)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._interpreter.resize_tensor_input(self._input, (batch, size, size, 3))
        self._interpreter.allocate_tensors()
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._batch = batch

    def __call__(self, pictures: Floats) -> Floats:
        """Probabilities of prepared pictures, however many.  # (N, S, S, 3) -> (N, labels)"""
        answers = []
        for start in range(0, len(pictures), self._batch):
            part = pictures[start : start + self._batch]
            padded = np.zeros((self._batch, *part.shape[1:]), np.float32)
            padded[: len(part)] = part
            self._interpreter.set_tensor(self._input, padded)
            self._interpreter.invoke()
            answers.append(self._interpreter.get_tensor(self._output)[: len(part)])
        return np.concatenate(answers)


def as_served(sample: Sample) -> bytes:
    """The JPEG that a page would send of this sample: the file itself, or the hand cut out of a whole photograph.

    Raises FrameError, OSError.
    """
    data = sample.path.read_bytes()
    if sample.box is None and data.startswith(b"\xff\xd8"):
        return data
    rgb = read_rgb(sample.path)
    if sample.box is not None:
        square = squares(sample, rgb.shape[1], rgb.shape[0])[0]
        rgb = cut(rgb, square, max(48, min(224, round(square.side))))
    return page_jpeg(rgb)


def landmarks_as_served(sample: Sample) -> Floats | None:
    """The landmarks that a page would send with `as_served(sample)`: fractions of that very picture.  # (63,)

    None where the sample has none. Raises FrameError, OSError.
    """
    if sample.landmarks is None:
        return None
    if sample.box is None:
        return sample.landmarks.ravel()
    height, width = read_rgb(sample.path).shape[:2]
    in_pixels = sample.landmarks * (width, height, width)
    square = squares(sample, width, height)[0]
    return landmarks_in_square(in_pixels, square).astype(np.float32).ravel()


def page_jpeg(rgb: Rgb, quality: int = PAGE_JPEG_QUALITY) -> bytes:
    """A picture encoded as the page encodes its crops.  # (H, W, 3)"""
    ok, encoded = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok
    return encoded.tobytes()


def prepared(samples: Iterable[Sample], spec: InputSpec) -> Floats:
    """All samples as the network is fed them.  # (N, S, S, 3)"""
    return np.stack([prepare(decode_jpeg(as_served(sample)), spec) for sample in samples])


def milliseconds_a_frame(tflite: Path, size: int, repeats: int = 60) -> float:
    """How long one frame takes on one core, in the median."""
    network = Network(tflite, size, batch=1, threads=1)
    picture = np.full((1, size, size, 3), 127, np.float32)
    network(picture)
    times = []
    for _ in range(repeats):
        start = perf_counter()
        network(picture)
        times.append(perf_counter() - start)
    return float(np.median(times) * 1e3)


def network_of(card: Card, folder: Path) -> Network:
    """The bundle's network."""
    return Network(folder / "model.tflite", card.input.size)

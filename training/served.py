"""A network asked as the server asks it: JPEG bytes in, `frames.decode_jpeg` and `frames.prepare`, LiteRT, out.

Whatever number is published about a bundle comes through here.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from training.data import Sample, read_rgb
from training.pictures import squares
from webapp.core.bundle import InputSpec
from webapp.core.frames import decode_jpeg, prepare
from webapp.core.hands import LANDMARK_ROW, landmark_row, landmarks_in_square, mirrored_landmarks
from webapp.core.messages import cut, page_jpeg

if TYPE_CHECKING:  # tools that only read need not wait for the backend
    import keras

Floats = npt.NDArray[np.float32]
Inputs = Mapping[str, Floats]
"""What networks are fed, by the name of the input: `image` (N, S, S, 3) and `landmarks` (N, 64)."""

BATCH = 16


class Network:
    """A LiteRT file ready to answer batches of one size."""

    def __init__(self, tflite: Path, size: int, batch: int = BATCH, threads: int = 2) -> None:
        self._interpreter = Interpreter(str(tflite), num_threads=threads)
        shapes = {"image": (batch, size, size, 3), "landmarks": (batch, LANDMARK_ROW)}
        self._places: dict[str, int] = {}
        for details in self._interpreter.get_input_details():
            name = "image" if len(details["shape"]) == 4 else "landmarks"
            self._places[name] = details["index"]
            self._interpreter.resize_tensor_input(details["index"], shapes[name])
        self._interpreter.allocate_tensors()
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._batch = batch

    def __call__(self, inputs: Inputs) -> Floats:
        """Probabilities of prepared pictures, however many. What the network does not take is left.  # (N, labels)"""
        answers = []
        count = len(inputs["image"])
        for start in range(0, count, self._batch):
            for name, place in self._places.items():
                part = inputs[name][start : start + self._batch]
                padded = np.zeros((self._batch, *part.shape[1:]), np.float32)
                padded[: len(part)] = part
                self._interpreter.set_tensor(place, padded)
            self._interpreter.invoke()
            answers.append(self._interpreter.get_tensor(self._output)[: count - start])
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


def prepared(samples: Iterable[Sample], spec: InputSpec) -> Inputs:
    """All samples as a network is fed them. Whoever knows the landmarks knows a left hand, and mirrors it, as live."""
    pictures, rows = [], []
    for sample in samples:
        landmarks = landmarks_as_served(sample) if spec.landmarks else None
        mirrored = landmarks is not None and sample.left_hand
        pictures.append(prepare(decode_jpeg(as_served(sample)), spec, mirrored))
        rows.append(landmark_row(mirrored_landmarks(landmarks) if landmarks is not None and mirrored else landmarks))
    return {"image": np.stack(pictures), "landmarks": np.stack(rows)}


def fed(model: "keras.Model", inputs: Inputs) -> Any:
    """The inputs that a Keras network takes, in the form in which it takes them."""
    names = [tensor.name for tensor in model.inputs]
    return inputs[names[0]] if len(names) == 1 else {name: inputs[name] for name in names}


def untold(inputs: Inputs) -> Inputs:
    """The same without any landmarks."""
    return {**inputs, "landmarks": np.zeros_like(inputs["landmarks"])}


def milliseconds_a_frame(tflite: Path, size: int, repeats: int = 60) -> float:
    """How long one frame takes on one core, in the median."""
    network = Network(tflite, size, batch=1, threads=1)
    picture = {
        "image": np.full((1, size, size, 3), 127, np.float32),
        "landmarks": np.full((1, LANDMARK_ROW), 1, np.float32),
    }
    network(picture)
    times = []
    for _ in range(repeats):
        start = perf_counter()
        network(picture)
        times.append(perf_counter() - start)
    return float(np.median(times) * 1e3)

"""Model bundles in, readings out. The only room that knows the inference runtime, and how a crop becomes what a network is fed."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from webapp.core import bundle
from webapp.core.bundle import BundleError, Card
from webapp.core.frames import FrameError, Rgb, decode_frame, resized
from webapp.core.hands import LANDMARK_ROW, mirrored_landmarks, write_landmark_row

Landmarks = Sequence[float] | npt.NDArray[np.floating]  # (63,), fractions of the crop


class Crop(NamedTuple):
    """What is to be read: a picture of a hand, and what is known of it."""

    jpeg: bytes
    mirrored: bool
    """Whether it shows a left hand, which is read as a right one."""
    landmarks: Sequence[float] | None
    """63 fractions of the crop."""


class Network:
    """A bundle ready to answer; for one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Load and check the bundle in `folder`. Raises BundleError."""
        self.card: Card = bundle.read_card(folder)
        self._path = folder / bundle.TFLITE_NAME
        self._loaded: dict[int, _Loaded] = {}
        self._check(1)

    def probabilities(
        self,
        pictures: Sequence[Rgb | npt.NDArray[np.float32]],
        landmarks: Sequence[Landmarks | None] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Read pictures of the network's size, each (S, S, 3), with the landmarks that are known, each (63,).  # (N, labels)

        A network that takes no landmarks ignores them.
        """
        return self._loaded_for(_padded(len(pictures))).run(pictures, landmarks or [None] * len(pictures))

    def warm_up(self, largest_batch: int) -> None:
        """Build and check the interpreters for all batch sizes up to `largest_batch`, so that no visitor waits for one.

        Raises BundleError.
        """
        size = 2
        while size <= _padded(largest_batch):
            self._check(size)
            size *= 2

    def interpreter(self, batch_size: int) -> Interpreter:
        """The runtime's own part that answers batches of this size."""
        return self._loaded_for(batch_size).interpreter

    def _loaded_for(self, batch_size: int) -> "_Loaded":
        # One for each size: changing the size of one packs its weights anew, which costs more than a frame.
        if batch_size not in self._loaded:
            self._loaded[batch_size] = _Loaded(self._path, batch_size)
        return self._loaded[batch_size]

    def _check_inputs(self) -> None:
        """Raises ValueError where the network's inputs are not those that the card says."""
        found = sorted(tuple(details["shape"][1:].tolist()) for details in self.interpreter(1).get_input_details())
        side = self.card.input.size
        said = [(LANDMARK_ROW,), (side, side, 3)] if self.card.input.landmarks else [(side, side, 3)]
        if found != sorted(said):
            raise ValueError(f"its inputs are {found}, the card says {sorted(said)}")

    def _check(self, batch_size: int) -> None:
        where, advice = self._path, "Restore the file or export the bundle again with training/train.py."
        if batch_size > 1:
            advice = f"{advice} HANDSPELL_MAX_BATCH=1 reads frames one by one."
        run = "run" if batch_size == 1 else f"run on {batch_size} frames together"
        pictures = [bundle.check_input(self.card.input.size)[0]] * batch_size
        try:
            self._check_inputs()
            answers = self.probabilities(pictures, [bundle.check_landmarks()] * batch_size)
        except (ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise BundleError(f"{where}: the model cannot be {run} ({reason}). {advice}") from None
        if answers[0].shape != (len(self.card.labels),):
            raise BundleError(
                f"{where}: the model answers {answers[0].size} numbers, the card has {len(self.card.labels)} labels. {advice}"
            )
        off = float(np.abs(answers - np.array(self.card.check_output)).max())
        if not off <= bundle.CHECK_TOLERANCE:
            raise BundleError(
                f"{where}: the stored check input is answered {off:.3g} away from the stored answer "
                f"(at most {bundle.CHECK_TOLERANCE:g} is allowed). {advice}"
            )


class _Loaded:
    """An interpreter for batches of one size."""

    def __init__(self, path: Path, batch_size: int) -> None:
        self.interpreter = Interpreter(model_path=str(path), num_threads=1)
        inputs = self.interpreter.get_input_details()
        for details in inputs:
            self.interpreter.resize_tensor_input(details["index"], [batch_size, *details["shape"][1:]])
        self.interpreter.allocate_tensors()
        index_of = {len(details["shape"]): details["index"] for details in inputs}
        if 4 not in index_of:
            raise ValueError("it takes no picture")
        # Each call shows the interpreter's own memory, which nobody may still look at while it computes.
        self._pictures = self.interpreter.tensor(index_of[4])  # (N, S, S, 3)
        self._landmarks = self.interpreter.tensor(index_of[2]) if 2 in index_of else None  # (N, 64)
        self._answers = self.interpreter.tensor(self.interpreter.get_output_details()[0]["index"])  # (N, labels)

    def run(
        self, pictures: Sequence[npt.NDArray[np.generic]], landmarks: Sequence[Landmarks | None]
    ) -> npt.NDArray[np.float32]:
        """Answer at most as many pictures as the batch has places; the others hold what they held.  # (pictures, labels)"""
        for place, picture in enumerate(pictures):
            self._pictures()[place] = picture  # made floats on the way: no copy is written that is not needed
        if self._landmarks:
            for place, flat in enumerate(landmarks):
                write_landmark_row(self._landmarks()[place], flat)
        self.interpreter.invoke()
        answers: npt.NDArray[np.float32] = self._answers()[: len(pictures)].copy()
        return answers


def load_networks(folder: Path, largest_batch: int = 1) -> dict[str, Network]:
    """Every bundle in `folder`, by the name of its folder, ready for batches up to that size.

    Raises BundleError if one is bad or there is none: better here than in the thread that reads, where nobody would hear.
    """
    found = sorted(path.parent for path in folder.glob(f"*/{bundle.CARD_NAME}"))
    if not found:
        raise BundleError(f"{folder}: there is no model bundle here. Set HANDSPELL_MODELS to a folder that holds one.")
    networks = {path.name: Network(path) for path in found}
    for network in networks.values():
        network.warm_up(largest_batch)
    return networks


def read_crops(network: Network, crops: Sequence[Crop]) -> list[list[float] | FrameError]:
    """The probabilities of the network's labels for each crop, read together; or why a picture cannot be read."""
    answers: list[list[float] | FrameError] = []
    pictures, rows = [], []
    for crop in crops:
        try:
            pictures.append(resized(decode_frame(crop.jpeg), network.card.input, crop.mirrored))
        except FrameError as error:
            answers.append(error)
            continue
        answers.append([])
        mirrored = crop.mirrored and crop.landmarks is not None
        rows.append(mirrored_landmarks(np.array(crop.landmarks, np.float32)) if mirrored else crop.landmarks)
    if pictures:
        read = iter(network.probabilities(pictures, rows).tolist())
        answers = [answer if isinstance(answer, FrameError) else next(read) for answer in answers]
    return answers


def _padded(count: int) -> int:
    """The batch size that serves `count` frames: the next power of two."""
    size = 1
    while size < count:
        size *= 2
    return size

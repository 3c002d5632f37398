"""Model bundles in, readings out. The only room that knows the inference runtime.

One thread uses the interpreters, because an interpreter used from two raises: a native one of its own or, where all
handlers share a thread, that one, since handing a frame over and back would wake a sleeping core twice. Visitors' frames
wait in a table with one place for each visitor: a newer frame takes the place of the one that still waits, so nothing
queues without bound, and what has waited longest is read first. Several may be read together, which gains nothing on a
processor: a batch costs what its frames cost one by one, and the first of them would wait for the last.
"""

import time
from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from webapp.concurrency import Completion, Concurrency
from webapp.core import bundle
from webapp.core.bundle import BundleError, Card
from webapp.core.frames import FrameError, decode_frame, prepare
from webapp.core.hands import LANDMARK_ROW, landmark_row, mirrored_landmarks
from webapp.core.stabiliser import Reading

Landmarks = npt.NDArray[np.floating]  # (63,), fractions of the crop

# Of so many frames it is remembered how long they waited: more than any machine reads in a second.
MOST_WAITS = 5000


class SupersededError(Exception):
    """A newer frame of the same visitor came before this one's turn."""


class Network:
    """A bundle ready to answer; for one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Load and check the bundle in `folder`. Raises BundleError."""
        self.card: Card = bundle.read_card(folder)
        self._path = folder / bundle.TFLITE_NAME
        self._loaded: dict[int, _Loaded] = {}
        self._check(1)

    def probabilities(
        self, pictures: Sequence[npt.NDArray[np.float32]], landmarks: Sequence[Landmarks | None] | None = None
    ) -> npt.NDArray[np.float32]:
        """Read prepared pictures, each (S, S, 3), with the landmarks that are known, each (63,).  # (N, labels)

        A network that takes no landmarks ignores them.
        """
        loaded = self._loaded_for(_padded(len(pictures)))
        for place, picture in enumerate(pictures):
            loaded.pictures[place] = picture
        if loaded.landmarks is not None:
            for place, row in enumerate(landmarks or [None] * len(pictures)):
                loaded.landmarks[place] = landmark_row(row)
        return loaded.run()[: len(pictures)]

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
    """An interpreter for batches of one size, with the arrays that it is fed from, used again for every batch."""

    def __init__(self, path: Path, batch_size: int) -> None:
        self.interpreter = Interpreter(model_path=str(path), num_threads=1)
        for details in self.interpreter.get_input_details():
            self.interpreter.resize_tensor_input(details["index"], [batch_size, *details["shape"][1:]])
        self.interpreter.allocate_tensors()
        self._fed = [
            (details["index"], np.zeros(details["shape"], np.float32))
            for details in self.interpreter.get_input_details()
        ]
        self.pictures = next(array for _, array in self._fed if array.ndim == 4)  # (N, S, S, 3)
        self.landmarks = next((array for _, array in self._fed if array.ndim == 2), None)  # (N, 64)
        self._answer = self.interpreter.get_output_details()[0]["index"]

    def run(self) -> npt.NDArray[np.float32]:
        """Answer what the arrays hold now; rows of an earlier batch may be among it.  # (N, labels)"""
        for index, array in self._fed:
            self.interpreter.set_tensor(index, array)
        self.interpreter.invoke()
        answer: npt.NDArray[np.float32] = self.interpreter.get_tensor(self._answer)
        return answer


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


@dataclass
class _Job:
    model: str
    jpeg: bytes
    mirrored: bool
    landmarks: Landmarks | None
    done: Completion | None
    """What its handler waits for; None where the handler reads it itself."""
    since: float = field(default_factory=time.monotonic)
    result: Reading | None = None
    error: BaseException | None = None


@dataclass
class Recogniser:
    """Reads visitors' frames, each in its turn."""

    networks: dict[str, Network]
    concurrency: Concurrency
    max_batch: int
    ready: bool = field(default=False, init=False)
    """Whether frames are being answered."""
    _waiting: dict[Hashable, _Job] = field(default_factory=dict, init=False)
    _waited: deque[tuple[Hashable, float]] = field(default_factory=lambda: deque(maxlen=MOST_WAITS), init=False)
    _stopping: bool = field(default=False, init=False)
    _thread: Any = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._changed = self.concurrency.condition()

    @property
    def cards(self) -> dict[str, Card]:
        return {name: network.card for name, network in self.networks.items()}

    def start(self) -> None:
        if self.concurrency.one_thread:
            self.ready = True
        else:
            self._thread = self.concurrency.start_thread(self._run, "recogniser")

    def stop(self) -> None:
        """End the thread. A process that exits while it is in the middle of an inference would crash instead."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread:
            self._thread.join(timeout=5)

    def read(
        self, visitor: Hashable, model: str, jpeg: bytes, mirrored: bool, landmarks: Sequence[float] | None = None
    ) -> Reading:
        """Read one crop, with its 63 landmarks if they are known, and wait for the result without blocking other visitors.

        Raises FrameError for a bad picture and SupersededError if the same visitor's next frame came first.
        """
        joints = None if landmarks is None else np.array(landmarks, np.float32)
        done = None if self.concurrency.one_thread else self.concurrency.completion()
        job = _Job(model, jpeg, mirrored, joints, done)
        with self._changed:
            # Replacing keeps the visitor's place in the row: whoever sends fast does not come round more often.
            older = self._waiting.get(visitor)
            self._waiting[visitor] = job
            self._changed.notify()
        if older:
            self._supersede(older)
        if job.done:
            job.done.wait()
        else:
            self._read_in_turn(job)
        if job.error:
            raise job.error
        assert job.result is not None
        return job.result

    def waits(self) -> tuple[int, float]:
        """How many visitors' frames were read since the last call, and for how many seconds a frame waited for its turn, on average."""
        with self._changed:
            waited = list(self._waited)
            self._waited.clear()
        visitors = {visitor for visitor, _ in waited}
        return len(visitors), sum(seconds for _, seconds in waited) / max(1, len(waited))

    def forget(self, visitor: Hashable) -> None:
        """Drop what still waits for a visitor who has gone."""
        with self._changed:
            job = self._waiting.pop(visitor, None)
        if job:
            self._supersede(job)

    def _supersede(self, job: _Job) -> None:
        job.error = SupersededError()
        if job.done:
            self.concurrency.finish(job.done)

    def _read_in_turn(self, job: _Job) -> None:
        """Read what has waited longest until `job` has been read or superseded; nobody else runs meanwhile."""
        self.concurrency.give_way()  # whoever has sent a frame by now lines up first, this visitor's next one included
        while job.result is None and job.error is None:
            self._read_together(self._take())

    def _run(self) -> None:
        self.ready = True
        while jobs := self._take():
            self._read_together(jobs)
            for job in jobs:
                if job.done:
                    self.concurrency.finish(job.done)

    def _read_together(self, jobs: list[_Job]) -> None:
        try:
            self._answer(jobs)
        except BaseException as error:  # whoever reads must outlive any frame, and the handler reports the error
            for job in jobs:
                job.error = job.error or error

    def _take(self) -> list[_Job]:
        """The next batch: whatever waits for the model of the frame that has waited longest. Empty: it is time to stop."""
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
            if self._stopping:
                self.ready = False
                return []
            model = next(iter(self._waiting.values())).model
            visitors = [visitor for visitor, job in self._waiting.items() if job.model == model][: self.max_batch]
            now = time.monotonic()
            self._waited.extend((visitor, now - self._waiting[visitor].since) for visitor in visitors)
            return [self._waiting.pop(visitor) for visitor in visitors]

    def _answer(self, jobs: list[_Job]) -> None:
        network = self.networks[jobs[0].model]
        card = network.card
        good: list[tuple[_Job, npt.NDArray[np.float32], Landmarks | None]] = []
        for job in jobs:
            try:
                picture = prepare(decode_frame(job.jpeg), card.input, job.mirrored)
            except FrameError as error:
                job.error = error
                continue
            joints = job.landmarks
            if job.mirrored and joints is not None:
                joints = mirrored_landmarks(joints)
            good.append((job, picture, joints))
        if good:
            rows = network.probabilities([picture for _, picture, _ in good], [joints for *_, joints in good])
            for (job, *_), row in zip(good, rows, strict=True):
                job.result = Reading.of(card.labels, row.tolist(), card.floors_of(job.landmarks))


def _padded(count: int) -> int:
    """The batch size that serves `count` frames: the next power of two."""
    size = 1
    while size < count:
        size *= 2
    return size

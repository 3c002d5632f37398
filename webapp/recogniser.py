"""Visitors' frames, each in its turn: who waits, which is read next, and where.

They wait in a table with one place for each visitor: a newer frame takes the place of the one that still waits, so nothing
queues without bound, and what has waited longest is read first. Several may be read together, which gains nothing on a
processor: a batch costs what its frames cost one by one, and the first of them would wait for the last.

One thread uses the interpreters here, because an interpreter used from two raises: a native one of its own or, where all
handlers share a thread, that one, since handing a frame over and back would wake a sleeping core twice. That is also why
frames that come seldom are read here. Where the row is long, those that have waited longest are given to processes that read
beside this one (webapp/reader_process.py) as far as those have room, and the others are read here meanwhile.
"""

import time
from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from webapp.concurrency import Completion, Concurrency
from webapp.core.bundle import Card
from webapp.core.stabiliser import Reading
from webapp.inference import Crop, Network, read_crops
from webapp.reader_process import ReaderProcess

# Of so many frames it is remembered how long they waited: more than any machine reads in a second.
MOST_WAITS = 5000
LONG_ROW = 4
"""As long as no more frames wait than these, all are read here. To wake another process takes time of both: where frames come
seldom, more than it saves."""


class SupersededError(Exception):
    """A newer frame of the same visitor, or the server's end, came before this one's turn."""


@dataclass
class _Job:
    visitor: Hashable
    model: str
    crop: Crop
    done: Completion | None
    """What its handler waits for; None while the handler reads it itself."""
    since: float = field(default_factory=time.monotonic)
    result: Reading | None = None
    error: BaseException | None = None

    @property
    def settled(self) -> bool:
        return self.result is not None or self.error is not None


class Recogniser:
    """Reads visitors' frames, each in its turn."""

    def __init__(
        self,
        networks: dict[str, Network],
        concurrency: Concurrency,
        max_batch: int,
        models: Path | None = None,
        processes: int = 0,
    ) -> None:
        """models: the folder of the networks, for so many processes that read beside this one."""
        self.networks = networks
        self.ready = False
        """Whether frames are being answered."""
        self._concurrency = concurrency
        self._max_batch = max_batch
        self._waiting: dict[Hashable, _Job] = {}
        self._waited: deque[tuple[Hashable, float]] = deque(maxlen=MOST_WAITS)
        self._stopping = False
        self._changed = concurrency.condition()
        self._thread: Any = None
        self._readers: list[ReaderProcess[_Job]] = []
        if models:
            self._readers = [ReaderProcess(models, concurrency, self._answered, self._lost) for _ in range(processes)]

    @property
    def cards(self) -> dict[str, Card]:
        return {name: network.card for name, network in self.networks.items()}

    def start(self) -> None:
        if self._concurrency.one_thread:
            self.ready = True
        else:
            self._thread = self._concurrency.start_thread(self._run, "recogniser")
        for reader in self._readers:
            reader.start()

    def stop(self) -> None:
        """End the thread and the processes. A process that exits while it is in the middle of an inference would crash instead."""
        with self._changed:
            self._stopping = True
            waiting = list(self._waiting.values())
            self._waiting.clear()
            self._changed.notify()
        for job in waiting:
            self._supersede(job)
        if self._thread:
            self._thread.join(timeout=5)
        for reader in self._readers:
            reader.stop()

    def read(
        self, visitor: Hashable, model: str, jpeg: bytes, mirrored: bool, landmarks: Sequence[float] | None = None
    ) -> Reading:
        """Read one crop, with its 63 landmarks if they are known, and wait for the result without blocking other visitors.

        Raises FrameError for a bad picture and SupersededError if the same visitor's next frame or the server's end came first.
        """
        one_thread = self._concurrency.one_thread
        done = None if one_thread else self._concurrency.completion()
        job = _Job(visitor, model, Crop(jpeg, mirrored, landmarks), done)
        with self._changed:
            if self._stopping:
                raise SupersededError
            # Replacing keeps the visitor's place in the row: whoever sends fast does not come round more often.
            older = self._waiting.get(visitor)
            self._waiting[visitor] = job
            if not one_thread:
                self._share()
                self._changed.notify()
        if older:
            self._supersede(older)
        if one_thread:
            self._read_in_turn(job)
        elif done:
            done.wait()
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
        self._wake(job)

    def _wake(self, job: _Job) -> None:
        if job.done:
            self._concurrency.wake(job.done)

    def _read_in_turn(self, job: _Job) -> None:
        """Read what has waited longest until `job` has been read or superseded; nobody else runs meanwhile."""
        self._concurrency.give_way()  # whoever has sent a frame by now lines up first, this visitor's next one included
        while not job.settled:
            if job.done:  # a process has it
                job.done.wait()
                continue
            for reader in self._readers:
                reader.collect()
            self._read_together(self._take())

    def _run(self) -> None:
        self.ready = True
        while jobs := self._take():
            self._read_together(jobs)
            for job in jobs:
                self._wake(job)

    def _read_together(self, jobs: list[_Job]) -> None:
        answers: Sequence[list[float] | BaseException]
        try:
            answers = read_crops(self.networks[jobs[0].model], [job.crop for job in jobs])
        except BaseException as error:  # whoever reads must outlive any frame, and the handler reports the error
            answers = [error] * len(jobs)
        for job, answer in zip(jobs, answers, strict=True):
            self._settle(job, answer)

    def _settle(self, job: _Job, answer: list[float] | BaseException) -> None:
        if isinstance(answer, BaseException):
            job.error = answer
            return
        card = self.networks[job.model].card
        job.result = Reading.of(card.labels, answer, card.floors_of(job.crop.landmarks))

    def _take(self) -> list[_Job]:
        """The next batch to be read here: whatever waits for the model of the frame that has waited longest, after what is too
        much has been shared out. Empty: it is time to stop.
        """
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
            if self._stopping:
                self.ready = False
                return []
            self._share()
            model = next(iter(self._waiting.values())).model
            jobs = [job for job in self._waiting.values() if job.model == model][: self._max_batch]
            for job in jobs:
                self._begin(job)
            return jobs

    def _begin(self, job: _Job) -> None:
        """Take it out of the row, since its turn has come."""
        del self._waiting[job.visitor]
        self._waited.append((job.visitor, time.monotonic() - job.since))

    def _share(self) -> None:
        """Give what is too much for this process to the others, as far as they have room. `_changed` is held."""
        while len(self._waiting) > LONG_ROW:
            job = next(iter(self._waiting.values()))
            if not any(reader.give(job) for reader in self._readers):
                return
            job.done = job.done or self._concurrency.completion()
            self._begin(job)

    def _answered(self, job: _Job, answer: list[float] | Exception) -> None:
        """A process has read it, and has room for another."""
        self._settle(job, answer)
        self._wake(job)
        with self._changed:
            self._share()

    def _lost(self, jobs: list[_Job]) -> None:
        """A process has ended while it had them: they are read here, unless a newer frame of the visitor waits."""
        for job in jobs:
            with self._changed:
                if self._stopping or self._waiting.setdefault(job.visitor, job) is not job:
                    job.error = SupersededError()
                self._changed.notify()
            if job.error or self._concurrency.one_thread:
                self._wake(job)
            if self._concurrency.one_thread:
                job.done = None

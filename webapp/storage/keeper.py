"""The thread that keeps transcripts and lessons: everything that touches the database happens in it, one thing after the other.

Nobody who spells ever waits for the database. What is to be kept waits in memory, is written a few times a second, and
stays there while the database is away, until it is back. A thread of its own, native in both async modes: SQLAlchemy
and its drivers take locks, which are green under eventlet and must never be fought over by two threads.
"""

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from alembic.util import CommandError
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from webapp.concurrency import Completion, Concurrency
from webapp.core.transcript import Entry
from webapp.storage import lessons
from webapp.storage.database import BAD_DATA, open_engine
from webapp.storage.store import Head, Portion, Store

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

# What is written together. With the time that writing takes it stays well below the second that a killed server may lose.
WRITE_SECONDS = 0.3
# Some 60 MB; a class of thirty that spells without a pause fills it in an hour.
MOST_WAITING = 100_000
MOST_WRITTEN = 5_000
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.5, 5.0
SWEEP_SECONDS = 3600.0
STOP_SECONDS = 15.0

_AWAY = (SQLAlchemyError, OSError, CommandError)


class DatabaseAway(Exception):  # noqa: N818  (it is a state of the world rather than an error)
    """The database does not answer, or has no room."""


@dataclass
class _Waiting:
    """What is still to be written of one transcript."""

    head: Head
    entries: list[Entry]
    models: tuple[str, ...]
    text: str


@dataclass
class _Job:
    work: Callable[[Store], Any]
    done: Completion
    result: Any = None
    error: BaseException | None = None


@dataclass
class Keeper:
    """Writes what is handed in with `append` and `put`, and answers questions with `ask`."""

    url: URL
    retention_days: int
    """For transcripts."""
    lesson_days: int
    concurrency: Concurrency
    away: str | None = field(default=None, init=False)
    """Why the database cannot be used at present, for the log."""
    lost: int = field(default=0, init=False)
    """Entries that could not be kept since the start: there was no more room in memory, or the database refused them."""
    _waiting: dict[str, _Waiting] = field(default_factory=dict, init=False)
    _count: int = field(default=0, init=False)
    _pupils: dict[tuple[str, str], lessons.Portion] = field(default_factory=dict, init=False)
    """How each pupil of a lesson stands who has gone on since it was last written: no more than there are pupils."""
    _jobs: deque[_Job] = field(default_factory=deque, init=False)
    _stopping: bool = field(default=False, init=False)
    _store: Store | None = field(default=None, init=False)
    _retries: int = field(default=0, init=False)
    _write_at: float = field(default=0.0, init=False)
    _sweep_at: float = field(default=0.0, init=False)
    _thread: Any = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._changed = self.concurrency.condition()

    def start(self) -> None:
        self._thread = self.concurrency.start_thread(self._run, "keeper")

    def stop(self) -> None:
        """Write what waits, if the database lets us, and end the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout=STOP_SECONDS)
        if self._count:
            log.error("%d steps of transcripts are lost, because the database is away: %s", self._count, self.away)
        if self._pupils:
            log.error("how %d pupils did is lost, because the database is away: %s", len(self._pupils), self.away)

    @property
    def full(self) -> bool:
        """Whether there is no room in memory for what cannot be written."""
        return self._count >= MOST_WAITING

    def append(self, head: Head, entries: Sequence[Entry], models: tuple[str, ...], text: str) -> None:
        """Keep entries of a transcript, and its text after them; never waits for the database."""
        with self._changed:
            self._write_soon()
            waiting = self._waiting.setdefault(head.id, _Waiting(head, [], models, text))
            waiting.entries.extend(entries)
            waiting.models, waiting.text = models, text
            self._count += len(entries)
            self._changed.notify()

    def put(self, portion: lessons.Portion) -> None:
        """Keep how a pupil of a lesson stands now, whatever was put before; never waits for the database."""
        with self._changed:
            self._write_soon()
            self._pupils[portion.lesson, portion.pupil_id] = portion
            self._changed.notify()

    def _write_soon(self) -> None:
        if self.away is None and not self._waits:
            self._write_at = time.monotonic() + WRITE_SECONDS

    @property
    def _waits(self) -> bool:
        return bool(self._count or self._pupils)

    def lose(self, count: int) -> None:
        """Say that so many entries are not kept, because it is `full`."""
        with self._changed:
            self.lost += count

    def ask(self, work: Callable[[Store], Answer]) -> Answer:
        """Let the thread do `work` and wait for what it returns, without blocking other visitors.

        What was appended before is written before. Raises DatabaseAway.
        """
        job = _Job(work, self.concurrency.completion())
        with self._changed:
            if self._stopping:
                raise DatabaseAway("the server is stopping")
            self._jobs.append(job)
            self._changed.notify()
        job.done.wait()
        if job.error:
            raise job.error
        answer: Answer = job.result
        return answer

    def _run(self) -> None:
        # Nothing here may log: the logging locks are green under eventlet.
        while True:
            job, stopping = self._next()
            if self.away is None or stopping or time.monotonic() >= self._write_at:
                self._write()
            if job:
                self._do(job)
                self.concurrency.finish(job.done)
            elif stopping:
                self._close()
                return

    def _next(self) -> tuple[_Job | None, bool]:
        """Wait for a question, the time to write or sweep, or the end; also says whether it is time to stop."""
        with self._changed:
            while not self._jobs and not self._stopping:
                writes_at = self._write_at if self._waits or self.away is not None else math.inf
                sweeps_at = self._sweep_at if self.away is None else math.inf
                seconds = min(writes_at, sweeps_at) - time.monotonic()
                if seconds <= 0:
                    break
                self._changed.wait(seconds)
            return (self._jobs.popleft() if self._jobs else None), self._stopping

    def _write(self) -> None:
        """Write everything that waits, and sweep when it is time; or note that the database is away."""
        try:
            store = self._open()
            while portions := self._portions():
                self._written(portions, store.write(portions))
            self._write_pupils(store)
            if time.monotonic() >= self._sweep_at:
                now = datetime.now(UTC)
                store.sweep(now - timedelta(days=self.retention_days))
                store.lessons.sweep(now - timedelta(days=self.lesson_days))
                self._sweep_at = time.monotonic() + SWEEP_SECONDS
        except Exception as error:  # whatever it is, what waits must outlive it
            self._went_away(error)
        else:
            self.away, self._retries = None, 0

    def _write_pupils(self, store: Store) -> None:
        with self._changed:
            portions = dict(self._pupils)
        if not portions:
            return
        store.lessons.write(portions.values())
        with self._changed:
            for key, portion in portions.items():
                if self._pupils[key] is portion:  # else there is more already
                    del self._pupils[key]

    def _do(self, job: _Job) -> None:
        if self.away is not None:
            job.error = DatabaseAway(self.away)
            return
        try:
            job.result = job.work(self._open())
        except BAD_DATA as error:
            job.error = error
        except _AWAY as error:
            self._went_away(error)
            job.error = DatabaseAway(self.away)
        except BaseException as error:  # the thread must outlive any question, and the handler reports the error
            job.error = error

    def _open(self) -> Store:
        if self._store is None:
            self._store = Store(open_engine(self.url))
        return self._store

    def _close(self) -> None:
        if self._store:
            self._store.close()
            self._store = None

    def _went_away(self, error: Exception) -> None:
        self.away = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
        self._write_at = time.monotonic() + min(FIRST_RETRY_SECONDS * 2**self._retries, LAST_RETRY_SECONDS)
        self._retries = min(self._retries + 1, 10)
        # What it comes back as may be another database: it is opened anew, and its tables are looked at.
        self._close()

    def _portions(self) -> list[Portion]:
        """What waits longest, as much as is written together."""
        room = MOST_WRITTEN
        portions = []
        with self._changed:
            for waiting in self._waiting.values():
                entries = waiting.entries[:room]
                portions.append(Portion(waiting.head, entries, waiting.models, waiting.text))
                room -= len(entries)
                if room == 0:
                    break
        return portions

    def _written(self, portions: Sequence[Portion], refused: int) -> None:
        with self._changed:
            self.lost += refused
            for portion in portions:
                waiting = self._waiting[portion.head.id]
                del waiting.entries[: len(portion.entries)]
                self._count -= len(portion.entries)
                if not waiting.entries:
                    del self._waiting[portion.head.id]

"""A process of its own that reads crops, so that a server takes more than one core: both of its ends.

Python's lock, and under eventlet the one thread, let a server compute on hardly more than one core. The process is started by
`python -m webapp.reader_process` and not forked, because under eventlet everything here has been made green; it imports what
reading needs and nothing else. The two speak over a pair of sockets that nobody else has, and it answers in order. It ends when
its socket closes, whichever way the server has gone.
"""

import contextlib
import logging
import pickle
import signal
import socket
import struct
import subprocess
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from webapp.concurrency import Concurrency
from webapp.config import ROOT
from webapp.core.frames import FrameError
from webapp.inference import Crop, load_networks, read_crops

log = logging.getLogger(__name__)

MOST_AT_ONCE = 8
"""So many are with it at once: the one that is read, and those that it goes on with while this process does other things."""
LARGEST_BYTES = 16_384
"""A larger picture, which no page sends, is read by the server itself: what is sent must find room in the socket at once."""
ROOM_BYTES = 2 * MOST_AT_ONCE * LARGEST_BYTES
REST_SECONDS = 5.0
"""After a process has ended of itself, before another is started."""
STOP_SECONDS = 5.0

_LENGTH = struct.Struct("!I")
_READY = None
"""What it says first."""


class Task(Protocol):
    """What is given to be read."""

    model: str
    crop: Crop


T = TypeVar("T", bound=Task)


class ReaderProcess(Generic[T]):
    """The server's end: what is with the process, and its life, which begins when it is first needed."""

    def __init__(
        self,
        models: Path,
        concurrency: Concurrency,
        answered: Callable[[T, list[float] | Exception], None],
        lost: Callable[[list[T]], None],
    ) -> None:
        """models: the folder with the bundles.

        answered: told of each task the probabilities of its network's labels, or why there are none. lost: told which tasks
        were with a process that has ended.
        """
        self._models = models.resolve()
        self._concurrency = concurrency
        self._answered = answered
        self._lost = lost
        self._socket: socket.socket | None = None
        self._ready = False
        self._tasks: deque[T] = deque()
        """What is with the process, in the order of its answers."""
        self._received = b""
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reader process", daemon=True)

    def start(self) -> None:
        """Be ready to start the process."""
        self._thread.start()

    def stop(self) -> None:
        """End the process, and wait until it has ended."""
        with self._lock:
            self._stopping.set()
            self._wanted.set()
            if self._socket:
                with contextlib.suppress(OSError):  # it has ended already
                    self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=STOP_SECONDS)

    def give(self, task: T) -> bool:
        """Let the process read it; False: it cannot now. Does not block."""
        if not self._ready:
            self._wanted.set()
            return False
        if len(self._tasks) >= MOST_AT_ONCE or len(task.crop.jpeg) > LARGEST_BYTES:
            return False
        packed = pickle.dumps((task.model, task.crop))
        with self._lock:
            if not self._socket:
                return False
            self._tasks.append(task)
            try:
                sent = self._socket.send(packed)
            except OSError:
                sent = 0
            if sent < len(packed):
                # It has ended, or no longer keeps up: of half a message it could make nothing.
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
        return True

    def collect(self) -> bool:
        """Hand out what has been answered by now; False where the process has ended. For one thread at a time."""
        try:
            received = self._socket.recv(65536) if self._socket else b""
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._received += received
        while (answer := self._next_answer()) is not None:
            self._hand_out(pickle.loads(answer))
        return bool(received)

    def _next_answer(self) -> bytes | None:
        """A whole one of those that have come."""
        if len(self._received) < _LENGTH.size:
            return None
        end = _LENGTH.size + _LENGTH.unpack_from(self._received)[0]
        if len(self._received) < end:
            return None
        answer, self._received = self._received[_LENGTH.size : end], self._received[end:]
        return answer

    def _hand_out(self, answer: Any) -> None:
        if answer is _READY:
            self._ready = True
        else:
            self._answered(self._tasks.popleft(), FrameError(*answer) if isinstance(answer, tuple) else answer)

    def _run(self) -> None:
        while True:
            self._wanted.clear()
            if not self._stopping.is_set():
                self._wanted.wait()
            if self._stopping.is_set():
                return
            status = self._live()
            if not self._stopping.is_set():
                log.warning(
                    "a process that reads frames has ended (status %s): they are read by the server itself", status
                )
                self._stopping.wait(REST_SECONDS)

    def _live(self) -> int:
        """The life of one process; returns its exit status."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                for end in (ours, theirs):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM_BYTES)
                command = [sys.executable, "-m", "webapp.reader_process", str(theirs.fileno()), str(self._models)]
                # In a session of its own, where Ctrl-C does not reach it: it ends after the server, and not beside it.
                process = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()], start_new_session=True)
            ours.setblocking(False)
            with self._lock:
                self._socket, self._received = ours, b""
                if self._stopping.is_set():
                    ours.shutdown(socket.SHUT_RDWR)
            while self.collect():
                self._concurrency.wait_readable(ours)
            with self._lock:
                self._socket, self._ready = None, False
                lost = list(self._tasks)
                self._tasks.clear()
        self._lost(lost)
        return process.wait()


def main() -> None:
    """The other end: read until the socket closes."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a process manager may tell all of a service's processes at once
    networks = load_networks(Path(sys.argv[2]))
    with socket.socket(fileno=int(sys.argv[1])) as line:
        line.setblocking(True)
        # The server may go at any moment, in the middle of what it says, too.
        with line.makefile("rb") as tasks, contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):
            _say(line, _READY)
            while True:
                model, crop = pickle.load(tasks)
                try:
                    (answer,) = read_crops(networks[model], [crop])
                except Exception:  # it must outlive any frame, and the server reports the error
                    _say(line, RuntimeError(traceback.format_exc()))
                else:
                    _say(line, (answer.code, answer.message) if isinstance(answer, FrameError) else answer)


def _say(line: socket.socket, answer: object) -> None:
    packed = pickle.dumps(answer)
    line.sendall(_LENGTH.pack(len(packed)) + packed)


if __name__ == "__main__":
    main()

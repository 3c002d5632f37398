"""The one room that knows how the server waits: in green threads (eventlet) or in plain ones.

Long work runs in native threads in both modes, and only the way back differs. A native thread must not touch a
green lock, and a green thread must not wait on a native one, because that stops the whole hub.
"""

import logging
import selectors
import threading
from collections import deque
from queue import SimpleQueue
from typing import Any, Protocol

log = logging.getLogger(__name__)

KEPT_THREADS = 128
"""That do short work, such as to answer a frame, and stay for the next, where handlers have threads of their own."""
KEPT_GREEN_THREADS = 16
"""The same of green threads, of which few are at work at once: each keeps some 16 KiB."""


class Completion(Protocol):
    """Something a handler waits for and another thread finishes, once."""

    def wait(self) -> object: ...


class Concurrency(Protocol):
    """How one async mode starts a native thread and how that thread wakes a handler."""

    one_thread: bool
    """Whether all handlers share one thread, and each goes on until it gives way."""

    def give_way(self) -> None:
        """Let everybody else who can go on do so first."""

    def condition(self) -> threading.Condition: ...

    def start_thread(self, target: Any, name: str) -> threading.Thread: ...

    def start(self, work: Any, *args: Any) -> None:
        """Do a short piece of work in a thread of the handlers' kind."""

    def completion(self) -> Completion: ...

    def finish(self, completion: Any) -> None:
        """Wake the handler; called from the native thread."""

    def wake(self, completion: Any) -> None:
        """Wake the handler; called from a thread of the handlers' own kind."""

    def wait_readable(self, socket: Any) -> None:
        """Until something has come, or the other side has closed; in a thread of the handlers' kind."""


class Threads:
    """Plain threads: an event does all that is needed.

    Those that do short work stay for the next: to begin one costs more than most of it. Where all of them are busy, one more is
    begun for what comes, since some may be waiting for visitors who take nothing. The library's pool waits for its threads
    when the program ends, and one that waits for a process that hangs would keep a server from stopping: these are daemons.
    """

    one_thread = False

    def __init__(self) -> None:
        self._work: SimpleQueue[tuple[Any, tuple[Any, ...]]] = SimpleQueue()
        self._threads = self._unfinished = 0  # those that stay, and the work that they have been given
        self._counting = threading.Lock()

    def give_way(self) -> None:
        """They run side by side anyway."""

    def condition(self) -> threading.Condition:
        return threading.Condition()

    def start_thread(self, target: Any, name: str) -> threading.Thread:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        return thread

    def start(self, work: Any, *args: Any) -> None:
        with self._counting:
            busy = self._unfinished >= self._threads
            begin = busy and self._threads < KEPT_THREADS
            self._threads += begin
            once = busy and not begin
            self._unfinished += not once
        if once:
            threading.Thread(target=_do, args=(work, args), name="handler", daemon=True).start()
            return
        self._work.put((work, args))
        if begin:
            self.start_thread(self._do_one_after_the_other, "handler")

    def _do_one_after_the_other(self) -> None:
        while True:
            _do(*self._work.get())  # no name is given to it: a picture must not stay until the next comes
            with self._counting:
                self._unfinished -= 1

    def completion(self) -> Completion:
        return threading.Event()

    def finish(self, completion: threading.Event) -> None:
        completion.set()

    wake = finish

    def wait_readable(self, socket: Any) -> None:
        with selectors.DefaultSelector() as selector:  # `select` knows the first 1,024 files alone
            selector.register(socket, selectors.EVENT_READ)
            selector.select()


def _do(work: Any, args: tuple[Any, ...]) -> None:
    try:
        work(*args)
    except Exception:  # the thread must outlive it
        log.exception("in a handler's thread")


class GreenThreads:
    """Eventlet: the native thread leaves the finished completions in a queue and nudges the hub through a socket.

    `eventlet.tpool` could wait instead, but it holds one native thread for each waiting visitor and crosses over twice.

    Green threads that do short work stay for the next, too: for each new one Python maps a piece of memory, which is given
    back at its end.
    """

    one_thread = True

    def __init__(self) -> None:
        import eventlet
        from eventlet import hubs, patcher

        self._hub = hubs.get_hub
        self._trampoline = hubs.trampoline
        self._eventlet: Any = eventlet
        self._native: Any = patcher.original("threading")
        self._work: deque[tuple[Any, tuple[Any, ...]]] = deque()
        self._idle: list[Any] = []
        native_socket: Any = patcher.original("socket")
        self._finished: deque[Any] = deque()  # appending and popping are atomic
        self._inbox, self._outbox = native_socket.socketpair()
        self._inbox.setblocking(False)
        self._outbox.setblocking(False)
        self._nudged = False
        self._delivering = False

    def give_way(self) -> None:
        self._eventlet.sleep(0)

    def condition(self) -> threading.Condition:
        condition: threading.Condition = self._native.Condition()
        return condition

    def start_thread(self, target: Any, name: str) -> threading.Thread:
        if not self._delivering:
            self._delivering = True
            self._eventlet.spawn(self._deliver)
        thread: threading.Thread = self._native.Thread(target=target, name=name, daemon=True)
        thread.start()
        return thread

    def start(self, work: Any, *args: Any) -> None:
        self._work.append((work, args))
        # One for each piece of work, in the order in which they came, as new ones would be.
        if self._idle:
            self._hub().schedule_call_global(0, self._idle.pop().switch)
        else:
            self._eventlet.spawn_n(self._do_one_after_the_other)

    def _do_one_after_the_other(self) -> None:
        me = self._eventlet.getcurrent()
        while True:
            _do(*self._work.popleft())  # no name is given to it: a picture must not stay until the next comes
            if len(self._idle) == KEPT_GREEN_THREADS:
                return
            self._idle.append(me)
            self._hub().switch()

    def completion(self) -> Completion:
        from eventlet.event import Event

        event: Completion = Event()
        return event

    def finish(self, completion: Any) -> None:
        self._finished.append(completion)
        if not self._nudged:  # else the hub is about to look
            self._nudged = True
            self._outbox.send(b"\0")

    def wake(self, completion: Any) -> None:
        completion.send()

    def wait_readable(self, socket: Any) -> None:
        self._trampoline(socket, read=True)

    def _deliver(self) -> None:
        while True:
            self._trampoline(self._inbox, read=True)
            self._inbox.recv(4096)
            self._nudged = False  # before looking: what is finished from here on nudges anew
            while self._finished:
                self._finished.popleft().send()


def log_from_any_thread() -> None:
    """Give logging the plain locks back that `eventlet.monkey_patch` has made green; call it right after that.

    Native threads log, too, and a green lock that one of them gives up wakes whoever waits for it in that thread's own
    hub, which never runs: a visitor who connects in that moment would never be greeted.
    """
    from eventlet import patcher

    native: Any = patcher.original("threading")
    module: Any = logging
    module.threading = native
    module._lock = native.RLock()
    for handler in logging.getLogger().handlers:
        handler.createLock()


def concurrency_for(async_mode: str) -> Concurrency:
    return GreenThreads() if async_mode == "eventlet" else Threads()

"""How a server stays open to everybody: connections that say nothing are let go, and being full is no reason to end."""

import errno
import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

log = logging.getLogger(__name__)

# A connection may be silent for so long: more than nginx keeps one open for the next request (60 s), and more than the
# 45 s after which a page on a WebSocket counts as gone. Else a telephone that leaves the network keeps its connections.
IDLE_SECONDS = 75
# A visitor's browser holds up to six connections. The usual limit is 1,024 files, on macOS 256.
MOST_FILES = 10_240

# What may go wrong with a connection, or for want of room, while the next is waited for.
_PASSING = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ECONNABORTED, errno.ECONNRESET, errno.EPROTO}
)
_PAUSE_SECONDS = 0.1


def allow_many_files() -> None:
    """Let this process open as many files and connections as it may, up to `MOST_FILES`."""
    if sys.platform == "win32":
        return
    import resource

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(MOST_FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        with suppress(OSError, ValueError):  # it serves fewer, too
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


class PatientListener:
    """A listening socket that waits where no connection can be taken now; all else is the socket's own."""

    def __init__(self, socket: Any, sleep: Callable[[float], object]) -> None:
        self._socket = socket
        self._sleep = sleep

    def accept(self) -> Any:
        """The next connection and its address. Raises OSError where the socket itself is of no use any more."""
        told = False
        while True:
            try:
                return self._socket.accept()
            except OSError as error:
                if error.errno not in _PASSING:
                    raise
                if not told:
                    log.warning("no connection can be taken now: %s", error.strerror)
                told = True
                self._sleep(_PAUSE_SECONDS)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

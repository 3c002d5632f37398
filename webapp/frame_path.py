"""The short way of a frame: from its WebSocket straight to who reads it, and the acknowledgement straight back.

Engine.IO and Socket.IO take every message apart and put every answer together in general terms, number by number, and hand
the answer to another thread to be written. That is much for what every camera sends ten times a second. A frame always
looks alike, so it is told by its first characters; everything else, and a frame that looks otherwise, goes the ordinary
way. What is said over the wire is the same to the byte.

Rests on python-engineio's seam for WebSockets, on whose far side a connection's socket is told apart by its id, and on
python-socketio's names for its connections; tests/webapp/test_frame_path.py holds them to it.
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import Any

from engineio.exceptions import SocketIsClosedError
from engineio.packet import MESSAGE, Packet

from webapp import wire_json
from webapp.threading_websocket import ThreadingWebSocket

NAMESPACE = "/"
# Engine.IO's message (4) with Socket.IO's event (2), or its event with one attachment (51-); the acknowledgement's number.
FRAME = re.compile(r'4(2|51-)(\d{1,15})\["frame",')
ACKNOWLEDGEMENT = "43"
# What an Engine.IO message may begin with on a WebSocket.
KINDS = frozenset("0123456")
PLACEHOLDER = {"_placeholder": True, "num": 0}

Read = Callable[[str, Any], dict[str, Any]]
"""Answers a connection's frame."""

_encoded = json.JSONEncoder(separators=(",", ":")).encode


def shorten(server: Any, read: Read, start: Callable[..., None]) -> None:
    """Let frames that come over WebSocket to a python-socketio `server` be answered by `read`, past its event handlers.

    start: does a piece of work beside whoever calls it (`Concurrency.start`).
    """
    waits: Any = server.eio._async
    plain = ThreadingWebSocket if server.async_mode == "threading" else waits["websocket"]

    def websocket(handle: Any, engine: Any) -> Any:
        # `handle` is a method of the connection's Engine.IO socket.
        return plain(lambda socket: handle(FramePath(socket, handle.__self__, server, read, start)), engine)

    server.eio._async = {**waits, "websocket": websocket}


class FramePath:
    """A connection's WebSocket as Engine.IO sees it: all but the frames comes through."""

    def __init__(self, socket: Any, connection: Any, server: Any, read: Read, start: Callable[..., None]) -> None:
        """connection: Engine.IO's socket, which writes to `socket` what is in its queue."""
        self._socket = socket
        self._connection = connection
        self._server = server
        self._read = read
        self._spawn = start
        self._announced: tuple[str, Any] | None = None  # the frame whose picture comes next
        self._writing = Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def wait(self) -> str | bytes | None:
        """The next message that is not a frame; None where the connection is over."""
        while True:
            message = self._socket.wait()
            if not self._takes(message):
                return None if isinstance(message, str) and message[:1] not in KINDS else message

    def send(self, message: str | bytes) -> None:
        with self._writing:
            self._socket.send(message)

    def _takes(self, message: str | bytes | None) -> bool:
        """Whether this is (a part of) a frame, which is then on its way."""
        if not message or len(message) > self._server.eio.max_http_buffer_size:
            return False
        if self._announced:
            if isinstance(message, str) and not message.startswith("4"):
                return False  # Engine.IO's own, between the two
            (number, data), self._announced = self._announced, None
            data["jpeg"] = message
            self._start(number, data)
            return True
        match = isinstance(message, str) and FRAME.match(message)
        if not match or self._sid() is None:
            return False
        kind, number = match.groups()
        try:
            data = wire_json.loads(message[match.end(2) :])[1]
        except (ValueError, RecursionError):
            return False
        if kind == "2":
            self._start(number, data)
            return True
        if not isinstance(data, dict) or data.get("jpeg") != PLACEHOLDER:
            return False
        self._announced = number, data
        return True

    def _sid(self) -> str | None:
        """Socket.IO's name for this connection, as long as it has one."""
        sid = self._server.manager.sid_from_eio_sid(self._connection.sid, NAMESPACE)
        return sid if self._connection.upgraded and self._server.manager.is_connected(sid, NAMESPACE) else None

    def _start(self, number: str, data: Any) -> None:
        sid = self._sid()
        if sid is not None:
            self._spawn(self._answer, sid, number, data)

    def _answer(self, sid: str, number: str, data: Any) -> None:
        message = f"{ACKNOWLEDGEMENT}{number}{_encoded([self._read(sid, data)])}"
        # What waits to be written goes first; and whoever does not take what is written must not hold up anybody else.
        if not self._connection.queue.empty() or not self._writing.acquire(blocking=False):
            with suppress(SocketIsClosedError):  # it has gone while its frame was read
                self._connection.send(Packet(MESSAGE, message[1:]))
            return
        try:
            if not self._connection.closed:
                self._socket.send(message)
        except OSError:
            pass  # it has gone, as whoever listens to it is about to find out
        finally:
            self._writing.release()

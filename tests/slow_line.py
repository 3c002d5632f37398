"""A slow line before a real server: everything passes, late and not faster than so many bits a second."""

import contextlib
import selectors
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass, field

PIECE_BYTES = 4096


@dataclass
class _Way:
    """One direction of one connection: what has come and may go on from some moment on."""

    to: socket.socket
    waiting: deque[tuple[float, bytes]] = field(default_factory=deque)


class SlowLine:
    """Listens at `url`; all connections together get `bits_a_second` each way, and half of `round_trip_seconds` of delay."""

    def __init__(self, port: int, bits_a_second: float, round_trip_seconds: float) -> None:
        self._port = port
        self._bytes_a_second = bits_a_second / 8
        self._delay = round_trip_seconds / 2
        self._free_at = {True: 0.0, False: 0.0}  # towards the server, and back
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._sockets = selectors.DefaultSelector()
        self._sockets.register(self._listener, selectors.EVENT_READ)
        self._ways: dict[socket.socket, tuple[_Way, bool]] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close every connection."""
        self._stopping.set()
        self._thread.join(timeout=10)
        for one in (*self._ways, self._listener):
            one.close()
        self._sockets.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            for key, _ in self._sockets.select(0.005):
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._take(key.fileobj)
            time.sleep(0.001)  # while the line is full, what waits is there at once
            now = time.monotonic()
            for way, _ in list(self._ways.values()):
                while way.waiting and way.waiting[0][0] <= now:
                    self._hand_on(way, way.waiting.popleft()[1])

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        server = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        for one, other, upwards in ((client, server, True), (server, client, False)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._ways[one] = _Way(other), upwards
            self._sockets.register(one, selectors.EVENT_READ)

    def _take(self, one: socket.socket) -> None:
        way, upwards = self._ways[one]
        now = time.monotonic()
        if self._free_at[upwards] > now + self._delay + 0.1:
            return  # the line is full: whoever sends waits, as on a real one
        try:
            data = one.recv(PIECE_BYTES)
        except OSError:
            data = b""
        self._free_at[upwards] = max(self._free_at[upwards], now) + len(data) / self._bytes_a_second
        way.waiting.append((self._free_at[upwards] + self._delay, data))
        if not data:
            self._sockets.unregister(one)

    def _hand_on(self, way: _Way, data: bytes) -> None:
        with contextlib.suppress(OSError):
            way.to.settimeout(10)
            if data:
                way.to.sendall(data)
            else:
                way.to.shutdown(socket.SHUT_WR)

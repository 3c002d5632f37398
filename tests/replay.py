"""A Socket.IO client that replays crops by docs/protocol.md: the tests' client, and an example for other authors.

    python -m tests.replay http://127.0.0.1:5000 frame_0000.jpg frame_0001.jpg …

sends the files as if they had been captured ten times a second and prints the text that was read.
"""

import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

import socketio


class Client:
    """One page's worth of protocol: connects, keeps the hello, sends frames and waits for each acknowledgement."""

    def __init__(
        self, url: str, token: str | None = None, timeout_seconds: float = 20.0, cookie: str | None = None
    ) -> None:
        self.hello: dict[str, Any] = {}
        self.seq = 0
        self.t_milliseconds = 0.0
        self._timeout_seconds = timeout_seconds
        self._greeted = threading.Event()
        # A class's certificate is made on the spot, and nobody vouches for it.
        self.socket = socketio.Client(reconnection=False, ssl_verify=False)
        self.socket.on("hello", self._greet)
        auth: dict[str, Any] = {"token": token} if token else {}
        if cookie:
            auth["class"] = True
        headers = {"Cookie": cookie} if cookie else {}
        self.socket.connect(url, headers, auth, transports=["websocket"], wait_timeout=timeout_seconds)
        if not self._greeted.wait(timeout_seconds):
            raise TimeoutError("the server sent no hello")

    def frame(self, jpeg: bytes | None, step_milliseconds: float = 100.0, **extra: Any) -> dict[str, Any]:
        """Send one crop, captured `step_milliseconds` after the last one, and return its acknowledgement; None: no hand."""
        self.seq += 1
        self.t_milliseconds += step_milliseconds
        seen = {"nothing": True} if jpeg is None else {"jpeg": jpeg}
        return self.call("frame", {"seq": self.seq, "t": self.t_milliseconds, **seen, **extra})

    def play(self, jpegs: Iterable[bytes | None], step_milliseconds: float = 100.0) -> list[dict[str, Any]]:
        """Send crops one after the other and return the acknowledgements."""
        return [self.frame(jpeg, step_milliseconds) for jpeg in jpegs]

    def edit(self, operation: str) -> dict[str, Any]:
        return self.call("edit", {"op": operation})

    def mode(self, **settings: Any) -> dict[str, Any]:
        return self.call("mode", settings)

    def call(self, event: str, data: Any) -> Any:
        return self.socket.call(event, data, timeout=self._timeout_seconds)

    def close(self) -> None:
        self.socket.disconnect()

    def _greet(self, hello: dict[str, Any]) -> None:
        self.hello = hello
        self._greeted.set()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


if __name__ == "__main__":
    with Client(sys.argv[1]) as client:
        acks = client.play(Path(name).read_bytes() for name in sys.argv[2:])
        print(acks[-1]["text"] if acks else "")

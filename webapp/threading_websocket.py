"""The WebSocket of threading mode, bounded in what it takes and whole in what it sends.

Two mends of `simple_websocket` from outside. Whoever waits for a message is told that the connection is over a moment before
it is, and would wait for ever with all that has come: so nobody waits without an end. And it sends as if a socket took all
that it is given, which one with a timeout need not.
"""

from threading import Lock
from typing import Any

from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI
from simple_websocket import ConnectionClosed

from webapp.listening import IDLE_SECONDS


class ThreadingWebSocket(SimpleWebSocketWSGI):
    """What Engine.IO handles a connection with (`WebSocketWSGI` of its drivers)."""

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server, max_message_size=server.max_http_buffer_size)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return super().__call__({**environ, "werkzeug.socket": WholeSends(environ["werkzeug.socket"])}, start_response)

    def wait(self) -> str | bytes | None:
        """The next message; None where the connection is over."""
        while True:
            try:
                message: str | bytes | None = self.ws.receive(timeout=IDLE_SECONDS)
            except ConnectionClosed:
                return None
            if message is not None or not self.ws.connected:
                return message


class WholeSends:
    """A socket that takes all that it is given, from one thread after the other; all else is the socket's own."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._sending = Lock()

    def send(self, data: bytes) -> int:
        """Send all of it. Raises OSError."""
        with self._sending:
            self._socket.sendall(data)
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

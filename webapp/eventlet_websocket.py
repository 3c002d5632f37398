"""Mends for eventlet's WebSocket, applied from outside, because eventlet is in maintenance.

`RFC6455WebSocket._apply_mask` unmasks a message byte by byte in Python: 13 ms for 10 KB, so that the whole server
answers some eighty frames a second. One exclusive-or over large integers does the same in 0.04 ms. And a message is
read in four pieces, each with a call to the system of its own, where one would do for all that has come.
"""

from typing import Any

READ_BYTES = 65536


class ReadAhead:
    """A socket that is read in large pieces and handed on in small ones; all else is the socket's own."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._read = b""
        self._at = 0

    def recv(self, most: int) -> bytes:
        """At most so many bytes, as soon as there are any; none where the other side has closed."""
        if self._at == len(self._read):
            self._read, self._at = self._socket.recv(max(most, READ_BYTES)), 0
        piece = self._read[self._at : self._at + most]
        self._at += len(piece)
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


def unmask(data: bytes, mask: bytes, length: int | None = None, offset: int = 0) -> bytes:
    """Apply a WebSocket mask (RFC 6455, section 5.3) to the first `length` bytes of `data`, which start at `offset`.

    Takes and returns what eventlet's own function does.
    """
    data = bytes(data[:length])
    start = offset % 4
    key = (bytes(mask[start:]) + bytes(mask[:start])) * (len(data) // 4 + 1)
    number = int.from_bytes(data, "big") ^ int.from_bytes(key[: len(data)], "big")
    return number.to_bytes(len(data), "big")


def mend() -> None:
    """Mend eventlet's class for this process. Fails loudly if eventlet no longer has what is mended."""
    from eventlet.websocket import RFC6455WebSocket

    RFC6455WebSocket._apply_mask  # noqa: B018  (an AttributeError here says that the mend must be looked at again)
    RFC6455WebSocket._apply_mask = staticmethod(unmask)
    begin = RFC6455WebSocket.__init__

    def begin_reading_ahead(self: Any, sock: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, ReadAhead(sock), *args, **kwargs)

    RFC6455WebSocket.__init__ = begin_reading_ahead

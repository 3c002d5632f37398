"""Mends for eventlet's WebSocket, applied from outside, because eventlet is in maintenance.

`RFC6455WebSocket._apply_mask` unmasks a message byte by byte in Python: 13 ms for 10 KB, so that the whole server
answers some eighty frames a second. One exclusive-or over arrays does the same in 0.003 ms. A message is read in four
pieces, each with a call to the system of its own and objects for cases that hardly ever come; here a message that is
one WebSocket frame, as all of ours are, is taken from what has come in one piece. Compression is not agreed to: the
pictures are compressed already, and a compressor for every visitor takes more memory than all else of them. And the limit
for one WebSocket frame is one for all the frames of a message together, which would else be collected without an end.
"""

from typing import Any

import numpy as np

READ_BYTES = 65536
TEXT, BINARY = 0x81, 0x82
"""The first byte of a message in one uncompressed frame (RFC 6455, section 5.2)."""
MASKED = 0x80
SHORT, MEDIUM = 125, 126
"""The longest length that is told at once, and the word that two bytes tell it."""
LEAST_PIECE_BYTES = 1024
"""What a piece of a message counts as at least: many small ones take as much memory, and more time."""


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

    def message(self) -> str | bytes | None:
        """The next message, if it is one masked frame of at most 64 KiB; else None, and everything is still to be read."""
        if not self._has(2):
            return None
        kind, length = self._read[self._at], self._read[self._at + 1] - MASKED
        start = 2
        if length == MEDIUM and self._has(4):
            length, start = int.from_bytes(self._read[self._at + 2 : self._at + 4], "big"), 4
        elif not 0 <= length <= SHORT:
            return None
        if kind not in (TEXT, BINARY) or not self._has(start + 4 + length):
            return None
        begin = self._at + start + 4
        data = unmask(self._read[begin : begin + length], self._read[begin - 4 : begin])
        try:
            message = data.decode() if kind == TEXT else data
        except UnicodeDecodeError:
            return None
        self._at = begin + length
        return message

    def _has(self, count: int) -> bool:
        """Wait until so many bytes have come; False where the other side has closed before."""
        while len(self._read) - self._at < count:
            more = self._socket.recv(READ_BYTES)
            if not more:
                return False
            self._read, self._at = self._read[self._at :] + more, 0
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


def unmask(data: bytes, mask: bytes, length: int | None = None, offset: int = 0) -> bytes:
    """Apply a WebSocket mask (RFC 6455, section 5.3) to the first `length` bytes of `data`, which start at `offset`.

    Takes and returns what eventlet's own function does.
    """
    data = bytes(data[:length])
    start = offset % 4
    key = np.frombuffer(bytes(mask[start:]) + bytes(mask[:start]), np.uint32)
    masked = np.frombuffer(data + bytes(-len(data) % 4), np.uint32)
    return (masked ^ key).tobytes()[: len(data)]


def mend() -> None:
    """Mend eventlet's classes for this process. Fails loudly if eventlet no longer has what is mended."""
    from eventlet.websocket import FailedConnectionError, RFC6455WebSocket, WebSocketWSGI

    # An AttributeError here says that the mend must be looked at again.
    begin, wait = RFC6455WebSocket.__init__, RFC6455WebSocket.wait
    push = RFC6455WebSocket.Message.push
    RFC6455WebSocket._apply_mask, WebSocketWSGI._negotiate_permessage_deflate  # noqa: B018

    def begin_reading_ahead(self: Any, sock: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, ReadAhead(sock), *args, **kwargs)

    def wait_for_message(self: Any) -> str | bytes | None:
        message: str | bytes | None = self.socket.message()
        return wait(self) if message is None else message

    def push_within_bounds(self: Any, data: bytes, final: bool = False) -> None:
        push(self, data, final)
        self.taken = getattr(self, "taken", 0) + max(len(data), LEAST_PIECE_BYTES)
        if self.taken > self.max_frame_length:
            raise FailedConnectionError(1009, f"A message may have {self.max_frame_length} bytes.")

    RFC6455WebSocket.Message.push = push_within_bounds
    RFC6455WebSocket._apply_mask = staticmethod(unmask)
    RFC6455WebSocket.__init__ = begin_reading_ahead
    RFC6455WebSocket.wait = wait_for_message
    WebSocketWSGI._negotiate_permessage_deflate = lambda self, extensions: None

"""The mend of eventlet's unmasking answers what eventlet's own function answers."""

import subprocess
import sys

import pytest

from tests.server import ROOT
from webapp.eventlet_websocket import ReadAhead, unmask

MASK = bytes([0x1F, 0xA0, 0x00, 0xFF])


def plainly(data: bytes, mask: bytes, length: int | None, offset: int) -> bytes:
    """RFC 6455, section 5.3, to the letter."""
    return bytes(byte ^ mask[(offset + place) % 4] for place, byte in enumerate(data[:length]))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 7, 8, 1000, 10_001])
@pytest.mark.parametrize("offset", [0, 1, 2, 3, 4, 4097])
def test_it_unmasks_as_the_standard_says(size: int, offset: int) -> None:
    data = bytes(place * 7 % 256 for place in range(size))
    assert unmask(data, MASK, offset=offset) == plainly(data, MASK, None, offset)
    assert unmask(data, MASK, max(0, size - 2), offset) == plainly(data, MASK, max(0, size - 2), offset)


class Pieces:
    """A socket that gives what is left of its pieces, one a call, and counts the calls."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)
        self.calls = 0

    def recv(self, most: int) -> bytes:
        self.calls += 1
        piece = self._pieces.pop(0) if self._pieces else b""
        assert len(piece) <= most
        return piece

    def fileno(self) -> int:
        return 7


def test_reading_ahead_hands_on_every_byte_once_and_says_when_it_is_over() -> None:
    socket = Pieces(b"abcdef", b"gh", b"i" * 70_000)
    ahead = ReadAhead(socket)
    assert [ahead.recv(most) for most in (2, 3, 9, 9)] == [b"ab", b"cde", b"f", b"gh"]
    assert socket.calls == 2
    assert ahead.recv(70_000) == b"i" * 70_000
    assert ahead.recv(5) == b""
    assert ahead.fileno() == 7


def framed(kind: int, data: bytes) -> bytes:
    length = bytes([0x80 + len(data)]) if len(data) < 126 else bytes([0xFE, *len(data).to_bytes(2, "big")])
    return bytes([kind]) + length + MASK + unmask(data, MASK)


def test_whole_messages_are_taken_however_they_come() -> None:
    texts = ["", "a", "é" * 60, "b" * 125, "c" * 126, "d" * 60_000]
    stream = b"".join(framed(0x81, text.encode()) for text in texts) + framed(0x82, b"\xff" * 300)
    for size in (1, 7, 1460, len(stream)):
        ahead = ReadAhead(Pieces(*(stream[at : at + size] for at in range(0, len(stream), size))))
        assert [ahead.message() for _ in texts] == texts
        assert ahead.message() == b"\xff" * 300
        assert ahead.message() is None


@pytest.mark.parametrize(
    "stream",
    [
        framed(0x89, b"ping"),
        framed(0x01, b"first part"),
        framed(0xC1, b"compressed"),
        framed(0x81, b"\xff"),
        framed(0x82, b"cut off")[:-1],
        b"\x82\x05plain",
        bytes([0x82, 0xFF]) + (66_000).to_bytes(8, "big") + MASK + bytes(66_000),
    ],
    ids=["control", "fragment", "compressed", "no UTF-8", "cut off", "unmasked", "long"],
)
def test_all_else_is_left_for_eventlet_to_read(stream: bytes) -> None:
    ahead = ReadAhead(Pieces(stream[:60_000], stream[60_000:]))
    assert ahead.message() is None
    assert b"".join(iter(lambda: ahead.recv(10_000), b"")) == stream


def test_leading_zeros_are_kept() -> None:
    assert unmask(MASK, MASK) == bytes(4)


def test_it_agrees_with_eventlet_and_takes_its_place() -> None:
    # In a process of its own: importing eventlet warns, and patches must not leak into other tests.
    program = """
import warnings; warnings.simplefilter("ignore")
from eventlet.websocket import RFC6455WebSocket
from webapp import eventlet_websocket
own = RFC6455WebSocket._apply_mask
data, mask = bytes(range(256)) * 5, bytes([9, 0, 255, 77])
for arguments in ((data, mask), (data, mask, 700), (data, mask, 0), (data, mask, None, 3), (data, mask, 700, 4099)):
    assert own(*arguments) == eventlet_websocket.unmask(*arguments), arguments[2:]
eventlet_websocket.mend()
assert RFC6455WebSocket._apply_mask is eventlet_websocket.unmask
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr

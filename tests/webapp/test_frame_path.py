"""Frames on their short way, told from everything else by their first characters, over a bare WebSocket byte by byte."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import socketio
import websocket

from tests.colours import colour_jpeg
from tests.server import Server
from webapp.core.frames import MAX_JPEG_BYTES
from webapp.frame_path import FramePath, shorten

CLOSED = (websocket.WebSocketConnectionClosedException, ConnectionError, AssertionError)
"""What sending or `await_` raises on a connection that the server has closed; waiting in vain is another thing."""


class Bare:
    """Socket.IO over a bare WebSocket: what is sent and what comes back, as it is."""

    def __init__(self, server: Server) -> None:
        url = server.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        self.socket = websocket.create_connection(url, timeout=20, suppress_origin=True)
        self.send("40")
        self.await_("42")

    def send(self, *messages: str | bytes) -> None:
        for message in messages:
            (self.socket.send if isinstance(message, str) else self.socket.send_binary)(message)

    def await_(self, start: str) -> str:
        """The next message that begins so."""
        while True:
            message = self.socket.recv()
            assert message, "the connection was closed"
            if str(message).startswith(start):
                return str(message)


@contextmanager
def bare(server: Server) -> Iterator[Bare]:
    opened = Bare(server)
    try:
        yield opened
    finally:
        opened.socket.shutdown()  # `close` would leave open what the server has closed


def frame(number: int | str, seq: int, **more: object) -> str:
    told = {"seq": seq, "t": 100.0 * seq, "jpeg": {"_placeholder": True, "num": 0}, **more}
    return f'451-{number}["frame",{json.dumps(told)}]'


def test_a_frame_is_acknowledged_by_its_number_in_the_codec_s_own_words(colour_server: Server) -> None:
    with bare(colour_server) as line:
        line.send(frame(17, 1), colour_jpeg("A"))
        answer = line.await_("43")
        assert answer.startswith('4317[{"seq":1,"sign":"A",')
        assert answer == "4317" + json.dumps(json.loads(answer[4:]), separators=(",", ":"))
        line.send('4218["frame",{"seq":2,"t":300,"nothing":true}]')
        assert json.loads(line.await_("4318")[4:])[0]["top"][0] == ["nothing", 1.0]


def test_what_is_no_frame_comes_between_and_is_answered(colour_server: Server) -> None:
    with bare(colour_server) as line:
        line.send(frame(1, 1), "3", colour_jpeg("B"))  # a pong before the picture
        assert '"sign":"B"' in line.await_("431[")
        line.send('422["edit",{"op":"space"}]')
        assert '"text":" "' in line.await_("432[")


@pytest.mark.parametrize(
    "messages",
    [
        [frame(5, 1), '42["edit",{"op":"space"}]'],
        ['425["frame",{"seq":1,"t":1,"jpeg":"text"}]'],
        ['425["frame",7]'],
        ['425["frame"]'],
        ['451-5["frame",{"seq":1,"t":1,"other":{"_placeholder":true,"num":0}}]', b"x"],
        ['452-5["frame",{"seq":1,"t":1,"jpeg":{"_placeholder":true,"num":1}}]', b"x", "4text"],
    ],
    ids=["no picture after all", "text", "no dictionary", "nothing", "elsewhere", "two attachments"],
)
def test_a_frame_that_looks_otherwise_is_refused_by_name(colour_server: Server, messages: list[str | bytes]) -> None:
    with bare(colour_server) as line:
        line.send(*messages)
        assert '"code":"bad_frame"' in line.await_("435[")
        line.send(frame(6, 1), colour_jpeg("C"))
        assert '"sign":"C"' in line.await_("436[")


@pytest.mark.parametrize(
    "message",
    [
        '42["frame",',
        "42[[1]]",
        "42{}",
        "4",
        "49",
        "45",
        "451-",
        '451-1["frame",{"jpeg":{"_placeholder":true,"num":9}}]',
        '44"no"',
        b"lone",
        '459999999-["x",{"_placeholder":true,"num":0}]',  # whatever came then would be kept until there are as many
    ],
    ids=repr,
)
def test_a_packet_that_nobody_can_read_is_logged_in_a_line_and_the_connection_lives(
    colour_server: Server, message: str | bytes
) -> None:
    with bare(colour_server) as line:
        said = len(colour_server.lines)
        line.send(message, b"\0", '428["edit",{"op":"space"}]')
        assert '"text":" "' in line.await_("438[")
        assert not any("Traceback" in one for one in colour_server.lines[said:])


@pytest.mark.parametrize("name", ["connect", "disconnect"])
def test_what_the_server_tells_of_a_connection_is_no_event_of_a_client_s(colour_server: Server, name: str) -> None:
    with bare(colour_server) as line:
        said = len(colour_server.lines)
        line.send(f'421["{name}"]', f'422["{name}",null,{{}}]', '423["edit",{"op":"space"}]')
        came = [line.await_("4")]
        while not came[-1].startswith("433["):
            came.append(line.await_("4"))
        assert came[-1].startswith('433[{"text":" "')
        assert not any(told.startswith(('42["hello"', "431", "432")) for told in came)
        assert not any("Traceback" in one for one in colour_server.lines[said:])


@pytest.mark.parametrize("message", ["x", "b!", "é"])
def test_what_is_no_engine_io_closes_the_connection_without_a_traceback(colour_server: Server, message: str) -> None:
    said = len(colour_server.lines)
    with bare(colour_server) as line:
        line.send(message)
        with pytest.raises(CLOSED):
            line.await_("never")
    with bare(colour_server) as line:
        line.send(frame(1, 1), colour_jpeg("A"))
        assert '"sign":"A"' in line.await_("431[")
    assert not any("Traceback" in one for one in colour_server.lines[said:])


def test_a_message_in_pieces_without_an_end_closes_the_connection(colour_server: Server) -> None:
    piece = "x" * (MAX_JPEG_BYTES // 2)
    with bare(colour_server) as line:
        line.socket.send_frame(websocket.ABNF.create_frame("4" + piece, websocket.ABNF.OPCODE_TEXT, fin=0))

        def go_on() -> None:
            for _ in range(9):
                line.socket.send_frame(websocket.ABNF.create_frame(piece, websocket.ABNF.OPCODE_CONT, fin=0))
            line.await_("never")

        with pytest.raises(CLOSED):
            go_on()
    with bare(colour_server) as line:
        line.send(frame(1, 1), colour_jpeg("A"))
        assert '"sign":"A"' in line.await_("431[")


def test_the_codec_still_has_what_the_short_way_rests_on() -> None:
    server = socketio.Server(async_mode="threading")
    assert callable(server.eio._async["websocket"])
    plain = server.eio._async
    shorten(server, lambda sid, data: {}, lambda work, *args: work(*args))
    assert server.eio._async is not plain, "another server of this process would be changed, too"
    assert callable(server.manager.is_connected)
    assert server.manager.sid_from_eio_sid("nobody", "/") is None
    assert callable(FramePath.wait)

"""A server that nothing closes: not too many connections, not silent ones, not bodies without an end."""

import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import requests
import websocket

from tests.server import Server
from webapp.core.frames import MAX_JPEG_BYTES
from webapp.threading_websocket import WholeSends

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="a running process is told its limits on Linux alone")


class ImpatientServer(Server):
    """A server that lets silent connections go after a second."""

    command = (
        sys.executable,
        "-c",
        "from webapp import __main__, listening; listening.IDLE_SECONDS = 1; raise SystemExit(__main__.main())",
    )


@contextmanager
def running(kind: type[Server], models: Path, mode: str) -> Iterator[Server]:
    server = kind(HANDSPELL_MODELS=str(models), HANDSPELL_ASYNC_MODE=mode)
    try:
        yield server
    finally:
        server.stop()


def dialled(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(server.port)), timeout=20)


@needs_linux
@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_server_that_is_full_waits_and_goes_on(colour_models: Path, mode: str) -> None:
    import resource

    with running(Server, colour_models, mode) as server, ExitStack() as open_ones:
        process = server.process.pid
        soft, hard = resource.prlimit(process, resource.RLIMIT_NOFILE)
        assert soft >= min(hard, 10_240)
        held = len(list(Path(f"/proc/{process}/fd").iterdir()))
        resource.prlimit(process, resource.RLIMIT_NOFILE, (held + 8, hard))
        for _ in range(40):
            open_ones.enter_context(dialled(server))
        time.sleep(1)
        assert server.process.poll() is None, server.output
        if mode == "eventlet":
            assert "no connection can be taken now: Too many open files" in server.output
        open_ones.close()
        assert requests.get(f"{server.url}/healthz", timeout=20).status_code == 200
        assert "Traceback" not in server.output


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_connection_that_says_nothing_is_let_go(colour_models: Path, mode: str) -> None:
    with running(ImpatientServer, colour_models, mode) as server, ExitStack() as open_ones:
        silent, half = (open_ones.enter_context(dialled(server)) for _ in range(2))
        half.sendall(b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
        assert silent.recv(1) == b""
        while half.recv(4096):  # whatever it is told
            pass
        assert "127.0.0.1" not in server.output.partition("Handspell is at")[2].partition("\n")[2]


def opened(server: Server) -> websocket.WebSocket:
    url = server.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    return websocket.create_connection(url, timeout=20, suppress_origin=True)


@needs_linux
@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_message_that_is_too_large_leaves_nothing_behind(colour_models: Path, mode: str) -> None:
    with running(ImpatientServer, colour_models, mode) as server:
        files = Path(f"/proc/{server.process.pid}/fd")
        opened(server).shutdown()  # what the first connection opens for good is there then
        time.sleep(2)
        before = len(list(files.iterdir()))
        for _ in range(8):
            line = opened(server)
            with suppress(OSError, websocket.WebSocketException):
                line.send("4" + "x" * (5 * MAX_JPEG_BYTES))
            line.shutdown()
        deadline = time.monotonic() + 20
        while len(list(files.iterdir())) > before and time.monotonic() < deadline:
            time.sleep(0.1)
        assert len(list(files.iterdir())) <= before
        assert "Traceback" not in server.output


def test_a_message_of_very_many_pieces_is_broken_off(colour_models: Path) -> None:
    with running(Server, colour_models, "eventlet") as server:
        line = opened(server)
        line.send_frame(websocket.ABNF.create_frame("4", websocket.ABNF.OPCODE_TEXT, fin=0))
        piece = websocket.ABNF.create_frame("x", websocket.ABNF.OPCODE_CONT, fin=0)

        def go_on() -> None:
            for _ in range(5000):
                line.send_frame(piece)
            while line.recv():
                pass
            raise ConnectionError("closed")

        try:
            with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
                go_on()
        finally:
            line.shutdown()


def test_what_a_socket_takes_in_parts_is_sent_whole() -> None:
    sent = bytes(range(256)) * 4000
    ours, theirs = socket.socketpair()
    with ours, theirs, ThreadPoolExecutor() as beside:
        ours.settimeout(20)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        whole = WholeSends(ours)
        sending = [beside.submit(whole.send, sent) for _ in range(2)]
        with theirs.makefile("rb") as received:
            assert received.read(2 * len(sent)) == 2 * sent
        assert [one.result(20) for one in sending] == [len(sent)] * 2


def test_a_body_of_less_than_nothing_is_no_body(colour_server: Server) -> None:
    polling = f"{colour_server.url}/socket.io/?EIO=4&transport=polling"
    sid = requests.get(polling, timeout=20).text.split('"')[3]
    with dialled(colour_server) as line:
        line.sendall(f"POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: x\r\n".encode())
        line.sendall(b"Content-Length: -1\r\n\r\n40")
        assert line.recv(4096), "it would be read until the other side closes"

"""A server of one's own and one page's worth of client, for tools that measure the live path as it is."""

import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import socketio
from socketio.exceptions import SocketIOError

from webapp.config import ROOT

_START_SECONDS = 60.0
_ANSWER_SECONDS = 20.0


class LiveError(Exception):
    """A server that does not start or does not answer; the message says what it said."""


@contextmanager
def own_server(model: Path) -> Iterator[str]:
    """The address of a server that serves the bundle in `model` alone, on a free port. Raises LiveError."""
    with tempfile.TemporaryDirectory() as models:
        (Path(models) / model.resolve().name).symlink_to(model.resolve(), target_is_directory=True)
        settings = {"HANDSPELL_MODELS": models, "HOST": "127.0.0.1", "PORT": "0", "HANDSPELL_TEXT_LIMIT": "1000000"}
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "webapp"],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
        reader.start()
        try:
            url = _address(lines)
            _wait_until_ready(url)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            reader.join()


def _read(process: "subprocess.Popen[str]", lines: "queue.SimpleQueue[str]") -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            lines.put(line)
    lines.put("")


def _address(lines: "queue.SimpleQueue[str]") -> str:
    said = []
    with suppress(queue.Empty):  # it hangs
        while line := lines.get(timeout=_START_SECONDS):
            if found := re.search(r"Handspell is at (http://\S+)", line):
                return found[1]
            said.append(line)
    raise LiveError(f"The server did not start:\n{''.join(said).strip()}")


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise LiveError(f"The server at {url} is not ready.")


class Client:
    """A page's connection: use it in a `with`, whose end closes it. Raises LiveError."""

    def __init__(self, url: str) -> None:
        self._socket = socketio.Client(reconnection=False)
        try:
            self._socket.connect(url, transports=["websocket"], wait_timeout=_ANSWER_SECONDS)
        except (SocketIOError, ValueError) as error:  # ValueError: that is no address
            raise LiveError(f"There is no Handspell server at {url} ({error}).") from None

    def call(self, event: str, data: dict[str, Any]) -> dict[str, Any]:
        """Send one event and return its acknowledgement."""
        try:
            answer: dict[str, Any] = self._socket.call(event, data, timeout=_ANSWER_SECONDS)
        except SocketIOError as error:
            raise LiveError(f"The server did not answer ({type(error).__name__}).") from None
        return answer

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.disconnect()

"""A real class for simulated cameras: opened by a teacher, joined by code, with a task, and a board that is told everything."""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import requests
import urllib3
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.server import ANY_CERTIFICATE, Server

TASK = "HELLO WORLD " * 15
"""As many words as a task may have: each letter that is written is counted towards it."""
BOARD = "/board"


@dataclass(frozen=True)
class Lesson:
    """A class with its pupils, as cookies."""

    code: str
    teacher: str
    pupils: list[str]


@contextmanager
def lesson(server: Server, pupils: int) -> Iterator[Lesson]:
    """A class of so many pupils, who have a task; it ends in the end."""
    # The server has made its certificate itself, and nobody vouches for it.
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    with _visitor() as teacher:
        found = re.search(r"(/teach/enter/\S+)", server.output)
        assert found, server.output
        teacher.get(server.url + found[1], timeout=20).raise_for_status()
        code = teacher.post(f"{server.url}/api/class", timeout=20).json()["code"]
        cookies = [_joined(server.url, code, number) for number in range(pupils)]
        teacher.put(f"{server.url}/api/class/{code}/task", json={"words": TASK}, timeout=20).raise_for_status()
        yield Lesson(code, "; ".join(f"{name}={value}" for name, value in teacher.cookies.items()), cookies)
        teacher.delete(f"{server.url}/api/class/{code}", timeout=20).raise_for_status()


def _joined(url: str, code: str, number: int) -> str:
    asked = {"code": code, "name": name_of(number)}
    with _visitor() as pupil:
        answer = pupil.post(f"{url}/api/class/join", json=asked, timeout=20)
    answer.raise_for_status()
    return f"handspell_pupil={answer.cookies['handspell_pupil']}"


def _visitor() -> requests.Session:
    visitor = requests.Session()
    visitor.trust_env = False  # it might name a certificate, or a proxy that reaches no server of ours
    visitor.verify = False
    return visitor


def name_of(number: int) -> str:
    """The name of a pupil, who are counted from 0."""
    return f"Pupil {number + 1}"


async def engine(url: str, cookie: str | None = None) -> ClientConnection:
    """A bare WebSocket to a server's http address, past Engine.IO's handshake."""
    address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    headers = {"Cookie": cookie} if cookie else {}
    secure = ANY_CERTIFICATE if url.startswith("https") else None
    socket = await connect(
        address, ssl=secure, additional_headers=headers, compression=None, max_size=None, ping_interval=None, proxy=None
    )
    await socket.recv()
    return socket


class BoardLine:
    """A board's connection: notes when each pupil's text came to stand there."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._shown: dict[str, list[tuple[str, float]]] = defaultdict(list)
        self.news = 0
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def open(cls, url: str, of: Lesson) -> "BoardLine":
        socket = await engine(url, of.teacher)
        await socket.send(f"40{BOARD}," + json.dumps({"code": of.code}))
        return cls(socket)

    def shown_at(self, name: str, text: str) -> float | None:
        """When the text of this pupil first ended so, by the loop's clock; None: never."""
        return next((at for shown, at in self._shown[name] if shown and text.endswith(shown)), None)

    async def close(self) -> None:
        self._listening.cancel()
        await self._socket.close()

    async def _listen(self) -> None:
        clock = asyncio.get_running_loop().time
        with suppress(ConnectionClosed):
            async for words in self._socket:
                if words == "2":
                    await self._socket.send("3")
                elif isinstance(words, str) and words.startswith(f'42{BOARD},["news"'):
                    self.news += 1
                    now = clock()
                    for tile in json.loads(words[words.index("[") :])[1]["pupils"]:
                        shown = self._shown[tile["name"]]
                        if not shown or shown[-1][0] != tile["text"]:
                            shown.append((tile["text"], now))

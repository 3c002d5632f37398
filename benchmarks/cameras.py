"""A class of simulated cameras: many pages' worth of docs/protocol.md from one lean process.

Each camera takes pictures at a steady rate, has one frame in flight and then sends the newest, as the page does. It
speaks Socket.IO over a bare WebSocket: a full client would take more of the machine's cores than the server it loads.
"""

import asyncio
import contextlib
import json
import math
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from benchmarks.crops import Crop, spelled
from benchmarks.lesson import BoardLine, Lesson, engine, name_of
from benchmarks.status import Status, status_of
from webapp.config import ROOT

WORD = "HELLOWORLD"
RATE = 10.0
GRACE_SECONDS = 3.0
"""How long an answer may be late at the end before it counts as lost."""
RUSH_WARM_SECONDS = 2.0
BOARD_GRACE_SECONDS = 1.0
"""The same for the board, which is told a few times a second."""


@dataclass
class Tally:
    """What became of one camera's pictures."""

    captured: int = 0
    answered: int = 0
    dropped: int = 0
    """A newer picture was taken before this one could be sent."""
    refused: int = 0
    """Answered with an error."""
    seconds: list[float] = field(default_factory=list)
    """From capture to answer, of each answered frame."""
    letters: int = 0
    text: str = ""
    to_board: list[float] = field(default_factory=list)
    """Seconds from capture until the letter stood on the board, of each letter that did."""


@dataclass
class Load:
    """What a class of cameras did to a server."""

    tallies: list[Tally]
    seconds: float
    own_cpu_seconds: float
    """What the cameras themselves took of the cores."""
    before: Status | None
    after: Status | None

    @property
    def captured(self) -> int:
        return sum(tally.captured for tally in self.tallies)

    @property
    def answered(self) -> int:
        return sum(tally.answered for tally in self.tallies)

    @property
    def lost(self) -> int:
        """Pictures that were never read: dropped for newer ones, or refused."""
        return sum(tally.dropped + tally.refused for tally in self.tallies)

    @property
    def milliseconds(self) -> npt.NDArray[np.float64]:
        """From capture to answer, of all answered frames.  # (N,)"""
        return 1000 * np.concatenate([np.array(tally.seconds) for tally in self.tallies])

    @property
    def board_milliseconds(self) -> npt.NDArray[np.float64]:
        """From capture to the board, of all letters that came to stand there.  # (N,)"""
        return 1000 * np.concatenate([np.array(tally.to_board) for tally in self.tallies])

    @property
    def fairness(self) -> float:
        """Frames answered of the slowest visitor over the mean, 0..1."""
        answered = [tally.answered for tally in self.tallies]
        return min(answered) / max(1e-9, sum(answered) / len(answered))

    @property
    def cpu_milliseconds_a_frame(self) -> float:
        """The server's, in all its threads and processes."""
        assert self.before is not None
        assert self.after is not None
        return 1000 * (self.after.cpu_seconds - self.before.cpu_seconds) / max(1, self.answered)


class Line:
    """One connection of the protocol: greets, answers pings, gives each acknowledgement to who waits for it."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.gap_seconds = 0.0
        """How long the server asks everybody to wait between two frames."""
        self.hello: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def open(cls, url: str, token: str | None = None, pupil: str | None = None) -> "Line":
        """Connect to a server's http address, as the pupil whose cookie is given, and wait for the server's hello."""
        socket = await engine(url, pupil)
        line = cls(socket)
        auth: dict[str, Any] | None = {"class": True} if pupil else {"token": token} if token else None
        try:
            await socket.send("40" + (json.dumps(auth) if auth else ""))
            async with asyncio.timeout(20):
                await line.hello
        except BaseException:
            line.drop()
            raise
        return line

    async def call(self, event: str, message: str, attachment: bytes | None = None) -> Any:
        """Emit `event` with a message in JSON and return the acknowledgement; `attachment` is the bytes it refers to."""
        self._numbers += 1
        answer = self._waiting[self._numbers] = asyncio.get_running_loop().create_future()
        if attachment is None:
            await self._socket.send(f'42{self._numbers}["{event}",{message}]')
        else:
            await self.announce(event, message)
            await self._socket.send(attachment)
        return await answer

    async def announce(self, event: str, message: str) -> None:
        """The first half of a message with an attachment."""
        await self._socket.send(f'451-{self._numbers}["{event}",{message}]')

    async def close(self) -> None:
        self._listening.cancel()
        await self._socket.close()

    def drop(self) -> None:
        """Cut the connection without a word, as a network does."""
        self._listening.cancel()
        self._socket.transport.abort()

    async def _listen(self) -> None:
        try:
            async for words in self._socket:
                if words == "2":
                    await self._socket.send("3")
                elif isinstance(words, str) and words.startswith("43"):
                    start = words.index("[")
                    self._waiting.pop(int(words[2:start])).set_result(json.loads(words[start:])[0])
                elif isinstance(words, str) and words.startswith('42["hello"'):
                    self.hello.set_result(json.loads(words[2:])[1])
                elif isinstance(words, str) and words.startswith('42["busy"'):
                    self.gap_seconds = json.loads(words[2:])[1]["gap_ms"] / 1000
        except ConnectionClosed as error:
            for waiting in (self.hello, *self._waiting.values()):
                if not waiting.done():
                    waiting.set_exception(error)
                    waiting.exception()  # whoever asked may have been cut off, too, before it could wait for this


class Camera:
    """A page with a camera before a hand that spells."""

    def __init__(self, line: Line, crops: Sequence[Crop], rate: float = RATE, start: int = 0) -> None:
        self.tally = Tally()
        self.letters: list[tuple[str, float]] = []
        """The text with each letter that was written, and when its picture was taken."""
        self._line = line
        self._rate = rate
        self._at = start
        self._crops = crops
        # Everything that does not change is written once: this process shares the cores with the server.
        self._messages = [message_of(crop) for crop in crops]
        self._newest: tuple[int, float] | None = None
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._seq = 0

    async def run(self, since: float, until: float) -> Tally:
        """Take and send pictures until the loop's clock says `until`; what is taken before `since` does not count."""
        sending = asyncio.create_task(self._send(since))
        loop = asyncio.get_running_loop()
        due = loop.time() + random.random() / self._rate
        while due < until:
            await asyncio.sleep(due - loop.time())
            self.tally.captured += due >= since
            if self._newest is not None:
                self.tally.dropped += self._newest[1] >= since
            self._newest = (self._at, due)  # the time it should have been taken: a busy machine must not hide its delay
            self._at += 1
            self._idle.clear()
            self._arrived.set()
            due += 1 / self._rate
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await self._idle.wait()
        sending.cancel()
        return self.tally

    async def _send(self, since: float) -> None:
        loop = asyncio.get_running_loop()
        sent = -math.inf
        while True:
            await self._arrived.wait()
            await asyncio.sleep(max(0.0, sent + self._line.gap_seconds - loop.time()))
            sent = loop.time()
            self._arrived.clear()
            assert self._newest is not None
            (place, captured), self._newest = self._newest, None
            place %= len(self._crops)
            message = f'{{"seq":{self._seq},"t":{1000 * captured:.1f},{self._messages[place]}'
            self._seq += 1
            ack = await self._line.call("frame", message, self._crops[place].jpeg)
            if not self._arrived.is_set():
                self._idle.set()
            self.tally.text = ack.get("text", self.tally.text)
            if captured < since:
                continue
            if "error" in ack:
                self.tally.refused += 1
                continue
            self.tally.answered += 1
            self.tally.seconds.append(loop.time() - captured)
            if ack["committed"] is not None:
                self.tally.letters += 1
                self.letters.append((ack["text"], captured))


def message_of(crop: Crop) -> str:
    """The end of a frame's JSON, after `seq` and `t`."""
    if crop.jpeg is None:
        return '"nothing":true}'
    numbers = json.dumps({"landmarks": crop.landmarks, "hand": crop.hand, "crop": [0.5, 0.5, 0.5]})
    return '"jpeg":{"_placeholder":true,"num":0},' + numbers[1:]


async def play(
    url: str,
    cameras: int,
    seconds: float,
    warm_seconds: float,
    watched: int | None = None,
    gaps: bool = True,
    rate: float = RATE,
    lesson: Lesson | None = None,
) -> Load:
    """Let so many cameras run for so long, after a warm-up that does not count; `watched` is the server's process.

    Without `gaps` a hand is always in view, so that every frame carries a picture. In a `lesson` they are its pupils', and
    its board is watched.
    """
    crops = [crop for crop in spelled(WORD)[0] if gaps or crop.jpeg]
    board = await BoardLine.open(url, lesson) if lesson else None
    lines = [await Line.open(url, pupil=lesson.pupils[number] if lesson else None) for number in range(cameras)]
    loop = asyncio.get_running_loop()
    since = loop.time() + warm_seconds
    apart = max(1, len(crops) // cameras)
    class_of = [Camera(line, crops, rate, number * apart) for number, line in enumerate(lines)]
    playing = [asyncio.create_task(camera.run(since, since + seconds)) for camera in class_of]
    await asyncio.sleep(since - loop.time())
    server, own = (status_of(watched) if watched else None), time.process_time()
    await asyncio.sleep(since + seconds - loop.time())
    own_seconds = time.process_time() - own
    server_after = status_of(watched) if watched else None
    tallies = list(await asyncio.gather(*playing))
    if board:
        await asyncio.sleep(BOARD_GRACE_SECONDS)
        for number, camera in enumerate(class_of):
            shown = [(board.shown_at(name_of(number), text), captured) for text, captured in camera.letters]
            camera.tally.to_board = [at - captured for at, captured in shown if at is not None]
        await board.close()
    for line in lines:
        await line.close()
    return Load(tallies, seconds, own_seconds, server, server_after)


Ask = Callable[[Line, int], Awaitable[Any]]
"""Sends one frame, the one of that number, and waits for its answer."""


@dataclass
class Rush:
    """What came of clients that ask anew as soon as they are answered."""

    answered: int
    seconds: float
    cpu_seconds: float
    """The server's; 0 where it was not watched."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds

    @property
    def cpu_milliseconds_a_frame(self) -> float:
        return 1000 * self.cpu_seconds / max(1, self.answered)


def frames(crops: Sequence[Crop]) -> Ask:
    """Frames of docs/protocol.md, each crop in its turn."""
    messages = [message_of(crop) for crop in crops]

    def ask(line: Line, place: int) -> Awaitable[Any]:
        told = f'{{"seq":{place},"t":{1000 * time.monotonic():.1f},{messages[place % len(crops)]}'
        return line.call("frame", told, crops[place % len(crops)].jpeg)

    return ask


async def rush(url: str, ask: Ask, cameras: int, seconds: float, watched: int | None = None) -> Rush:
    """So many clients at full speed, after a warm-up that does not count; `watched` is the server's process."""
    answered = 0

    async def client(number: int) -> None:
        nonlocal answered
        line = await Line.open(url)
        try:
            for place in range(number, sys.maxsize):
                await ask(line, place)
                answered += 1
        finally:
            line.drop()

    def taken() -> float:
        return status_of(watched).cpu_seconds if watched else 0.0

    clients = [asyncio.create_task(client(number)) for number in range(cameras)]
    await asyncio.sleep(RUSH_WARM_SECONDS)
    before, cpu_before, since = answered, taken(), time.monotonic()
    await asyncio.sleep(seconds)
    found = Rush(answered - before, time.monotonic() - since, taken() - cpu_before)
    for one in clients:
        one.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
    return found


def in_a_process(
    url: str,
    cameras: int,
    seconds: float,
    warm_seconds: float,
    watched: int | None = None,
    gaps: bool = True,
    lesson: Lesson | None = None,
) -> Load:
    """`play`, away from the caller's own work."""
    wanted = json.dumps([[url, cameras, seconds, warm_seconds, watched, gaps, RATE], lesson and asdict(lesson)])
    command = [sys.executable, "-m", "benchmarks.cameras", wanted]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the cameras failed:\n{done.stderr[-3000:]}")
    raw = json.loads(done.stdout)
    before, after = (raw[name] and Status(**raw[name]) for name in ("before", "after"))
    return Load([Tally(**tally) for tally in raw["tallies"]], raw["seconds"], raw["own_cpu_seconds"], before, after)


if __name__ == "__main__":
    given, raw_lesson = json.loads(sys.argv[1])
    of_class = Lesson(**raw_lesson) if raw_lesson else None
    print(json.dumps(asdict(asyncio.run(play(*[*given, of_class])))))

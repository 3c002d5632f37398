"""The process that reads beside the server: the same answers, nobody notices when it dies, and nothing of it stays."""

import asyncio
import contextlib
import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from websockets import ConnectionClosed

from benchmarks.cameras import Line
from benchmarks.status import children_of
from tests.colours import DIGITS, colour_jpeg, colour_of, jpeg_of
from tests.colours import LETTERS as COLOURS
from tests.replay import Client
from tests.server import Server
from webapp import reader_process
from webapp.concurrency import Threads
from webapp.config import load
from webapp.core.frames import MAX_SIDE_PX, FrameError
from webapp.inference import Crop, load_networks, read_crops
from webapp.reader_process import LARGEST_BYTES, MOST_AT_ONCE, ReaderProcess

LETTERS = "HANDSPELWORTBCFGIKMU"


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.02)


@dataclass
class Task:
    model: str
    crop: Crop


@pytest.fixture
def reader(colour_models: Path) -> Iterator[ReaderProcess[Task]]:
    """A process, with what it has answered and lost."""
    answers: list[tuple[Task, list[float] | Exception]] = []
    process: Any = ReaderProcess[Task](colour_models, Threads(), lambda *told: answers.append(told), answers.extend)
    process.answers = answers
    process.start()
    yield process
    process.stop()


def task(jpeg: bytes, model: str = "letters", mirrored: bool = False) -> Task:
    return Task(model, Crop(jpeg, mirrored, None))


def test_it_answers_and_refuses_in_order_as_the_server_does(reader: Any, colour_models: Path) -> None:
    left_half = np.full((96, 96, 3), 10.0)
    left_half[:, 48:] = 250
    tasks = [
        task(colour_jpeg("A")),
        task(colour_jpeg("7", DIGITS), "digits"),
        task(b"no picture"),
        task(colour_jpeg("B")[:-100]),
        task(jpeg_of(left_half)),
        task(jpeg_of(left_half), mirrored=True),
        task(jpeg_of(np.zeros((32, 32, 3)))),
    ]
    for one in tasks:
        wait_until(partial(reader.give, one), "room for a frame")
    wait_until(lambda: len(reader.answers) == len(tasks), "an answer to everything")
    assert [one for one, _ in reader.answers] == tasks
    networks = load_networks(colour_models)
    for one, answer in reader.answers:
        (here,) = read_crops(networks[one.model], [one.crop])
        if isinstance(here, FrameError):
            assert isinstance(answer, FrameError)
            assert answer.reply == here.reply
        else:
            assert answer == here


def test_its_own_faults_are_told_and_it_goes_on(reader: Any) -> None:
    wait_until(lambda: reader.give(task(colour_jpeg("A"), "unheard of")), "room for a frame")
    wait_until(lambda: reader.give(task(colour_jpeg("A"))), "room for a frame")
    wait_until(lambda: len(reader.answers) == 2, "both answers")
    (_, fault), (_, answer) = reader.answers
    assert isinstance(fault, RuntimeError)
    assert "KeyError: 'unheard of'" in str(fault)
    assert isinstance(answer, list)


def test_what_might_not_find_room_in_the_socket_is_not_taken(reader: Any) -> None:
    wait_until(lambda: reader.give(task(colour_jpeg("A"))), "the process to be ready")
    wait_until(lambda: reader.answers, "its answer")
    assert not reader.give(task(bytes(LARGEST_BYTES + 1)))
    assert reader.give(task(bytes(LARGEST_BYTES)))


def test_a_process_that_no_longer_takes_what_it_is_given_is_ended_and_nothing_is_lost(
    reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_process, "ROOM_BYTES", 1)  # the least that a system gives
    others = set(children_of(os.getpid()))
    wait_until(lambda: reader.give(task(colour_jpeg("A"))), "the process to be ready")
    wait_until(lambda: reader.answers, "its answer")
    reader.answers.clear()
    (process,) = set(children_of(os.getpid())) - others
    os.kill(process, signal.SIGSTOP)
    given = [task(bytes(LARGEST_BYTES)) for _ in range(MOST_AT_ONCE)]
    taken = [one for one in given if reader.give(one)]  # up to the one of which a part was sent
    os.kill(process, signal.SIGCONT)
    wait_until(lambda: process not in children_of(os.getpid()), "its end")
    wait_until(lambda: len(reader.answers) == len(taken), "what it had to be given back")
    assert taken
    assert reader.answers == taken


@pytest.fixture(params=["eventlet", "threading"])
def running(request: pytest.FixtureRequest, colour_models: Path) -> Iterator[Server]:
    """A server that may start one process, on the colour-reading models, in each async mode."""
    if load({}).reader_processes == 0:
        pytest.skip("one core only, so no other process has read anything")
    server = Server(HANDSPELL_ASYNC_MODE=request.param, HANDSPELL_MODELS=str(colour_models))
    yield server
    server.stop()


class Pupils:
    """Visitors who all send a letter of their own, each the next as soon as the last is answered: more than can be read at once."""

    def __init__(self, url: str) -> None:
        self.answers: list[list[str]] = [[] for _ in LETTERS]
        """What each was told: the likeliest letter, or why there is none."""
        self._numbers = [itertools.count() for _ in LETTERS]
        # Large and progressive, so that reading takes longer than sending.
        options = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
        pictures = [
            np.full((MAX_SIDE_PX, MAX_SIDE_PX, 3), colour_of(COLOURS, letter)[::-1], np.uint8) for letter in LETTERS
        ]
        self._jpegs = [cv2.imencode(".jpg", picture, options)[1].tobytes() for picture in pictures]
        self._stop = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._lines: list[Line] = [self._run(Line.open(url)) for _ in LETTERS]
        self._sending = [
            asyncio.run_coroutine_threadsafe(self._send(place), self._loop) for place in range(len(LETTERS))
        ]

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def frame(self, place: int) -> str:
        """Send one beside all the others."""
        return str(self._run(self._frame(place)))

    async def _frame(self, place: int) -> str:
        number = next(self._numbers[place])
        message = f'{{"seq":{number},"t":{100 * number},"jpeg":{{"_placeholder":true,"num":0}}}}'
        answer = await self._lines[place].call("frame", message, self._jpegs[place])
        return str(answer["error"]["code"] if "error" in answer else answer["top"][0][0])

    async def _send(self, place: int) -> None:
        with contextlib.suppress(ConnectionClosed):
            while not self._stop:
                self.answers[place].append(await self._frame(place))

    def wrong(self) -> list[str]:
        """Everything that they were told and that is not the letter that they sent."""
        return [one for letter, told in zip(LETTERS, self.answers, strict=True) for one in told if one != letter]

    def stuck(self) -> list[int]:
        """Who is not answered, while the others are again and again."""
        before = [len(told) for told in self.answers]
        wait_until(lambda: sum(map(len, self.answers)) > sum(before) + 20 * len(LETTERS), "answers to the others")
        return [place for place, told in enumerate(self.answers) if len(told) == before[place]]

    def __enter__(self) -> "Pupils":
        return self

    def __exit__(self, *_: object) -> None:
        self._stop = True
        for sending in self._sending:
            sending.result(60)
        for line in self._lines:
            self._run(line.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()


def hold_up(server: Server, pupils: Pupils) -> tuple[int, list[int]]:
    """Make the server's process stop while it has as many frames as it may; returns it, and whose frames it has."""
    wait_until(lambda: children_of(server.process.pid), "a process")
    (reader,) = children_of(server.process.pid)
    stuck: list[int] = []

    def has_all() -> bool:
        os.kill(reader, signal.SIGSTOP)
        stuck[:] = pupils.stuck()
        if len(stuck) == MOST_AT_ONCE:
            return True
        os.kill(reader, signal.SIGCONT)  # it was not ready yet
        time.sleep(0.2)
        return False

    wait_until(has_all, "the process to have as many frames as it may")
    return reader, stuck


def test_one_visitor_needs_no_process(running: Server) -> None:
    with Client(running.url) as client:
        for _ in range(20):
            client.frame(colour_jpeg("A"))
    assert children_of(running.process.pid) == []


def test_when_it_is_killed_its_frames_are_read_by_the_server_and_another_is_started(running: Server) -> None:
    with Pupils(running.url) as pupils:
        reader, stuck = hold_up(running, pupils)
        before = [len(pupils.answers[place]) for place in stuck]
        os.kill(reader, signal.SIGKILL)
        wait_until(
            lambda: all(len(pupils.answers[place]) > count for place, count in zip(stuck, before, strict=True)),
            "answers to what it had",
        )
        another, _ = hold_up(running, pupils)
        assert another != reader
        os.kill(another, signal.SIGCONT)
    assert pupils.wrong() == []
    assert running.output.count("a process that reads frames has ended (status -9)") == 1


def test_a_frame_that_it_reads_after_a_newer_one_is_superseded(running: Server) -> None:
    with Pupils(running.url) as pupils:
        reader, stuck = hold_up(running, pupils)
        newer = [pupils.frame(place) for place in stuck]
        assert newer == [LETTERS[place] for place in stuck]
        assert pupils.wrong() == []
        os.kill(reader, signal.SIGCONT)
        wait_until(lambda: len(pupils.wrong()) == len(stuck), "the older frames' answers")
    assert pupils.wrong() == ["superseded"] * len(stuck)


def gone(process_id: int) -> bool:
    """Whether it has ended; whoever ought to ask for its status may have ended before."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX"
    except OSError:
        return True


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=["SIGTERM", "Ctrl-C", "a crash"])
def test_it_ends_with_the_server_and_not_before(running: Server, told: signal.Signals) -> None:
    with Pupils(running.url) as pupils:
        reader, _ = hold_up(running, pupils)
        os.kill(reader, signal.SIGCONT)
        os.kill(reader, signal.SIGTERM)  # as a process manager tells all of a service
        assert pupils.stuck() == []
    assert children_of(running.process.pid) == [reader]
    status = running.stop(told)
    wait_until(lambda: gone(reader), "its end")
    assert status == (-told if told == signal.SIGKILL else 0), running.output
    assert "has ended" not in running.output
    assert "Traceback" not in running.output, running.output


def test_a_server_that_is_stopped_while_frames_wait_ends(running: Server) -> None:
    with Pupils(running.url) as pupils:
        reader, _ = hold_up(running, pupils)
        ending = threading.Timer(0.5, os.kill, (reader, signal.SIGCONT))  # what it has is lost by then
        ending.start()
        assert running.stop() == 0, running.output
        ending.join()
    wait_until(lambda: gone(reader), "its end")
    assert "Traceback" not in running.output, running.output


def test_without_the_setting_there_is_none(colour_models: Path) -> None:
    server = Server(HANDSPELL_MODELS=str(colour_models), HANDSPELL_READERS="0")
    with Pupils(server.url) as pupils:
        wait_until(lambda: all(len(told) > 50 for told in pupils.answers), "answers")
        assert children_of(server.process.pid) == []
    assert server.stop() == 0
    assert pupils.wrong() == []

"""A demo class: drawn hands that the served networks read, and what becomes of the class that they make up."""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests

from tests.replay import Client
from tests.server import ROOT, Server
from tests.webapp.test_classes import Board, teacher_of
from webapp.class_store import LocalStore
from webapp.classes import Classes
from webapp.concurrency import Threads
from webapp.core.simulated import Character, SimulatedPupil
from webapp.demo import FRAMES_A_SECOND, Demo, Player
from webapp.inference import load_networks
from webapp.recogniser import Recogniser

SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789"


@pytest.fixture(scope="module")
def recogniser() -> Iterator[Recogniser]:
    running = Recogniser(load_networks(ROOT / "models"), Threads(), 1)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def classes(tmp_path: Path) -> Classes:
    return Classes(LocalStore(tmp_path / "classes.json"), 1.0)


def test_every_letter_and_digit_is_read_from_drawn_hands(recogniser: Recogniser, classes: Classes) -> None:
    one = classes.open_demo(["Ada"])
    classes.set_task(one.code, {"words": SIGNS})
    (ada,) = classes.pupils(one)
    mind = SimulatedPupil("Ada", Character(reaction_seconds=0.2, gap_seconds=0.8), {}, Random(1))
    player = Player(classes, recogniser, 2000, one, ada, mind)
    for frame in range(int(120 * FRAMES_A_SECOND)):
        player.step(frame / FRAMES_A_SECOND)
    (ada,) = classes.pupils(one)
    assert ada.text.replace(" ", "") == SIGNS.replace(" ", ""), "read otherwise than it was shown"
    assert ada.attempt
    assert ada.attempt.finished
    assert ada.attempt.slips == 0


def test_the_pupils_are_gone_when_the_class_is(recogniser: Recogniser, classes: Classes) -> None:
    threads: list[threading.Thread] = []

    def start(run: Any, *given: Any) -> None:
        threads.append(threading.Thread(target=run, args=given))
        threads[-1].start()

    demo = Demo(classes, recogniser, 2000, start, time.sleep)
    one = demo.open(3)
    shown = classes.watch(one.code)
    assert [tile["name"] for tile in shown["pupils"]] == ["Ada", "Ben", "Cleo"]
    deadline = time.monotonic() + 20
    while not all(tile["connected"] for tile in classes.everything(one)["pupils"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    classes.remove(one.code, shown["pupils"][0]["id"])
    classes.end(one.code)
    threads[0].join(20)
    assert not threads[0].is_alive()
    assert demo.opened is None
    another = demo.open(1)
    assert another.code != one.code
    classes.end(another.code)
    threads[1].join(20)
    assert not threads[1].is_alive()


def test_nobody_s_cookie_is_a_simulated_pupil_s(classes: Classes) -> None:
    one = classes.open_demo(["Ada"])
    (ada,) = classes.pupils(one)
    assert ada.simulated
    for secret in ("", "None", ada.secret_hash):
        assert classes.pupil_of(f"{one.code}.{ada.id}.{secret}") is None


def test_a_demo_class_ends_by_itself(tmp_path: Path) -> None:
    now = [1000.0]
    classes = Classes(LocalStore(tmp_path / "classes.json"), 12.0, lambda: now[0])
    demo, lesson = classes.open_demo(["Ada"]), classes.open()
    now[0] += 1801
    classes.sweep()
    assert classes.store.get_class(demo.code) is None
    assert classes.all() == [lesson]


class DemoLesson:
    """A teacher with a demo class."""

    def __init__(self, server: Server, pupils: int) -> None:
        self.teacher = teacher_of(server)
        self.url = server.url
        answer = self.teacher.post(f"{self.url}/api/class/demo", json={"pupils": pupils}, timeout=20)
        assert answer.status_code == 201, answer.text
        self.code = answer.json()["code"]
        self.path = f"{self.url}/api/class/{self.code}"

    def board(self) -> Board:
        return Board(self.url, self.code, "; ".join(f"{name}={value}" for name, value in self.teacher.cookies.items()))


def demo_server(mode: str, data: Path) -> Server:
    return Server(HANDSPELL_CLASS_MODE="proxy", HANDSPELL_ASYNC_MODE=mode, HANDSPELL_DATA=str(data))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_demo_lesson_from_its_opening_to_its_report(mode: str, tmp_path: Path) -> None:
    server = demo_server(mode, tmp_path / "data")
    try:
        lesson = DemoLesson(server, 4)
        with lesson.board() as board:
            board.wait(lambda now: len(now.pupils) == 4 and all(tile["text"] for tile in now.pupils.values()))
            assert board.settings["demo"] is True
            lesson.teacher.put(f"{lesson.path}/task", json={"words": "HI"}, timeout=20)
            wait_longer(
                board, lambda now: sum(bool((tile["task"] or {}).get("finished")) for tile in now.pupils.values()) >= 3
            )
            # A real pupil may join them.
            answer = requests.post(
                f"{lesson.url}/api/class/join", json={"code": lesson.code, "name": "Mia"}, timeout=20
            )
            with Client(lesson.url, cookie=f"handspell_pupil={answer.cookies['handspell_pupil']}") as mia:
                board.wait(lambda now: now.pupils.get("Mia", {}).get("connected"))
                assert mia.hello["resumed"]
            rows = lesson.teacher.get(f"{lesson.url}/teach/{lesson.code}/report-rounds.csv", timeout=20).text
            assert len(re.findall(r"^\w+,1,HI,2,\d+,[\d.]+,yes", rows, re.MULTILINE)) >= 3
            again = lesson.teacher.post(f"{lesson.url}/api/class/demo", json={"pupils": 4}, timeout=20)
            assert (again.status_code, again.json()["error"]["code"]) == (409, "demo_open")
            lesson.teacher.delete(lesson.path, timeout=20)
            board.wait(lambda now: now.over)
        assert "demo class is open" not in lesson.teacher.get(f"{lesson.url}/teach", timeout=20).text
        lesson.teacher.close()
    finally:
        server.stop()
    assert "Traceback" not in server.output


def wait_longer(board: Board, what: Any) -> None:
    """Three times as long as for one message: a task takes its time."""
    for _ in range(2):
        try:
            return board.wait(what)
        except AssertionError:
            continue
    return board.wait(what)


@pytest.mark.slow
def test_a_demo_class_goes_on_after_a_crash(tmp_path: Path) -> None:
    server = demo_server("eventlet", tmp_path / "data")
    try:
        lesson = DemoLesson(server, 2)
        with lesson.board() as board:
            board.wait(lambda now: any(len(tile["text"]) > 1 for tile in now.pupils.values()))
            before = {name: tile["text"] for name, tile in board.pupils.items()}
            time.sleep(1.2)  # what is promised: not more than the last second is lost
            server.kill()
        server.restart()
        with lesson.board() as board:
            board.wait(lambda now: all(tile["connected"] for tile in now.pupils.values()) and now.pupils)
            assert all(board.pupils[name]["text"].startswith(text[:-1]) for name, text in before.items())
            board.wait(lambda now: all(len(tile["text"]) > len(before[name]) + 1 for name, tile in now.pupils.items()))
        lesson.teacher.close()
    finally:
        server.stop()


@pytest.mark.parametrize("pupils", [0, 31, True, "12", None, 1.5], ids=repr)
def test_a_demo_class_has_one_to_thirty_pupils(recogniser: Recogniser, classes: Classes, pupils: object) -> None:
    demo = Demo(classes, recogniser, 2000, lambda *_: None, time.sleep)
    with pytest.raises(Exception, match="1 to 30 simulated pupils"):
        demo.open(pupils)
    assert classes.all() == []


@pytest.mark.slow
def test_only_the_teacher_opens_a_demo_class(tmp_path: Path) -> None:
    server = demo_server("eventlet", tmp_path / "data")
    try:
        assert requests.post(f"{server.url}/api/class/demo", json={"pupils": 1}, timeout=20).status_code == 403
    finally:
        server.stop()

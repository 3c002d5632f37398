"""Tasks of a class over real sockets: from the teacher to pupil and board, and over a restart."""

import threading
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.replay import Client
from tests.server import Server
from tests.webapp.test_classes import DEADLINE_SECONDS, Lesson, class_server, lesson, start, wait_until_kept
from tests.webapp.test_sockets import spelled

__all__ = ["class_server", "lesson"]  # fixtures


class Told:
    """What a pupil's page is told of the class."""

    def __init__(self, client: Client) -> None:
        self.last: dict[str, Any] = {}
        self._news = threading.Condition()
        client.socket.on("class", self._hear)

    def _hear(self, message: dict[str, Any]) -> None:
        with self._news:
            self.last = message
            self._news.notify_all()

    def wait(self, **wanted: Any) -> None:
        with self._news:
            told = self._news.wait_for(
                lambda: wanted.items() <= (self.last.get("task") or {}).items(), DEADLINE_SECONDS
            )
            assert told, self.last


def ask(lesson: Lesson, **task: Any) -> requests.Response:
    return lesson.teacher.put(f"{lesson.path}/task", json=task, timeout=20)


def test_a_task_goes_to_the_pupils_and_their_letters_to_the_board(lesson: Lesson) -> None:
    with lesson.board() as board, Client(lesson.server.url, cookie=lesson.cookie("Mia")) as mia:
        told = Told(mia)
        mia.play(spelled("HI"))
        assert ask(lesson, words="hi").status_code == 200
        told.wait(target="HI", done=0, seconds=None, hints=False)
        board.wait(lambda now: now.pupils["Mia"]["task"] if now.pupils else None)
        assert board.settings["task"]["words"] == ["HI"]
        assert board.pupils["Mia"]["task"]["done"] == 0, "what was spelled before does not count"
        mia.play(spelled("AH"))
        told.wait(done=1)
        board.wait(lambda now: now.pupils["Mia"]["task"]["done"] == 1)
        assert board.pupils["Mia"]["task"]["slips"] == 1
        mia.edit("delete")
        told.wait(done=0)
        mia.play(spelled("HI"))
        told.wait(done=2)
        assert told.last["task"]["seconds"] > 0
        board.wait(lambda now: now.pupils["Mia"]["task"]["finished"])
        lesson.change(hints=True)
        told.wait(hints=True)
        assert lesson.teacher.delete(f"{lesson.path}/task", timeout=20).status_code == 200
        board.wait(lambda now: now.settings["task"] is None and now.pupils["Mia"]["task"] is None)


def test_everybody_s_name_is_their_own(lesson: Lesson) -> None:
    with lesson.board() as board:
        for name in ("Zoë", "小明"):
            lesson.cookie(name)
        ask(lesson, name=True)
        board.wait(lambda now: now.settings.get("task"))
        assert board.pupils["Zoë"]["task"]["word"] == "ZOE"
        assert board.pupils["小明"]["task"] is None


def test_what_is_no_task_is_refused_in_words_and_changes_nothing(lesson: Lesson) -> None:
    ask(lesson, words="TEA")
    answer = ask(lesson, words="!")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_task")
    with lesson.board() as board:
        board.wait(lambda now: now.settings)
        assert board.settings["task"]["words"] == ["TEA"]


def test_only_the_teacher_sets_tasks(lesson: Lesson) -> None:
    headers = {"Cookie": lesson.cookie("Eve")}
    for call in (requests.put, requests.delete):
        assert call(f"{lesson.path}/task", json={"words": "TEA"}, headers=headers, timeout=20).status_code == 403


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_killed_server_knows_the_task_and_who_is_where(colour_models: Path, tmp_path: Path, mode: str) -> None:
    server: Server = start(mode, colour_models, tmp_path / "data")
    try:
        lesson = Lesson(server)
        cookie = lesson.cookie("Mia")
        ask(lesson, words="HIYA")
        with Client(server.url, cookie=cookie) as mia:
            mia.play(spelled("HI"))
        wait_until_kept(tmp_path / "data", '"text": "HI"', '"done": 2')
        server.kill()
        server.restart()
        with lesson.board() as board, Client(server.url, cookie=cookie) as mia:
            board.wait(lambda now: now.pupils["Mia"]["task"]["done"] == 2 if now.pupils else False)
            mia.play(spelled("YA"))
            board.wait(lambda now: now.pupils["Mia"]["task"]["finished"])
        lesson.teacher.close()
    finally:
        server.stop()


def test_the_report_is_the_teacher_s_alone_and_goes_with_the_class(lesson: Lesson) -> None:
    cookie = lesson.cookie("<b>Mia</b>")
    page = f"{lesson.server.url}/teach/{lesson.code}/report"
    assert "Nothing to report yet" in lesson.teacher.get(page, timeout=20).text
    ask(lesson, words="HI")
    with Client(lesson.server.url, cookie=cookie) as mia:
        mia.play(spelled("AHI"))
    shown = lesson.teacher.get(page, timeout=20).text
    assert "&lt;b&gt;Mia&lt;/b&gt;" in shown
    assert "<b>Mia</b>" not in shown
    sheet = lesson.teacher.get(f"{page}-letters.csv", timeout=20)
    assert "<b>Mia</b>,H,1,0,1," in sheet.text
    assert "no-store" in sheet.headers["Cache-Control"]
    assert "<b>Mia</b>,1,HI,2,1," in lesson.teacher.get(f"{page}-rounds.csv", timeout=20).text
    assert lesson.teacher.get(f"{page}-other.csv", timeout=20).status_code == 404
    for path in (page, f"{page}-letters.csv", f"{page}-rounds.csv"):
        assert requests.get(path, headers={"Cookie": cookie}, timeout=20).status_code == 403
    lesson.teacher.delete(lesson.path, timeout=20)
    assert "Mia" not in lesson.teacher.get(page, timeout=20).text
    assert "Mia" not in lesson.teacher.get(f"{page}-letters.csv", timeout=20).text

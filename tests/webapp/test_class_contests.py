"""Race and relay over real sockets: the countdown, places, turns that are handed on and skipped, and a restart in the middle."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.replay import Client
from tests.server import Server
from tests.webapp.test_class_tasks import ask
from tests.webapp.test_classes import DEADLINE_SECONDS, Board, Lesson, class_server, lesson, start
from tests.webapp.test_sockets import spelled
from webapp.class_store import LocalStore
from webapp.classes import Classes
from webapp.core.contest import ABSENT_SECONDS, COUNTDOWN_SECONDS

__all__ = ["class_server", "lesson"]  # fixtures


class Player:
    """A pupil with a camera, and what the pupil's page is told of the task."""

    def __init__(self, server: Server, cookie: str) -> None:
        self.task: dict[str, Any] = {}
        self._news = threading.Condition()
        self.client = Client(server.url, cookie=cookie)
        self.client.socket.on("class", self._hear)
        self.client.mode(pace="fast")

    def _hear(self, message: dict[str, Any]) -> None:
        with self._news:
            self.task = message.get("task") or {}
            self._news.notify_all()

    @property
    def contest(self) -> dict[str, Any]:
        return self.task.get("contest") or {}

    def wait(self, what: Callable[["Player"], object]) -> None:
        with self._news:
            assert self._news.wait_for(lambda: what(self), DEADLINE_SECONDS), self.task

    def spell(self, letters: str) -> None:
        self.client.play(spelled(letters))

    def __enter__(self) -> "Player":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()


def wait_for_start(lesson: Lesson, *players: Player) -> None:
    """Until the countdown, of which every page has been told, is over."""
    for player in players:
        player.wait(lambda now: now.contest)
    with lesson.board() as board:
        board.wait(lambda now: now.settings)
        time.sleep(max(0.0, board.settings["task"]["begun"] - time.time()))


def post(lesson: Lesson, path: str) -> requests.Response:
    return lesson.teacher.post(f"{lesson.path}/{path}", timeout=20)


def contest_of(board: Board) -> dict[str, Any]:
    return board.contest or {}


def test_a_race_is_counted_down_won_and_goes_on(lesson: Lesson) -> None:
    server = lesson.server
    with (
        lesson.board() as board,
        Player(server, lesson.cookie("Mia")) as mia,
        Player(server, lesson.cookie("Ben")) as ben,
    ):
        assert ask(lesson, words="HI, A", mode="race").status_code == 200
        mia.wait(lambda now: now.contest)
        assert 0 < mia.task["starts_seconds"] <= COUNTDOWN_SECONDS
        assert (mia.task["target"], mia.task["due"], mia.contest["round"]) == ("HI", None, 1)
        wait_for_start(lesson, mia, ben)
        ben.spell("HI")
        ben.wait(lambda now: now.contest["place"] == 1 and now.task["seconds"] > 0)
        mia.spell("AHI")
        mia.wait(lambda now: now.contest["place"] == 2)
        ids = {name: tile["id"] for name, tile in board.pupils.items()}
        board.wait(lambda now: contest_of(now).get("places") == {ids["Ben"]: 1, ids["Mia"]: 2})
        assert (contest_of(board)["wins"], contest_of(board)["coming"]) == ({ids["Ben"]: 1}, ["A"])
        assert board.pupils["Mia"]["task"]["finished"] > board.pupils["Ben"]["task"]["finished"]
        assert post(lesson, "round").status_code == 200
        mia.wait(lambda now: now.task["target"] == "A" and now.contest["round"] == 2)
        board.wait(lambda now: contest_of(now)["round"] == 2 and contest_of(now)["wins"] == {ids["Ben"]: 1})
        refused = post(lesson, "round")
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_task")
        lesson.teacher.delete(f"{lesson.path}/task", timeout=20)
        board.wait(lambda now: now.contest is None and now.settings["task"] is None)


def test_a_relay_is_handed_on_from_pupil_to_pupil(lesson: Lesson) -> None:
    with ExitStack() as stack:
        board = stack.enter_context(lesson.board())
        ada, ben, cem = (
            stack.enter_context(Player(lesson.server, lesson.cookie(name))) for name in ("Ada", "Ben", "Cem")
        )
        ask(lesson, words="HI", mode="relay", teams=2)  # Sun: Ada and Cem; Moon: Ben
        wait_for_start(lesson, ada, ben, cem)
        assert [one.contest["team"] for one in (ada, ben, cem)] == ["Sun", "Moon", "Sun"]
        assert [one.contest["turn"] for one in (ada, ben, cem)] == ["on", "on", "next"]
        cem.spell("H")  # not Cem's turn
        ada.spell("H")
        cem.wait(lambda now: now.task["due"] == "I" and now.contest["turn"] == "on")
        ada.wait(lambda now: now.contest["turn"] == "waits" and now.task["done"] == 1)
        ids = {name: tile["id"] for name, tile in board.pupils.items()}
        board.wait(lambda now: contest_of(now)["teams"][0]["on"] == ids["Cem"])
        assert board.pupils["Cem"]["task"] is None, "teams are shown instead"
        cem.spell("I")
        for one in (ada, cem):
            one.wait(lambda now: now.contest["place"] == 1 and now.task["due"] is None)
        ben.spell("HI")
        ben.wait(lambda now: now.contest["place"] == 2)
        board.wait(lambda now: contest_of(now)["places"] == {"Sun": 1, "Moon": 2})
        assert contest_of(board)["wins"] == {"Sun": 1}
        rounds = lesson.teacher.get(f"{lesson.server.url}/teach/{lesson.code}/report-rounds.csv", timeout=20).text
        for row in ("Ada,1,H,1,0", "Cem,1,I,1,0", "Ben,1,HI,2,0"):
            assert row in rounds


def test_a_turn_is_skipped_by_the_teacher_at_once_and_of_who_is_away_after_a_while(lesson: Lesson) -> None:
    ada = lesson.cookie("Ada")  # has joined and never comes
    with Player(lesson.server, lesson.cookie("Ben")) as ben, Player(lesson.server, lesson.cookie("Cem")) as cem:
        ask(lesson, words="HI", mode="relay", teams=1)
        wait_for_start(lesson, ben, cem)
        assert ben.contest["turn"] == "next"
        ben.wait(lambda now: now.contest["turn"] == "on")  # by itself
        assert post(lesson, "teams/Sun/skip").status_code == 200
        cem.wait(lambda now: now.contest["turn"] == "on")
        for name in ("Moon", "nobody"):
            refused = post(lesson, f"teams/{name}/skip")
            assert (refused.status_code, refused.json()["error"]["code"]) == (409, "nobody_else")
        assert post(lesson, "teams").status_code == 200
        cem.wait(lambda now: now.task["starts_seconds"] > 0 and now.contest["round"] == 1)
        ben.client.close()
        cem.wait(lambda now: now.contest["turn"] == "on")
        with Player(lesson.server, ada) as late:
            late.client.socket.emit("mode", {"pace": "fast"})
            assert post(lesson, "teams/Sun/skip").status_code == 200
            late.wait(lambda now: now.contest.get("turn") == "on")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_what_is_written_during_the_countdown_does_not_count(tmp_path: Path) -> None:
    clock = Clock()
    classes = Classes(LocalStore(tmp_path / "classes.json"), 1.0, clock)
    code = classes.open().code
    mia = classes.join(code, "Mia", "here").pupil.id
    classes.set_task(code, {"words": "A", "mode": "race"})
    clock.now += COUNTDOWN_SECONDS - 0.01
    classes.wrote(code, mia, "A")
    assert classes.everything(classes.get(code))["contest"]["places"] == {}
    clock.now += 0.01
    classes.wrote(code, mia, "AA")
    assert classes.everything(classes.get(code))["contest"]["places"] == {mia: 1}


def test_who_comes_back_in_time_keeps_the_turn(tmp_path: Path) -> None:
    clock = Clock()
    classes = Classes(LocalStore(tmp_path / "classes.json"), 1.0, clock)
    code = classes.open().code
    ada, ben = (classes.join(code, name, "here").pupil.id for name in ("Ada", "Ben"))
    classes.take(code, ada, "ada's connection")
    classes.take(code, ben, "ben's connection")
    classes.set_task(code, {"words": "HI", "mode": "relay", "teams": 1})

    def on_after(seconds: float) -> str:
        clock.now += seconds
        classes.sweep()
        return str(classes.everything(classes.get(code))["contest"]["teams"][0]["on"])

    classes.leave_seat(code, ada, "ada's connection")
    assert on_after(COUNTDOWN_SECONDS) == ada
    assert on_after(ABSENT_SECONDS - 0.1) == ada
    classes.take(code, ada, "another connection")
    assert on_after(0.2) == ada
    classes.leave_seat(code, ada, "another connection")
    assert on_after(0.2) == ada, "the time away begins anew"
    assert on_after(ABSENT_SECONDS) == ben
    classes.leave_seat(code, ben, "ben's connection")
    assert on_after(100.0) == ben, "nobody is here to go on"
    classes.take(code, ada, "a third connection")
    assert on_after(0.1) == ben
    assert on_after(ABSENT_SECONDS) == ada


def test_only_the_teacher_goes_on_shuffles_and_skips(lesson: Lesson) -> None:
    headers = {"Cookie": lesson.cookie("Eve")}
    ask(lesson, words="TEA MILK", mode="relay")
    for path in ("round", "teams", "teams/Sun/skip"):
        assert requests.post(f"{lesson.path}/{path}", headers=headers, timeout=20).status_code == 403
    with lesson.board() as board:
        board.wait(lambda now: contest_of(now).get("round") == 1)


def test_what_is_no_contest_is_refused_and_changes_nothing(lesson: Lesson) -> None:
    ask(lesson, words="TEA", mode="race")
    for wrong in ({"name": True, "mode": "race"}, {"words": "TEA", "mode": "relay", "teams": 99}, {"mode": "race"}):
        answer = ask(lesson, **wrong)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_task")
    assert post(lesson, "teams").status_code == 400
    with lesson.board() as board:
        board.wait(lambda now: contest_of(now).get("mode") == "race")


def test_somebody_removed_in_the_middle_hands_the_turn_on(lesson: Lesson) -> None:
    with (
        lesson.board() as board,
        Player(lesson.server, lesson.cookie("Ada")) as ada,
        Player(lesson.server, lesson.cookie("Ben")) as ben,
    ):
        ask(lesson, words="HI", mode="relay", teams=1)
        wait_for_start(lesson, ada, ben)
        board.wait(lambda now: len(now.pupils) == 2)
        renamed = f"{lesson.path}/pupils/{board.pupils['Ben']['id']}"
        assert lesson.teacher.patch(renamed, json={"name": "Rose"}, timeout=20).status_code == 200
        lesson.teacher.delete(f"{lesson.path}/pupils/{board.pupils['Ada']['id']}", timeout=20)
        ben.wait(lambda now: now.contest["turn"] == "on")
        ben.spell("HI")
        ben.wait(lambda now: now.contest["place"] == 1)
        board.wait(lambda now: contest_of(now)["places"] == {"Sun": 1} and list(now.pupils) == ["Rose"])


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_killed_server_knows_teams_turns_and_wins(colour_models: Path, tmp_path: Path, mode: str) -> None:
    server = start(mode, colour_models, tmp_path / "data")
    try:
        lesson = Lesson(server)
        cookies = [lesson.cookie(name) for name in ("Ada", "Ben")]
        with Player(server, cookies[0]) as ada, Player(server, cookies[1]) as ben:
            ask(lesson, words="H, HI", mode="relay", teams=1)
            wait_for_start(lesson, ada, ben)
            ada.spell("H")
            ben.wait(lambda now: now.contest["place"] == 1)
            assert post(lesson, "round").status_code == 200
            wait_for_start(lesson, ada, ben)
            assert ben.contest["turn"] == "on"
            ben.spell("H")
            ada.wait(lambda now: now.task["done"] == 1)
        time.sleep(1.2)  # what is promised: not more than the last second is lost
        server.kill()
        server.restart()
        with lesson.board() as board, Player(server, cookies[0]) as ada, Player(server, cookies[1]):
            board.wait(lambda now: contest_of(now).get("wins") == {"Sun": 1})
            assert (contest_of(board)["round"], contest_of(board)["teams"][0]["done"]) == (2, 1)
            ada.spell("I")
            board.wait(lambda now: contest_of(now)["wins"] == {"Sun": 2})
        lesson.teacher.close()
    finally:
        server.stop()

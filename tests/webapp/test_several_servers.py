"""One class on several real servers, which share it through a real Redis."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.redis import PROGRAM, Redis
from tests.replay import Client
from tests.server import Server
from tests.webapp.test_class_contests import Player, wait_for_start
from tests.webapp.test_class_tasks import Told, ask
from tests.webapp.test_classes import DEADLINE_SECONDS, Board, Lesson
from tests.webapp.test_sockets import spelled

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs redis-server (apt-get install redis-server)")

TEACHER_KEY = "the-key-that-all-servers-were-given-01"


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    made = Redis()
    yield made
    made.remove()


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def pair(
    request: pytest.FixtureRequest, redis: Redis, colour_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Server]]:
    servers = start_pair(request.param, redis, colour_models, tmp_path_factory.mktemp("data"))
    yield servers
    for server in servers:
        server.stop()


def start_pair(mode: str, redis: Redis, models: Path, folder: Path) -> list[Server]:
    return [
        Server(
            HANDSPELL_CLASS_MODE="proxy",
            HANDSPELL_ASYNC_MODE=mode,
            HANDSPELL_MODELS=str(models),
            HANDSPELL_DATA=str(folder / name),
            HANDSPELL_REDIS_URL=redis.url,
            HANDSPELL_TEACHER_KEY=TEACHER_KEY,
        )
        for name in ("one", "other")
    ]


def told(client: Client, event: str) -> Callable[[Callable[[Any], object]], None]:
    """Waits until `event` has told `client` what is asked for."""
    heard: list[Any] = []
    news = threading.Condition()

    def hear(message: Any) -> None:
        with news:
            heard.append(message)
            news.notify_all()

    client.socket.on(event, hear)

    def wait(what: Callable[[Any], object]) -> None:
        with news:
            assert news.wait_for(lambda: any(what(message) for message in heard), DEADLINE_SECONDS), heard

    return wait


def board_of(lesson: Lesson, server: Server) -> Board:
    """A board on another server than the lesson's own; the teacher's cookie opens it there, too."""
    cookies = "; ".join(f"{name}={value}" for name, value in lesson.teacher.cookies.items())
    return Board(server.url, lesson.code, cookies)


def shown(board: Board, name: str) -> dict[str, Any]:
    """A pupil's tile; nothing but None where there is none yet."""
    return board.pupils.get(name, {"connected": None, "text": None})


def in_class_again(server: Server, token: str, cookie: str) -> Client:
    """Connects as a page does that spelled A while its class was away, as often as it is told to."""
    while True:
        client = Client(server.url, token=token, cookie=cookie)
        if client.hello["text"] != "A":
            return client
        told(client, "again")(lambda message: message == {})
        client.close()


def wait_for_classes(lesson: Lesson, servers: list[Server]) -> None:
    """Redis is back, and every server has noticed."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    for server in servers:
        while lesson.teacher.delete(f"{server.url}/api/class/AAAAAA", timeout=20).status_code != 404:
            assert time.monotonic() < deadline, server.output
            time.sleep(0.1)


def test_teacher_and_pupils_of_one_class_sit_on_different_servers(pair: list[Server]) -> None:
    one, other = pair
    lesson = Lesson(one)
    mia, ben = lesson.cookie("Mia"), lesson.cookie("Ben")
    with lesson.board() as board, Client(one.url, cookie=mia), Client(other.url, cookie=ben) as there:
        board.wait(lambda now: len(now.pupils) == 2 and all(tile["connected"] for tile in now.pupils.values()))
        there.play(spelled("HI"))
        board.wait(lambda now: shown(now, "Ben")["text"] == "HI")
        with board_of(lesson, other) as second:
            second.wait(lambda now: shown(now, "Mia")["connected"] and shown(now, "Ben")["text"] == "HI")
            assert lesson.change(names_hidden=True).status_code == 200
            second.wait(lambda now: now.settings["names_hidden"])
        renamed = told(there, "class")
        pupil = f"{lesson.path}/pupils/{board.pupils['Ben']['id']}"
        assert lesson.teacher.patch(pupil, json={"name": "Rose"}, timeout=20).json() == {"name": "Rose"}
        renamed(lambda message: message.get("name") == "Rose")
        board.wait(lambda now: shown(now, "Rose")["connected"])
        assert lesson.teacher.delete(pupil, timeout=20).status_code == 200
        renamed(lambda message: message == {"over": "removed"})
        board.wait(lambda now: list(now.pupils) == ["Mia"])


def test_a_pupil_who_comes_to_another_server_takes_the_seat_along(pair: list[Server]) -> None:
    one, other = pair
    lesson = Lesson(one)
    mia = lesson.cookie("Mia")
    with lesson.board() as board, Client(one.url, cookie=mia) as first:
        first.play(spelled("HI"))
        board.wait(lambda now: shown(now, "Mia")["text"] == "HI")
        with Client(other.url, cookie=mia) as second:
            assert (second.hello["text"], second.hello["resumed"]) == ("HI", True)
            deadline = time.monotonic() + DEADLINE_SECONDS
            while first.socket.connected:
                assert time.monotonic() < deadline, "two connections write one pupil's text"
                time.sleep(0.05)
            second.play(spelled("A"))
            board.wait(lambda now: shown(now, "Mia")["connected"] and shown(now, "Mia")["text"] == "HIA")
        board.wait(lambda now: shown(now, "Mia")["connected"] is False)
        with Client(one.url, cookie=mia) as back:  # where the text of the first visit is still parked
            assert back.hello["text"] == "HIA"


def test_two_who_join_at_once_on_different_servers_get_names_and_seats_of_their_own(pair: list[Server]) -> None:
    lesson = Lesson(pair[0])
    statuses: list[int] = []

    def join(server: Server) -> None:
        answer = requests.post(
            f"{server.url}/api/class/join", json={"code": lesson.code, "name": "Mia"}, timeout=DEADLINE_SECONDS
        )
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=join, args=(server,)) for server in pair * 5]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 10
    with lesson.board() as board:
        board.wait(lambda now: len(now.pupils) == 10)
        assert sorted(tile["seat"] for tile in board.pupils.values()) == list(range(1, 11))


def test_a_team_of_pupils_on_different_servers_hands_its_turn_on(pair: list[Server]) -> None:
    one, other = pair
    lesson = Lesson(one)
    ada, ben, cem = (lesson.cookie(name) for name in ("Ada", "Ben", "Cem"))
    with (
        lesson.board() as board,
        board_of(lesson, other) as second,
        Player(one, ada) as here,
        Player(other, ben) as there,
    ):
        ask(lesson, words="HI, A", mode="relay", teams=1)
        wait_for_start(lesson, here, there)
        here.spell("H")
        there.wait(lambda now: now.task["due"] == "I")
        there.spell("I")
        for player in (here, there):
            player.wait(lambda now: now.contest["place"] == 1)
        for shown in (board, second):
            shown.wait(lambda now: (now.contest or {})["wins"] == {"Sun": 1})
        assert lesson.teacher.post(f"{lesson.path}/round", timeout=20).status_code == 200
        wait_for_start(lesson, here, there)
        there.wait(lambda now: now.contest["turn"] == "waits")  # Cem's turn, who has joined and is not here
        here.wait(lambda now: now.contest["turn"] == "on")
        with Player(other, cem) as late:
            assert lesson.teacher.post(f"{lesson.path}/teams/Sun/skip", timeout=20).status_code == 200
            there.wait(lambda now: now.contest["turn"] == "on")
            there.spell("A")
            late.wait(lambda now: now.contest.get("place") == 1)
        second.wait(lambda now: (now.contest or {})["wins"] == {"Sun": 2})


def test_a_killed_server_s_pupils_are_away_and_come_back_on_the_other(pair: list[Server]) -> None:
    one, other = pair
    lesson = Lesson(one)
    ben = lesson.cookie("Ben")
    with lesson.board() as board, Client(other.url, cookie=ben) as there:
        there.play(spelled("HI"))
        board.wait(lambda now: shown(now, "Ben")["text"] == "HI")
        other.kill()
        board.wait(lambda now: shown(now, "Ben")["connected"] is False)
        with Client(one.url, cookie=ben) as here:
            assert (here.hello["text"], here.hello["resumed"]) == ("HI", True)
            board.wait(lambda now: shown(now, "Ben")["connected"])
    other.restart()


def test_a_task_on_two_servers_one_of_which_is_killed_in_the_middle(pair: list[Server]) -> None:
    one, other = pair
    lesson = Lesson(one)
    cookies = {name: lesson.cookie(name) for name in ("Mia", "Ben")}
    with lesson.board() as board, Client(one.url, cookie=cookies["Mia"]) as mia:
        with Client(other.url, cookie=cookies["Ben"]) as ben, board_of(lesson, other) as second:
            told_mia, told_ben = Told(mia), Told(ben)
            assert ask(lesson, words="tea").status_code == 200
            for told_pupil in (told_mia, told_ben):
                told_pupil.wait(target="TEA", done=0, hints=False)
            ben.play(spelled("TX"))
            told_ben.wait(done=1)
            for watching in (board, second):
                watching.wait(lambda now: (shown(now, "Ben").get("task") or {}).get("slips") == 1)
                assert shown(watching, "Ben")["task"]["done"] == 1
            assert lesson.change(hints=True).status_code == 200
            for told_pupil in (told_mia, told_ben):
                told_pupil.wait(hints=True)
            # Who is stuck is seen from how long the letter has been due: the same on both boards, and when it fell due.
            since = {watching.pupils["Ben"]["task"]["since"] for watching in (board, second)}
            assert len(since) == 1
            assert since.pop() > board.pupils["Mia"]["task"]["since"]
            board.wait(lambda now: shown(now, "Ben")["text"] == "TX")  # so Redis has it
            other.kill()
        board.wait(lambda now: shown(now, "Ben")["connected"] is False)
        with Client(one.url, cookie=cookies["Ben"]) as ben:
            told_ben = Told(ben)
            ben.play(spelled("EA"))
            told_ben.wait(done=3)
            assert told_ben.last["task"]["seconds"] > 0
            board.wait(lambda now: shown(now, "Ben")["task"]["finished"])
            mia.play(spelled("TEA"))
            told_mia.wait(done=3)
            board.wait(lambda now: shown(now, "Mia")["task"]["finished"])
    other.restart()
    for server in pair:
        sheet = lesson.teacher.get(f"{server.url}/teach/{lesson.code}/report-rounds.csv", timeout=20).text
        assert {",".join(row.split(",")[:5]) for row in sheet.splitlines()[1:]} == {"Mia,1,TEA,3,0", "Ben,1,TEA,3,1"}


def test_a_server_that_heard_nothing_for_a_while_tells_its_boards_and_pupils_how_things_stand(
    pair: list[Server], redis: Redis
) -> None:
    one, other = pair
    lesson = Lesson(one)
    cookies = {name: lesson.cookie(name) for name in ("Mia", "Ben", "Eve")}
    there = f"{other.url}/api/class/{lesson.code}"
    with (
        lesson.board() as board,
        Client(one.url, cookie=cookies["Mia"]) as mia,
        Client(other.url, cookie=cookies["Ben"]) as ben,
        Client(one.url, cookie=cookies["Eve"]) as eve,
    ):
        board.wait(lambda now: sum(tile["connected"] for tile in now.pupils.values()) == 3)
        told_mia, told_eve = told(mia, "class"), told(eve, "class")
        with redis.deaf():
            ben.play(spelled("HI"))
            assert lesson.teacher.patch(there, json={"names_hidden": True}, timeout=20).status_code == 200
            assert lesson.teacher.put(f"{there}/task", json={"words": "TEA"}, timeout=20).status_code == 200
            gone = f"{there}/pupils/{board.pupils['Eve']['id']}"
            assert lesson.teacher.delete(gone, timeout=20).status_code == 200
        board.wait(lambda now: shown(now, "Ben")["text"] == "HI" and now.settings["names_hidden"])
        board.wait(lambda now: "Eve" not in now.pupils and now.settings["task"]["words"] == ["TEA"])
        told_mia(lambda message: (message.get("task") or {}).get("target") == "TEA")
        told_eve(lambda message: message == {"over": "removed"})
        with redis.deaf():
            assert lesson.teacher.delete(there, timeout=20).status_code == 200
        board.wait(lambda now: now.over)
        told_mia(lambda message: message == {"over": "ended"})


def test_a_page_opened_while_redis_is_away_is_back_in_its_class_by_itself_with_all_its_text(
    pair: list[Server], redis: Redis
) -> None:
    one, other = pair
    lesson = Lesson(one)
    mia = lesson.cookie("Mia")
    with Client(one.url, cookie=mia) as before:
        before.play(spelled("HI"))
    with lesson.board() as board:
        with board_of(lesson, other) as second:  # what another server knows, Redis knows
            second.wait(lambda now: shown(now, "Mia")["text"] == "HI" and not shown(now, "Mia")["connected"])
        redis.stop()
        other.kill()
        other.restart()  # and has never heard of the class
        page = requests.get(other.url, headers={"Cookie": mia}, timeout=20).text
        assert f'in class <span class="class-code">{lesson.code}' in page
        assert "The class cannot be reached just now." in page
        with Client(other.url, cookie=mia) as waiting:
            again = told(waiting, "again")
            assert (waiting.hello["text"], waiting.hello["resumed"]) == ("", False)
            assert waiting.play(spelled("A"))[-1]["text"] == "A"
            redis.start()
            again(lambda message: message == {})
            with in_class_again(other, waiting.hello["token"], mia) as back:
                assert (back.hello["text"], back.hello["resumed"]) == ("HIA", True)
                board.wait(lambda now: shown(now, "Mia")["text"] == "HIA" and shown(now, "Mia")["connected"])
                assert back.play(spelled("B"))[-1]["text"] == "HIAB"
                board.wait(lambda now: shown(now, "Mia")["text"] == "HIAB")
        with Client(other.url, token=waiting.hello["token"], cookie=mia) as once_more:
            assert once_more.hello["text"] == "HIAB", "what was spelled meanwhile is taken along once"
    wait_for_classes(lesson, pair)


def test_while_redis_is_away_spelling_goes_on_and_is_caught_up_with(pair: list[Server], redis: Redis) -> None:
    one, other = pair
    lesson = Lesson(one)
    mia, ben = lesson.cookie("Mia"), lesson.cookie("Ben")
    with lesson.board() as board, Client(one.url, cookie=mia) as here, Client(other.url, cookie=ben) as there:
        there.play(spelled("HI"))
        board.wait(lambda now: {name: tile["text"] for name, tile in now.pupils.items()} == {"Mia": "", "Ben": "HI"})
        away = [told(client, "away") for client in (here, there)]
        redis.stop()
        for hear in away:
            hear(lambda message: message == {"away": True})
        assert there.play(spelled("A"))[-1]["text"] == "HIA"
        assert here.play(spelled("B"))[-1]["text"] == "B"
        board.wait(lambda now: shown(now, "Mia")["text"] == "B")  # this server's own board needs nobody
        refused = lesson.join("Eve")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "class_away")
        here.close()
        with Client(one.url, cookie=mia) as again:  # known here, so the cookie can be checked
            assert (again.hello["text"], again.hello["resumed"]) == ("B", True)
        redis.start()
        for hear in away[1:]:
            hear(lambda message: message == {"away": False})
        board.wait(lambda now: shown(now, "Ben")["text"] == "HIA" and shown(now, "Mia")["connected"] is False)
        wait_for_classes(lesson, pair)
        assert lesson.join("Eve").status_code == 200
        assert there.play(spelled("B"))[-1]["text"] == "HIAB"
        board.wait(lambda now: shown(now, "Ben")["text"] == "HIAB")

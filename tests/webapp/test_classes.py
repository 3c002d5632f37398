"""A class over real sockets: joining, coming back, the board, and those who should not get in."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import socketio
from flask import Flask
from flask_socketio import SocketIO

from tests.colours import colour_jpeg
from tests.described import description_of, hold
from tests.replay import Client
from tests.server import Server
from tests.webapp.test_sockets import spelled
from webapp import class_sockets
from webapp.class_store import LocalStore
from webapp.classes import Classes
from webapp.concurrency import Threads
from webapp.core.classroom import ClassError, Pupil
from webapp.lesson_keeping import LessonKeeping
from webapp.storage.database import database_url
from webapp.storage.keeper import Keeper
from webapp.teacher import TEACHER_COOKIE, Teacher

DEADLINE_SECONDS = 20.0


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def class_server(
    request: pytest.FixtureRequest, colour_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A class server behind no proxy; plain http is enough for this machine's own clients."""
    server = start(request.param, colour_models, tmp_path_factory.mktemp("data"))
    yield server
    server.stop()


@pytest.fixture
def frail_server(colour_models: Path, tmp_path: Path) -> Iterator[Server]:
    """A class server that a test may kill."""
    server = start("eventlet", colour_models, tmp_path / "data")
    yield server
    server.stop()


def start(mode: str, models: Path, data: Path) -> Server:
    return Server(
        HANDSPELL_CLASS_MODE="proxy",
        HANDSPELL_ASYNC_MODE=mode,
        HANDSPELL_MODELS=str(models),
        HANDSPELL_DATA=str(data),
    )


def wait_until_kept(data: Path, *parts: str) -> None:
    """Every second what has changed is written to where a kill cannot reach it."""
    file, deadline = data / "classes.json", time.monotonic() + DEADLINE_SECONDS
    while not (file.exists() and all(part in file.read_text("utf-8") for part in parts)):
        assert time.monotonic() < deadline, f"never kept: {parts}"
        time.sleep(0.05)


def teacher_of(server: Server) -> requests.Session:
    """The teacher's browser, which has opened the address that stands in the terminal."""
    found = re.search(r"http://\S+(/teach/enter/\S+)", server.output)
    assert found, server.output
    teacher = requests.Session()
    assert teacher.get(server.url + found[1], timeout=20).url.startswith(f"{server.url}/teach")
    return teacher


class Lesson:
    """A class that the teacher has opened, and what a pupil does to get in."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.teacher = teacher_of(server)
        self.code = self.teacher.post(f"{server.url}/api/class", timeout=20).json()["code"]
        self.path = f"{server.url}/api/class/{self.code}"

    def join(self, name: str, code: str | None = None) -> requests.Response:
        return requests.post(
            f"{self.server.url}/api/class/join",
            json={"code": self.code if code is None else code, "name": name},
            timeout=20,
        )

    def cookie(self, name: str) -> str:
        """Join, and return what the browser keeps."""
        answer = self.join(name)
        assert answer.status_code == 200, answer.text
        assert "HttpOnly" in answer.headers["Set-Cookie"]
        assert "SameSite=Lax" in answer.headers["Set-Cookie"]
        return f"handspell_pupil={answer.cookies['handspell_pupil']}"

    def board(self, cookie: str | None = None) -> "Board":
        own = "; ".join(f"{name}={value}" for name, value in self.teacher.cookies.items())
        return Board(self.server.url, self.code, own if cookie is None else cookie)

    def change(self, **settings: Any) -> requests.Response:
        return self.teacher.patch(self.path, json=settings, timeout=20)


class Board:
    """A board's connection: what it has been told, put together."""

    def __init__(self, url: str, code: str, cookie: str) -> None:
        self.pupils: dict[str, dict[str, Any]] = {}
        self.settings: dict[str, Any] = {}
        self.contest: dict[str, Any] | None = None
        self.messages: list[tuple[float, dict[str, Any]]] = []
        self.over = False
        self._news = threading.Condition()
        self.socket = socketio.Client(reconnection=False)
        self.socket.on("board", self._all, namespace="/board")
        self.socket.on("news", self._some, namespace="/board")
        self.socket.on("over", self._end, namespace="/board")
        self.socket.connect(
            url, {"Cookie": cookie}, {"code": code}, transports=["websocket"], namespaces=["/board"], wait_timeout=20
        )

    def _all(self, told: dict[str, Any]) -> None:
        with self._news:
            self.settings, self.contest = told["class"], told["contest"]
            self.pupils = {tile["name"]: tile for tile in told["pupils"]}
            self._news.notify_all()

    def _some(self, told: dict[str, Any]) -> None:
        with self._news:
            self.messages.append((time.monotonic(), told))
            gone = {*told["gone"], *(tile["id"] for tile in told["pupils"])}
            self.pupils = {name: tile for name, tile in self.pupils.items() if tile["id"] not in gone}
            self.pupils |= {tile["name"]: tile for tile in told["pupils"]}
            self.contest = told["contest"]
            self._news.notify_all()

    def _end(self, told: dict[str, Any]) -> None:
        with self._news:
            self.over = True
            self._news.notify_all()

    def wait(self, what: Callable[["Board"], object]) -> None:
        with self._news:
            assert self._news.wait_for(lambda: what(self), DEADLINE_SECONDS), (self.pupils, self.settings)

    def __enter__(self) -> "Board":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.disconnect()


@pytest.fixture
def lesson(class_server: Server) -> Iterator[Lesson]:
    made = Lesson(class_server)
    yield made
    made.teacher.close()


def test_a_pupil_s_letters_reach_the_board(lesson: Lesson) -> None:
    with lesson.board() as board, Client(lesson.server.url, cookie=lesson.cookie("Mia")) as mia:
        board.wait(lambda now: now.pupils["Mia"]["connected"] if "Mia" in now.pupils else False)
        mia.play(spelled("HI"))
        board.wait(lambda now: now.pupils["Mia"]["text"] == "HI")
        mia.play([colour_jpeg("B")] * 5)
        board.wait(lambda now: now.pupils["Mia"]["sign"] == "B" and 0 < now.pupils["Mia"]["progress"] < 1)
        mia.edit("clear")
        board.wait(lambda now: now.pupils["Mia"]["text"] == "")
        mia.close()
        board.wait(lambda now: not now.pupils["Mia"]["connected"])


def test_a_board_is_told_a_few_times_a_second_and_all_at_once(lesson: Lesson) -> None:
    with lesson.board() as board:
        pupils = [Client(lesson.server.url, cookie=lesson.cookie(f"Pupil {number}")) for number in range(6)]
        board.wait(lambda now: sum(tile["connected"] for tile in now.pupils.values()) == 6)
        board.messages.clear()
        sent = 0
        began = time.monotonic()
        while sent <= 60 or time.monotonic() < began + 2:
            for pupil in pupils:
                pupil.frame(colour_jpeg("A" if sent % 20 < 10 else "B"))
                sent += 1
        seconds = time.monotonic() - began
        assert 2 <= len(board.messages) <= 6 * seconds + 1
        assert max(len(message["pupils"]) for _, message in board.messages) > 1
        for pupil in pupils:
            pupil.close()


def test_a_pupil_comes_back_with_name_and_text_by_the_cookie_alone(lesson: Lesson) -> None:
    cookie = lesson.cookie("Mia")
    with Client(lesson.server.url, cookie=cookie) as first:
        first.play(spelled("HI"))
        with Client(lesson.server.url, cookie=cookie) as second:  # the old connection still seems open
            assert (second.hello["text"], second.hello["resumed"]) == ("HI", True)
            assert second.hello["settings_resumed"] is True
            assert second.play(spelled("A"))[-1]["text"] == "HIA"
    with lesson.board() as board, Client(lesson.server.url, cookie=cookie) as third:
        assert third.hello["text"] == "HIA"
        board.wait(lambda now: now.pupils["Mia"]["connected"])
    assert len(board.pupils) == 1


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_killed_server_gives_everyone_name_and_text_back(colour_models: Path, tmp_path: Path, mode: str) -> None:
    server = start(mode, colour_models, tmp_path / "data")
    try:
        lesson = Lesson(server)
        lesson.change(names_hidden=True)
        cookies = {name: lesson.cookie(name) for name in ("Mia", "Ben")}
        for word, cookie in zip(("HI", "YOU"), cookies.values(), strict=True):
            with Client(server.url, cookie=cookie) as pupil:
                pupil.play(spelled(word))
        wait_until_kept(tmp_path / "data", '"text": "HI"', '"text": "YOU"')
        server.kill()
        server.restart()
        with lesson.board() as board:  # the teacher's cookie still opens it
            board.wait(lambda now: len(now.pupils) == 2)
            assert board.settings["names_hidden"] is True
            assert {name: tile["text"] for name, tile in board.pupils.items()} == {"Mia": "HI", "Ben": "YOU"}
        with Client(server.url, cookie=cookies["Ben"]) as ben:
            assert (ben.hello["text"], ben.hello["resumed"]) == ("YOU", True)
    finally:
        server.stop()


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_server_that_is_stopped_loses_no_letter(colour_models: Path, tmp_path: Path, mode: str) -> None:
    server = start(mode, colour_models, tmp_path / "data")
    try:
        cookie = Lesson(server).cookie("Mia")
        with Client(server.url, cookie=cookie) as mia:
            mia.play(spelled("HI"))
            assert server.stop() == 0
        server.restart()
        with Client(server.url, cookie=cookie) as mia:
            assert (mia.hello["text"], mia.hello["resumed"]) == ("HI", True)
            assert mia.hello["settings_resumed"] is False, "the page has them, and tells them again"
    finally:
        server.stop()


def test_a_body_too_large_is_refused_unread(lesson: Lesson) -> None:
    address = urlsplit(lesson.server.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as line:
        line.sendall(b"POST /api/class/join HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        line.sendall(b"Content-Length: 10000000000\r\n\r\n{")
        assert b" 413 " in line.recv(4096)


def test_a_connection_that_has_been_replaced_leaves_its_seat_to_the_new_one(tmp_path: Path) -> None:
    classes = Classes(LocalStore(tmp_path / "classes.json"), 1.0)
    code = classes.open().code
    mia = classes.join(code, "Mia", "here").pupil.id
    classes.take(code, mia, "old")
    classes.take(code, mia, "new")
    classes.leave_seat(code, mia, "old")
    assert classes.everything(classes.get(code))["pupils"][0]["connected"]
    classes.leave_seat(code, mia, "new")
    assert not classes.everything(classes.get(code))["pupils"][0]["connected"]


def test_the_teacher_renames_and_removes(lesson: Lesson) -> None:
    cookie = lesson.cookie("Mia")
    with lesson.board() as board, Client(lesson.server.url, cookie=cookie) as mia:
        told: list[dict[str, Any]] = []
        heard = threading.Condition()

        def hear(message: dict[str, Any]) -> None:
            with heard:
                told.append(message)
                heard.notify_all()

        mia.socket.on("class", hear)
        board.wait(lambda now: "Mia" in now.pupils)
        pupil = f"{lesson.path}/pupils/{board.pupils['Mia']['id']}"
        assert lesson.teacher.patch(pupil, json={"name": "Rose"}, timeout=20).json() == {"name": "Rose"}
        board.wait(lambda now: "Rose" in now.pupils and "Mia" not in now.pupils)
        assert lesson.teacher.delete(pupil, timeout=20).status_code == 200
        board.wait(lambda now: now.pupils == {})
        with heard:
            wanted = [{"code": lesson.code, "name": "Rose", "task": None, "kept": False}, {"over": "removed"}]
            assert heard.wait_for(lambda: told[-2:] == wanted, DEADLINE_SECONDS), told
        assert mia.play(spelled("A"))[-1]["text"] == "A", "the page itself goes on"
        with Client(lesson.server.url, cookie=cookie) as stranger:
            assert stranger.hello["resumed"] is False
        assert board.pupils == {}


def test_a_pupil_s_other_pages_are_no_part_of_the_lesson(lesson: Lesson) -> None:
    cookie = lesson.cookie("Mia")
    with Client(lesson.server.url, cookie=cookie) as lesson_page:
        lesson_page.play(spelled("HI"))
        other = socketio.Client(reconnection=False)
        hellos: list[dict[str, Any]] = []
        other.on("hello", hellos.append)
        other.connect(lesson.server.url, {"Cookie": cookie}, transports=["websocket"], wait_timeout=20)
        assert other.call("edit", {"op": "space"}, timeout=20)["text"] == " "
        other.disconnect()
        assert (hellos[0]["text"], lesson_page.edit("delete")["text"]) == ("", "H")


def test_an_ended_class_is_forgotten_everywhere(frail_server: Server, tmp_path: Path) -> None:
    lesson = Lesson(frail_server)
    cookie = lesson.cookie("Mia")
    with lesson.board() as board:
        assert lesson.teacher.delete(lesson.path, timeout=20).status_code == 200
        board.wait(lambda now: now.over)
    assert lesson.join("Ben").status_code == 404
    with Client(frail_server.url, cookie=cookie) as stranger:
        assert stranger.hello["resumed"] is False
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (tmp_path / "data" / "classes.json").exists():
        assert time.monotonic() < deadline, "the names are still on the disk"
        time.sleep(0.1)


def test_a_pupil_who_comes_back_too_late_is_told_so(lesson: Lesson) -> None:
    def told_at_the_door(cookie: str) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = []
        heard = threading.Event()
        page = socketio.Client(reconnection=False)
        page.on("class", lambda message: (told.append(message), heard.set()))
        page.connect(lesson.server.url, {"Cookie": cookie}, {"class": True}, transports=["websocket"], wait_timeout=20)
        assert heard.wait(DEADLINE_SECONDS)
        page.disconnect()
        return told

    mia, ben = lesson.cookie("Mia"), lesson.cookie("Ben")
    with lesson.board() as board:
        board.wait(lambda now: len(now.pupils) == 2)
        lesson.teacher.delete(f"{lesson.path}/pupils/{board.pupils['Mia']['id']}", timeout=20)
    assert told_at_the_door(mia) == [{"over": "removed"}]
    assert told_at_the_door("theme=dark") == [{"over": "left"}]
    lesson.teacher.delete(lesson.path, timeout=20)
    assert told_at_the_door(ben) == [{"over": "ended"}]


def test_a_class_that_expires_is_over(tmp_path: Path) -> None:
    now = [1000.0]
    classes = Classes(LocalStore(tmp_path / "classes.json"), 1.0, clock=lambda: now[0])
    code = classes.open().code
    cookie = classes.join(code, "Mia", "here").cookie
    assert classes.pupil_of(cookie)
    now[0] += 3601
    assert classes.pupil_of(cookie) is None
    with pytest.raises(ClassError, match="No class has this code"):
        classes.join(code, "Ben", "here")
    classes.sweep()
    assert not (tmp_path / "classes.json").exists()


def test_a_board_misses_nobody_who_joins_while_it_is_told_everything(tmp_path: Path) -> None:
    server = SocketIO(app := Flask(__name__), async_mode="threading")
    tellers: list[threading.Thread] = []

    class BusyStore(LocalStore):
        """Somebody joins at the moment at which a board has read who is there, and it is time for news."""

        def pupils(self, code: str) -> list[Pupil]:
            found = super().pupils(code)
            if not tellers:
                tellers.append(threading.Thread(target=class_sockets.tell_news, args=(classes,)))
                classes.join(code, "Mia", "here")
                tellers[0].start()
                tellers[0].join(0.3)
            return found

    classes = Classes(BusyStore(tmp_path / "classes.json"), 1.0)
    code = classes.open().code
    teacher = Teacher("a key")
    keeper = Keeper(database_url("sqlite:///kept.sqlite3", tmp_path), 1, 1, Threads())
    class_sockets.register(server, classes, LessonKeeping(classes, keeper), teacher)
    browser = app.test_client()
    browser.set_cookie(TEACHER_COOKIE, teacher.cookie)
    board = server.test_client(app, "/board", auth={"code": code}, flask_test_client=browser)
    tellers[0].join()
    told = board.get_received("/board")
    assert [one["name"] for one in told] == ["board", "news"]
    assert told[0]["args"][0]["pupils"] == []
    assert [tile["name"] for tile in told[1]["args"][0]["pupils"]] == ["Mia"]


def test_a_pupil_removed_before_the_page_connects_leaves_nothing_behind(tmp_path: Path) -> None:
    classes = Classes(LocalStore(tmp_path / "classes.json"), 1.0)
    code = classes.open().code
    joined = classes.join(code, "Mia", "here")
    seat = classes.seat_of(joined.cookie)
    assert seat
    classes.remove(code, joined.pupil.id)
    seat.take("connection")
    seat.saw({"sign": "A", "progress": 0.5, "text": "A"})
    assert (classes._live, classes._connections) == ({}, {})


# Those who should not get in


def test_no_page_or_call_of_the_teacher_s_opens_without_the_key(lesson: Lesson) -> None:
    server, pupil = lesson.server.url, {"Cookie": lesson.cookie("Eve")}
    for headers in ({}, pupil, {"Cookie": "handspell_teacher=guess"}):
        for path in ("/teach", f"/teach/{lesson.code}", f"/board/{lesson.code}", "/teach/enter/guess"):
            page = requests.get(server + path, headers=headers, timeout=20)
            assert page.status_code == 403
            assert lesson.code not in page.text.replace(f'in class <span class="class-code">{lesson.code}', "")
        for call in (requests.post, requests.patch, requests.delete):
            path = "/api/class" if call is requests.post else f"/api/class/{lesson.code}"
            assert call(server + path, json={"frozen": True}, headers=headers, timeout=20).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}], ids=repr
)
def test_no_other_site_changes_a_class(headers: dict[str, str], lesson: Lesson) -> None:
    lesson.cookie("Mia")
    one, pupil = f"/api/class/{lesson.code}", f"/api/class/{lesson.code}/pupils/x"
    calls = [("POST", "/api/class"), ("POST", "/api/class/join"), ("POST", "/api/class/leave")]
    calls += [(method, path) for method in ("PATCH", "DELETE") for path in (one, pupil)]
    for method, path in calls:
        answer = lesson.teacher.request(method, lesson.server.url + path, json={}, headers=headers, timeout=20)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "other_site"), path
    own = {"Origin": lesson.server.url, "Sec-Fetch-Site": "same-origin"}
    assert lesson.teacher.patch(lesson.path, json={"frozen": True}, headers=own, timeout=20).status_code == 200


def test_a_pupil_s_page_keeps_nothing(lesson: Lesson) -> None:
    url = f"{lesson.server.url}/api/keep"
    with Client(lesson.server.url) as alone:
        requests.post(url, json={"token": alone.hello["token"], "on": True}, timeout=20).raise_for_status()
    with Client(lesson.server.url, token=alone.hello["token"], cookie=lesson.cookie("Mia")) as mia:
        assert mia.hello["keeping"]["on"] is False, "joining ends it"
        answer = requests.post(url, json={"token": mia.hello["token"], "on": True}, timeout=20)
        hold(answer, description_of(lesson.server.url), "/api/keep")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "in_class")
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("cookie", ["", "handspell_teacher=guess", "pupil"])
def test_a_board_opens_to_the_teacher_alone(lesson: Lesson, cookie: str) -> None:
    with lesson.board(lesson.cookie("Eve") if cookie == "pupil" else cookie) as stranger, lesson.board() as board:
        lesson.cookie("Mia")
        board.wait(lambda now: "Mia" in now.pupils)
    assert (stranger.settings, stranger.pupils, stranger.messages) == ({}, {}, [])


def test_a_board_of_no_class_is_refused(lesson: Lesson) -> None:
    for code in ("WRNGCD", "", None, {"a": 1}):
        lesson.code = code
        with lesson.board() as board:
            board.socket.sleep(0.3)
        assert (board.settings, board.pupils) == ({}, {})


def test_another_pupil_is_not_to_be_had(lesson: Lesson) -> None:
    mia, eve = lesson.cookie("Mia"), lesson.cookie("Eve")
    other = Lesson(lesson.server)
    code, pupil_id, secret = mia.split("=")[1].split(".")
    *_, eves_secret = eve.split("=")[1].split(".")
    with Client(lesson.server.url, cookie=mia) as connected:
        connected.play(spelled("HI"))
        forged = [
            f"{code}.{pupil_id}.{eves_secret}",
            f"{code}.{pupil_id}.",
            f"{code}.{pupil_id}",
            f"{other.code}.{pupil_id}.{secret}",
            f"{code}.{pupil_id}.{secret}x",
            "..",
            "x" * 4000,
        ]
        for cookie in forged:
            with Client(lesson.server.url, cookie=f"handspell_pupil={cookie}") as stranger:
                assert (stranger.hello["text"], stranger.hello["resumed"]) == ("", False), cookie
        # A pupil's session answers to the pupil's cookie, not to what its page was given to resume by.
        token = connected.hello["token"]
        for thief in (Client(lesson.server.url, token=token), Client(lesson.server.url, token=token, cookie=eve)):
            assert thief.hello["text"] == ""
            thief.close()
        assert connected.edit("space")["text"] == "HI ", "the pupil was thrown out"


def test_a_script_in_a_name_stays_text(lesson: Lesson) -> None:
    cookie = lesson.cookie("<b onclick=x>")
    page = requests.get(lesson.server.url, headers={"Cookie": cookie}, timeout=20).text
    assert "&lt;b onclick=x&gt;" in page
    assert "<b onclick" not in page


def test_a_pupil_s_page_says_what_the_class_keeps(lesson: Lesson) -> None:
    words = "nothing is kept but name and text until the class ends"
    assert words in requests.get(lesson.server.url, headers={"Cookie": lesson.cookie("Mia")}, timeout=20).text
    assert words not in requests.get(lesson.server.url, timeout=20).text


def test_wrong_codes_are_slowed_down_and_say_nothing_more(frail_server: Server) -> None:
    lesson = Lesson(frail_server)
    said = [lesson.join("Eve", code) for code in ("AAAAAA", "nonsense", "", "ACDEFG")]
    assert {(answer.status_code, answer.json()["error"]["message"]) for answer in said} == {
        (404, "No class has this code. Look at the board again, or ask your teacher.")
    }
    statuses = [lesson.join("Eve", "AAAAAA").status_code for _ in range(30)]
    assert statuses.count(404) < 20
    assert statuses[-1] == 429
    assert "Wait" in lesson.join("Eve").json()["error"]["message"], "guessing goes on with the right code in hand"


def test_guessing_from_many_networks_leads_nowhere_and_keeps_nobody_out(tmp_path: Path) -> None:
    now = [1000.0]
    classes = Classes(LocalStore(tmp_path / "classes.json"), 12.0, clock=lambda: now[0])
    code = classes.open().code

    def tried(address: str, guess: str = "AAAAAA") -> str:
        try:
            classes.join(guess, "Eve", address)
        except ClassError as error:
            return error.code
        return "joined"

    assert code != "AAAAAA"
    guessed = 0
    for minute in range(12 * 60):
        now[0] = 1000.0 + 60 * minute
        for host in range(50):  # one may have a whole IPv6 network to guess from; it counts as one
            guessed += tried(f"192.0.2.{host}") == "no_class"
            guessed += tried(f"2001:db8:0:{host:02x}{minute % 256:02x}::{minute:x}") == "no_class"
        if minute % 60 == 0:
            assert tried(f"198.51.100.{minute // 60}", code) == "joined", "a right code is refused for others' guesses"
    for _ in range(50):  # all at once, at the end
        guessed += sum(tried(f"192.0.2.{host}") == "no_class" for host in range(50))
    assert guessed <= 100 * (20 + 12 * 60)
    assert tried("192.0.2.7", code) == "slow_down", "guessing goes on with the right code in hand"


def test_a_thousand_joins_fill_neither_class_nor_memory_and_stop_no_lesson(frail_server: Server) -> None:
    lesson = Lesson(frail_server)
    with lesson.board() as board, Client(frail_server.url, cookie=lesson.cookie("Mia")) as mia:
        statuses: list[int] = []

        def flood(bot: int) -> None:
            statuses.extend(lesson.join(f"Bot {bot} {number}").status_code for number in range(125))

        bots = [threading.Thread(target=flood, args=(bot,)) for bot in range(8)]
        for bot in bots:
            bot.start()
        assert mia.play(spelled("HI"))[-1]["text"] == "HI", "a pupil spells meanwhile"
        board.wait(lambda now: now.pupils.get("Mia", {}).get("text") == "HI")
        assert any(bot.is_alive() for bot in bots), "the flood was over before the pupil had spelled"
        for bot in bots:
            bot.join()
        assert (len(statuses), statuses.count(200), set(statuses)) == (1000, 59, {200, 409, 429})
        assert lesson.change(locked=True).status_code == 200
        board.wait(lambda now: now.settings["locked"])


def test_one_class_s_pupil_is_not_to_be_had_by_another_s_address(lesson: Lesson) -> None:
    other = Lesson(lesson.server)
    cookie = lesson.cookie("Mia")
    pupil_id = cookie.split("=")[1].split(".")[1]
    for forged in (f"{other.path}/pupils/{pupil_id}", f"{lesson.path}/pupils/nobody", f"{lesson.path}/pupils/class"):
        for answer in (
            lesson.teacher.patch(forged, json={"name": "Eve"}, timeout=20),
            lesson.teacher.delete(forged, timeout=20),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_pupil")
    assert lesson.change(spotlight="nobody").status_code == 400
    with Client(lesson.server.url, cookie=cookie) as mia:
        assert mia.hello["resumed"] is True


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"code": 5, "name": {}}', b'{"code": null}'], ids=repr)
def test_odd_calls_get_a_sentence(lesson: Lesson, body: bytes) -> None:
    answer = requests.post(
        f"{lesson.server.url}/api/class/join", data=body, headers={"Content-Type": "application/json"}, timeout=20
    )
    assert answer.status_code in (404, 429)
    assert answer.json()["error"]["message"]


def test_without_class_mode_there_is_nothing_to_attack(colour_server: Server) -> None:
    for path in ("/join", "/teach", "/board/ACDEFG", "/secure"):
        assert requests.get(colour_server.url + path, timeout=20).status_code == 404
    assert "Join a class" not in requests.get(colour_server.url, timeout=20).text


def test_the_terminal_alone_shows_the_key_and_only_once(lesson: Lesson) -> None:
    teacher = lesson.teacher
    key = next(line for line in lesson.server.lines if "/teach/enter/" in line).rsplit("/", 1)[1].strip()
    assert lesson.server.output.count(key) == 1
    for path in ("/teach", f"/teach/{lesson.code}", f"/board/{lesson.code}"):
        assert key not in teacher.get(lesson.server.url + path, timeout=20).text
    assert key not in str(teacher.cookies)

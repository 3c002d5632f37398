"""Lessons that the teacher keeps: off unless switched on, then in a real database, for the teacher alone, until they are deleted."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.postgres import Postgres
from tests.replay import Client
from tests.server import ROOT, Server
from tests.webapp.test_class_tasks import Told, ask
from tests.webapp.test_classes import DEADLINE_SECONDS, Lesson
from tests.webapp.test_sockets import spelled
from webapp.core.lesson import LetterRecord, Record, Round
from webapp.core.progress import KeptPupil
from webapp.storage.database import database_url, open_engine
from webapp.storage.lessons import LessonStore, Portion

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def record(right: int, slips: int = 0) -> Record:
    return Record({"H": LetterRecord(right, right, 2.0 * right, {"A": slips} if slips else {})}, (Round(1, "H"),))


def portion(lesson: str, name: str = "Mia", right: int = 4, slips: int = 6, moment: datetime = NOON) -> Portion:
    return Portion(lesson, f"id-{name}", KeptPupil(f"id-{name}", 1, name, record(right, slips)), moment)


@pytest.fixture
def store(empty_database: str) -> Iterator[LessonStore]:
    engine = open_engine(database_url(empty_database, ROOT))
    yield LessonStore(engine)
    engine.dispose()


# The store


def test_a_lesson_is_read_back_as_it_was_written(store: LessonStore) -> None:
    store.begin("1", "7b", NOON)
    store.write([portion("1"), portion("1", "Ben", 1, 0, NOON + timedelta(minutes=5))])
    found = store.read("1")
    assert found is not None
    assert (found.class_name, found.began) == ("7b", NOON)
    assert {pupil.name: pupil.record for pupil in found.pupils} == {"Mia": record(4, 6), "Ben": record(1, 0)}
    (listed,) = store.all()
    assert (listed.id, listed.pupils) == ("1", 2)
    assert store.read("2") is None


def test_lessons_of_a_class_are_found_by_its_name_whatever_its_case(store: LessonStore) -> None:
    for week, name in enumerate(("7b", "7a", "7B")):
        store.begin(str(week), name, NOON + timedelta(weeks=week))
    assert [one.id for one in store.of_class("7B")] == ["0", "2"]
    store.begin("1", "7b", NOON + timedelta(weeks=1))
    assert [one.id for one in store.of_class("7b")] == ["0", "1", "2"]


def test_what_another_server_writes_late_does_not_undo_what_is_newer(store: LessonStore) -> None:
    store.begin("1", "7b", NOON)
    for one in (portion("1", right=8), portion("1", right=5)):
        store.write([one])
    found = store.read("1")
    assert found is not None
    assert found.pupils[0].record == record(8, 6)


def test_nothing_is_written_for_a_lesson_that_was_deleted(store: LessonStore) -> None:
    for id in ("1", "2"):
        store.begin(id, "7b", NOON)
    assert store.delete("1") == ["1"]
    store.write([portion("1"), portion("2")])
    assert [(one.id, one.pupils) for one in store.all()] == [("2", 1)]


def test_one_pupil_one_lesson_a_class_or_all_are_deleted(store: LessonStore) -> None:
    for place, name in enumerate(("7b", "7B", "7a", "8c")):
        store.begin(str(place), name, NOON + timedelta(days=place))
        store.write([portion(str(place)), portion(str(place), "Ben")])
    store.write([Portion("3", "id-Ben", None, NOON)])
    assert [(one.id, one.pupils) for one in store.all()] == [("3", 1), ("2", 2), ("1", 2), ("0", 2)]
    assert store.delete(id="2") == ["2"]
    assert sorted(store.delete(class_name="7b")) == ["0", "1"]
    assert store.delete() == ["3"]
    assert store.all() == []


def test_retention_counts_from_what_was_written_last(store: LessonStore) -> None:
    now = datetime.now(UTC)
    store.begin("1", "7b", NOON)
    store.write([portion("1", moment=now + timedelta(minutes=10))])
    store.sweep(now + timedelta(minutes=5))
    assert [one.id for one in store.all()] == ["1"]
    store.sweep(now + timedelta(minutes=15))
    assert store.all() == []


def test_a_deleted_lesson_is_gone_from_the_files(tmp_path: Path) -> None:
    engine = open_engine(database_url(f"sqlite:///{tmp_path}/kept.sqlite3", ROOT))
    store = LessonStore(engine)
    for id in ("1", "2"):
        store.begin(id, f"class {id}", NOON)
    store.write([portion("1", "Unmistakable"), portion("2", "Another")])

    def kept(words: bytes) -> bool:
        return any(words in file.read_bytes() for file in tmp_path.iterdir())

    assert kept(b"Unmistakable")
    store.delete("1")
    assert not kept(b"Unmistakable")
    assert kept(b"Another")
    engine.dispose()


# The server


StartLesson = Callable[..., Lesson]


@pytest.fixture
def start_lesson(colour_models: Path, tmp_path: Path) -> Iterator[StartLesson]:
    """Starts a server with this database, and opens a class on it."""
    opened: list[Lesson] = []

    def start(database: str, mode: str = "eventlet", **settings: str) -> Lesson:
        server = Server(
            HANDSPELL_CLASS_MODE="proxy",
            HANDSPELL_ASYNC_MODE=mode,
            HANDSPELL_MODELS=str(colour_models),
            HANDSPELL_DATA=str(tmp_path / "data"),
            HANDSPELL_DATABASE_URL=database,
            **settings,
        )
        try:
            opened.append(Lesson(server))
        except BaseException:
            server.stop()
            raise
        return opened[-1]

    yield start
    for one in opened:
        one.teacher.close()
        one.server.stop()


@pytest.fixture
def file_database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/kept/handspell.sqlite3"


def keep(lesson: Lesson, name: object = "7b") -> requests.Response:
    return lesson.teacher.put(f"{lesson.path}/kept", json={"name": name}, timeout=20)


def page(lesson: Lesson, path: str) -> str:
    return lesson.teacher.get(f"{lesson.server.url}/teach/{path}", timeout=20).text


def spell(lesson: Lesson, cookie: str, signs: str) -> None:
    with Client(lesson.server.url, cookie=cookie) as pupil:
        pupil.play(spelled(signs))


def kept(database: str) -> dict[str, dict[str, int]]:
    """What the database has: class name -> pupil -> letters right."""
    engine = open_engine(database_url(database, ROOT))
    try:
        store = LessonStore(engine)
        read = [store.read(one.id) for one in store.all()]
    finally:
        engine.dispose()
    return {
        one.class_name: {p.name: sum(known.spelled for known in p.record.letters.values()) for p in one.pupils}
        for one in read
        if one
    }


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def test_nothing_is_kept_unless_the_teacher_says_so(
    start_lesson: StartLesson, tmp_path: Path, file_database: str
) -> None:
    lesson = start_lesson(file_database)
    cookie = lesson.cookie("Unmistakable")
    with Client(lesson.server.url, cookie=cookie) as pupil:
        told = Told(pupil)
        ask(lesson, words="HIYA")
        pupil.play(spelled("HIY"))
        told.wait(done=3)
        assert told.last["kept"] is False
    lesson.teacher.delete(lesson.path, timeout=20)
    lesson.server.stop()
    with closing(sqlite3.connect(tmp_path / "kept/handspell.sqlite3")) as connection:
        for table in ("lessons", "lesson_pupils", "transcripts", "entries"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert not any(b"Unmistakable" in file.read_bytes() for file in (tmp_path / "kept").iterdir())


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_lesson_outlives_its_class_and_shows_progress_to_the_next(
    start_lesson: StartLesson, empty_database: str, mode: str
) -> None:
    lesson = start_lesson(empty_database, mode)
    mia = lesson.cookie("Mia")
    ask(lesson, words="HI")
    spell(lesson, mia, "AHI")  # before it is kept: it is one lesson
    with Client(lesson.server.url, cookie=mia) as pupil:
        told = Told(pupil)
        answer = keep(lesson, " 7b ")
        assert (answer.status_code, answer.json()) == (200, {"name": "7b"})
        wait_for(lambda: told.last.get("kept"))
    with lesson.board() as board:
        board.wait(lambda now: now.settings.get("kept_as") == "7b")
    ask(lesson, words="HA")
    spell(lesson, mia, "HA")
    wait_for(lambda: kept(empty_database) == {"7b": {"Mia": 4}})
    lesson.teacher.delete(lesson.path, timeout=20)
    assert kept(empty_database) == {"7b": {"Mia": 4}}

    second = lesson.teacher.post(f"{lesson.server.url}/api/class", timeout=20).json()["code"]
    lesson.code, lesson.path = second, f"{lesson.server.url}/api/class/{second}"
    keep(lesson, "7B")
    ask(lesson, words="HI")
    spell(lesson, lesson.cookie("mia"), "HI")
    report = page(lesson, f"{second}/report")
    assert "7B, lesson by lesson" in report
    assert "1 of 1" in report
    assert "last time 2 of 3" in report  # of H: one slip, right twice
    assert "Too few to tell" in report
    sheet = page(lesson, f"{second}/report-progress.csv").splitlines()
    assert [row.split(",")[1:5] for row in sheet[1:]] == [
        ["7b", "Mia", "A", "1"],
        ["7b", "Mia", "H", "2"],
        ["7b", "Mia", "I", "1"],
        ["7B", "mia", "H", "1"],
        ["7B", "mia", "I", "1"],
    ]
    shelf = page(lesson, "lessons")
    assert shelf.count("/teach/lessons/") == 2
    ids = [part.split('"')[0] for part in shelf.split('href="/teach/lessons/')[1:]]
    older = page(lesson, f"lessons/{ids[1]}")
    assert "Lesson of 7b" in older
    assert "lesson by lesson" not in older, "what came later is no progress of then"
    assert "Mia,A,1" in page(lesson, f"lessons/{ids[1]}/report-letters.csv")


def test_a_pupil_and_a_stranger_reach_nothing_that_is_kept(start_lesson: StartLesson, file_database: str) -> None:
    lesson = start_lesson(file_database)
    cookie = lesson.cookie("Eve")
    keep(lesson)
    ask(lesson, words="HI")
    spell(lesson, cookie, "HI")
    wait_for(lambda: kept(file_database) == {"7b": {"Eve": 2}})
    id = page(lesson, "lessons").split('href="/teach/lessons/')[1].split('"')[0]
    for headers in ({"Cookie": cookie}, {}):
        for path in (
            "lessons",
            f"lessons/{id}",
            f"lessons/{id}/report-letters.csv",
            f"{lesson.code}/report-progress.csv",
        ):
            answer = requests.get(f"{lesson.server.url}/teach/{path}", headers=headers, timeout=20)
            assert (answer.status_code, "7b" in answer.text) == (403, False), path
        for method, path in (
            ("PUT", f"class/{lesson.code}/kept"),
            ("DELETE", f"class/{lesson.code}/kept"),
            ("DELETE", f"lessons/{id}"),
            ("DELETE", "lessons"),
        ):
            url = f"{lesson.server.url}/api/{path}"
            answer = requests.request(method, url, json={"name": "mine"}, headers=headers, timeout=20)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_teacher")
    other = lesson.teacher.delete(
        f"{lesson.server.url}/api/lessons", headers={"Sec-Fetch-Site": "cross-site"}, timeout=20
    )
    assert other.status_code == 403
    assert kept(file_database) == {"7b": {"Eve": 2}}


def test_a_killed_server_has_kept_all_but_the_last_second(start_lesson: StartLesson, empty_database: str) -> None:
    lesson = start_lesson(empty_database)
    cookie = lesson.cookie("Mia")
    keep(lesson)
    ask(lesson, words="HIYA")
    spell(lesson, cookie, "HI")
    time.sleep(1.0)  # what is promised
    lesson.server.kill()
    assert kept(empty_database) == {"7b": {"Mia": 2}}
    lesson.server.restart()
    spell(lesson, cookie, "YA")
    wait_for(lambda: kept(empty_database) == {"7b": {"Mia": 4}})


def test_what_a_killed_server_could_not_write_is_written_by_the_next(
    start_lesson: StartLesson, postgres: Postgres
) -> None:
    database = postgres.new_database()
    lesson = start_lesson(database)
    cookie = lesson.cookie("Mia")
    keep(lesson)
    ask(lesson, words="HI")
    with lesson.board() as board:
        waiting: list[bool] = []
        board.socket.on("keeping", lambda told: waiting.append(told["waiting"]), namespace="/board")
        postgres.stop()
        try:
            spell(lesson, cookie, "HI")  # the lesson goes on
            wait_for(lambda: waiting == [True])
            answer = keep(lesson, "7c")
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_away")
            assert "The database is away" in page(lesson, "lessons")
            assert "The database is away" in page(lesson, f"{lesson.code}/report")
            time.sleep(1.0)  # what is promised of the class
            lesson.server.kill()
        finally:
            postgres.start()
    lesson.server.restart()
    wait_for(lambda: kept(database) == {"7b": {"Mia": 2}})


def test_what_waited_is_written_when_the_database_is_back(start_lesson: StartLesson, postgres: Postgres) -> None:
    database = postgres.new_database()
    lesson = start_lesson(database)
    cookie = lesson.cookie("Mia")
    keep(lesson)
    ask(lesson, words="HI")
    postgres.stop()
    try:
        spell(lesson, cookie, "HI")
        lesson.teacher.delete(lesson.path, timeout=20)  # the class is over before
    finally:
        postgres.start()
    wait_for(lambda: kept(database) == {"7b": {"Mia": 2}})


def test_switched_off_or_deleted_a_lesson_is_kept_no_longer(start_lesson: StartLesson, file_database: str) -> None:
    lesson = start_lesson(file_database)
    mia, ben = lesson.cookie("Mia"), lesson.cookie("Ben")
    ask(lesson, words="HIYA")
    with Client(lesson.server.url, cookie=mia) as pupil:
        told = Told(pupil)
        for off in (
            lambda: lesson.teacher.delete(f"{lesson.path}/kept", timeout=20),
            lambda: lesson.teacher.delete(f"{lesson.server.url}/api/lessons?class=7B", timeout=20),
            lambda: lesson.teacher.delete(f"{lesson.server.url}/api/lessons", timeout=20),
        ):
            keep(lesson)
            wait_for(lambda: told.last.get("kept"))
            assert off().status_code == 200
            wait_for(lambda: not told.last["kept"])
            pupil.play(spelled("A"))
            assert kept(file_database) == {}
    keep(lesson)
    spell(lesson, ben, "HI")
    wait_for(lambda: kept(file_database)["7b"].get("Ben") == 2)
    with lesson.board() as board:
        board.wait(lambda now: now.pupils)
        ids = {name: tile["id"] for name, tile in board.pupils.items()}
    lesson.teacher.patch(f"{lesson.path}/pupils/{ids['Ben']}", json={"name": "Benno"}, timeout=20)
    wait_for(lambda: "Benno" in kept(file_database)["7b"])
    lesson.teacher.delete(f"{lesson.path}/pupils/{ids['Ben']}", timeout=20)
    wait_for(lambda: "Benno" not in kept(file_database)["7b"])


def test_a_lesson_needs_the_name_of_a_class(start_lesson: StartLesson, file_database: str) -> None:
    lesson = start_lesson(file_database)
    for name in ("", "  ", None, 7, "\u202e"):
        answer = keep(lesson, name)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_name"), name
    assert "No lesson is kept" in page(lesson, "lessons")

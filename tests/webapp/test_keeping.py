"""A real server keeps what was spelled: off by default, through kills, a full disk and a database that goes away."""

import contextlib
import json
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.colours import DIGITS, LETTERS, colour_jpeg
from tests.described import description_of, hold
from tests.postgres import Postgres
from tests.replay import Client
from tests.server import ROOT, Server
from tests.visitor import Visitor
from webapp.storage.database import database_url, open_engine
from webapp.storage.store import Store

DEADLINE_SECONDS = 30

StartServer = Callable[..., Server]


@pytest.fixture
def start_server(colour_models: Path) -> Iterator[StartServer]:
    running: list[Server] = []

    def start(url: str, mode: str = "eventlet", **environment: str) -> Server:
        server = Server(
            HANDSPELL_MODELS=str(colour_models),
            HANDSPELL_ASYNC_MODE=mode,
            HANDSPELL_DATABASE_URL=url,
            **environment,
        )
        running.append(server)
        return server

    yield start
    for server in running:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture
def kept(colour_server: Server) -> Iterator[tuple[Visitor, Client]]:
    """A visitor whose text is kept."""
    with Client(colour_server.url) as client:
        visitor = Visitor(colour_server.url)
        visitor.keep(client)
        yield visitor, client


def spell(client: Client, word: str, labels: tuple[str, ...] = LETTERS) -> None:
    """Hold each letter in turn, as long as the fastest pace wants it."""
    client.mode(pace="expert")
    for letter in word:
        client.play([colour_jpeg(letter, labels)] * 6 + [colour_jpeg("nothing", labels)] * 4)


def wait_until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def test_nothing_is_kept_unless_it_is_asked_for(colour_server: Server) -> None:
    visitor = Visitor(colour_server.url)
    with Client(colour_server.url) as client:
        assert client.hello["keeping"] == {"on": False, "waiting": False, "lost": 0}
        spell(client, "ABC")
        answer = visitor.get()
        assert answer.json()["has_key"] is False
        assert not visitor.http.cookies  # looking makes no key
        visitor.keep(client, on=False)
        assert not visitor.http.cookies
        visitor.keep(client)
        spell(client, "D")
    assert [(entry["kind"], entry["text"]) for entry in visitor.only()["entries"]] == [
        ("found", "ABC"),
        ("sign", "ABCD"),
    ]


def test_every_letter_is_kept_with_its_time_confidence_and_candidates(kept: tuple[Visitor, Client]) -> None:
    visitor, client = kept
    before = time.time()
    spell(client, "HI")
    client.edit("delete")
    client.mode(model="digits")
    spell(client, "7", DIGITS)
    client.play([None] * 30)
    transcript = visitor.only()
    entries = transcript["entries"]
    assert [(entry["kind"], entry["model"], entry["text"]) for entry in entries] == [
        ("sign", "letters", "H"),
        ("sign", "letters", "HI"),
        ("delete", "letters", "H"),
        ("sign", "digits", "H7"),
        ("pause", "digits", "H7 "),
    ]
    first = entries[0]
    assert first["sign"] == "H"
    assert 0.5 < first["confidence"] <= 1
    assert first["candidates"][0][0] == "H"
    assert len(first["candidates"]) == 3
    assert transcript["models"] == ["letters", "digits"]
    assert transcript["text"] == "H7"
    assert abs(before - datetime.fromisoformat(transcript["started"]).timestamp()) < 60
    assert 0 <= entries[-1]["seconds"] < 60


def test_switched_off_it_keeps_no_more(kept: tuple[Visitor, Client]) -> None:
    visitor, client = kept
    spell(client, "A")
    assert visitor.keep(client, on=False)["on"] is False
    spell(client, "B")
    assert visitor.only()["text"] == "A"
    visitor.keep(client)
    spell(client, "C")
    assert [one["text"] for one in visitor.transcripts()] == ["ABC", "A"]


def test_a_resumed_session_goes_on_being_kept(kept: tuple[Visitor, Client]) -> None:
    visitor, client = kept
    spell(client, "A")
    client.close()
    with Client(visitor.url, client.hello["token"]) as again:
        assert again.hello["keeping"]["on"] is True
        spell(again, "B")
    assert visitor.only()["text"] == "AB"


def test_after_a_deletion_nothing_of_it_comes_back(kept: tuple[Visitor, Client]) -> None:
    visitor, client = kept
    spell(client, "A")
    client.edit("clear")
    spell(client, "B")
    id = visitor.only()["id"]
    assert visitor.delete(f"/{id}").json() == {"deleted": 1}
    assert visitor.transcripts() == []
    client.edit("clear")
    spell(client, "C")
    assert visitor.only()["id"] != id
    assert "A" not in visitor.only()["text"]
    visitor.delete()
    assert visitor.transcripts() == []


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_killed_server_loses_at_most_the_last_second(
    mode: str, empty_database: str, start_server: StartServer
) -> None:
    server = start_server(empty_database, mode)
    client = Client(server.url, timeout_seconds=5)
    socket = client.socket.eio.ws.sock  # the client forgets it when the server goes
    Visitor(server.url).keep(client)
    acknowledged: list[tuple[float, str]] = []

    def spell_on() -> None:
        client.mode(pace="expert")
        with contextlib.suppress(Exception):  # the server goes away under it
            for place in range(100_000):
                sign = ("A", "B", "nothing")[place // 6 % 3]
                answer = client.frame(colour_jpeg(sign))
                if answer["committed"]:
                    acknowledged.append((time.monotonic(), answer["text"]))

    speller = threading.Thread(target=spell_on, daemon=True)
    speller.start()
    wait_until(lambda: len(acknowledged) > 5 and acknowledged[-1][0] - acknowledged[0][0] > 2.5)
    server.process.kill()
    killed = time.monotonic()
    server.kill()
    speller.join(DEADLINE_SECONDS)
    socket.close()

    engine = open_engine(database_url(empty_database, ROOT))
    with engine.connect() as connection:
        ((owner, id),) = connection.exec_driver_sql("SELECT owner, id FROM transcripts").all()
    found = Store(engine).read(owner, id)
    engine.dispose()
    assert found is not None
    transcript, entries = found
    steps = "".join(entry.tail for entry in entries)
    assert transcript.text == steps.strip()
    last = acknowledged[-1][1]
    assert last.startswith(steps) or steps.startswith(last)
    safe = [text for moment, text in acknowledged if moment < killed - 1]
    assert len(safe[-1]) <= len(steps)


@pytest.fixture(params=["a full disk", "a limit on the size of files"])
def crowded_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, Callable[..., None]]]:
    """A folder, and a function that takes the room on its disk away from a server, or gives it back."""
    if request.param.startswith("a limit"):

        def limit(server: Server, full: bool) -> None:
            _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1 if full else most, most))

        yield tmp_path, limit
        return
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "handspell-tests", str(tmp_path)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk, so none was filled")

    def fill(server: Server, full: bool) -> None:
        filler = tmp_path / "filler"
        if not full:
            filler.unlink()
            return
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 1024)

    yield tmp_path, fill
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def test_a_full_disk_stops_no_spelling_and_loses_nothing(
    crowded_disk: tuple[Path, Callable[..., None]], start_server: StartServer
) -> None:
    folder, crowd = crowded_disk
    server = start_server(f"sqlite:///{folder}/kept/kept.sqlite3")
    _spells_through(server, lambda: crowd(server, True), lambda: crowd(server, False))


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_database_that_is_away_stops_no_spelling_and_loses_nothing(
    mode: str, postgres: Postgres, start_server: StartServer
) -> None:
    server = start_server(postgres.new_database(), mode)
    _spells_through(server, postgres.stop, postgres.start)


def _spells_through(server: Server, take_away: Callable[[], None], give_back: Callable[[], None]) -> None:
    visitor = Visitor(server.url)
    told: list[dict[str, Any]] = []
    bystander: list[dict[str, Any]] = []
    with Client(server.url) as client, Client(server.url) as other:
        client.socket.on("keeping", told.append)
        other.socket.on("keeping", bystander.append)
        visitor.keep(client)
        spell(client, "BEFORE")
        assert visitor.only()["text"] == "BEFORE"
        take_away()
        try:
            spell(client, "ANDIN")
            wait_until(lambda: told)
            answer = visitor.get()
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_away")
            again = Client(server.url, client.hello["token"])  # a reload in the middle of it
            again.socket.on("keeping", told.append)
            assert again.hello["keeping"] == {"on": True, "waiting": True, "lost": 0}
            spell(again, "BETWEN")
        finally:
            give_back()
        wait_until(lambda: len(told) == 2)
        spell(again, "AFTER")
        again.close()
        wanted = "BEFOREANDINBETWENAFTER"
        assert [state["waiting"] for state in told] == [True, False]
        assert bystander == []
    transcript = visitor.only()
    assert transcript["text"] == wanted
    assert [entry["sign"] for entry in transcript["entries"]] == list(wanted)
    assert server.output.count("the database is away") == 1
    assert "Traceback" not in server.output, server.output


def test_a_server_whose_database_is_away_from_the_start_spells_and_keeps_later(
    postgres: Postgres, start_server: StartServer
) -> None:
    url = postgres.new_database()
    postgres.stop()
    try:
        server = start_server(url)
        visitor = Visitor(server.url)
        with Client(server.url) as client:
            visitor.keep(client)
            spell(client, "EARLY")
            wait_until(lambda: visitor.get().status_code == 503)
    finally:
        postgres.start()
    wait_until(lambda: visitor.get().status_code == 200)
    assert visitor.only()["text"] == "EARLY"


def test_stopping_the_server_writes_what_waits(tmp_path: Path, start_server: StartServer) -> None:
    server = start_server(f"sqlite:///{tmp_path}/kept.sqlite3")
    visitor = Visitor(server.url)
    client = Client(server.url)
    visitor.keep(client)
    spell(client, "LAST")
    server.stop()
    server.restart()
    assert visitor.only()["text"] == "LAST"


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"Origin": "https://elsewhere.example"}, {"token": "", "on": True}, 403, "other_site"),
        ({"Sec-Fetch-Site": "cross-site"}, {"token": "", "on": True}, 403, "other_site"),
        ({"Sec-Fetch-Site": "same-site"}, {"token": "", "on": True}, 403, "other_site"),
        ({}, {"token": "unknown", "on": True}, 404, "no_session"),
        ({}, {"token": 5, "on": True}, 404, "no_session"),
        ({}, {"token": "", "on": "yes"}, 400, "bad_request"),
        ({}, [1], 400, "bad_request"),
        ({}, {"token": "x" * 10_000, "on": True}, 413, "bad_request"),
        ({"Content-Type": "text/plain"}, {"token": "", "on": True}, 415, "bad_request"),
    ],
)
def test_keeping_is_switched_by_our_own_pages_alone(
    headers: dict[str, str], body: Any, status: int, code: str, colour_server: Server
) -> None:
    sent = {"Content-Type": "application/json", **headers}
    answer = requests.post(f"{colour_server.url}/api/keep", data=json.dumps(body), headers=sent, timeout=20)
    hold(answer, description_of(colour_server.url), "/api/keep")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert "Set-Cookie" not in answer.headers

"""The history over HTTP: each browser's own, by search and filter, exported, deleted, and nobody else's."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.colours import DIGITS
from tests.replay import Client
from tests.server import Server
from tests.visitor import Visitor
from tests.webapp.test_keeping import spell
from webapp import history, keeping
from webapp.core import exports


@pytest.fixture(scope="module")
def known(colour_server: Server) -> Visitor:
    """A visitor with three transcripts: HELLO, WORLD and 42."""
    visitor = Visitor(colour_server.url)
    for word in ("HELLO", "WORLD", "42"):
        with Client(colour_server.url) as client:
            visitor.keep(client)
            if word.isdigit():
                client.mode(model="digits")
            spell(client, word, *([DIGITS] if word.isdigit() else []))
    return visitor


def texts(visitor: Visitor, **query: str) -> list[str]:
    return [one["text"] for one in visitor.transcripts(**query)]


def test_the_newest_comes_first(known: Visitor) -> None:
    assert texts(known) == ["42", "WORLD", "HELLO"]


def test_search_and_filters(known: Visitor) -> None:
    assert texts(known, search=" lo ") == ["HELLO"]
    assert texts(known, search="orl") == ["WORLD"]
    assert texts(known, search="%") == []
    assert texts(known, search="nul\0") == []
    assert texts(known, model="digits") == ["42"]
    now = datetime.now(UTC)
    assert texts(known, since=(now + timedelta(hours=1)).isoformat()) == []
    assert len(texts(known, until=(now + timedelta(hours=1)).isoformat())) == 3
    assert texts(known, until="2020-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    "query",
    [
        {"page": "0"},
        {"page": "x"},
        {"page": "²"},
        {"since": "today"},
        {"until": "2026-11-21"},
        {"since": "0001-01-01T00:00:00+23:59"},  # in UTC there is no such day
    ],
    ids=repr,
)
def test_a_query_that_says_nothing_is_refused(query: dict[str, str], known: Visitor) -> None:
    answer = known.get(**query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    assert known.get().status_code == 200  # and the database is not taken for one that is away


def test_a_page_beyond_the_last_is_empty(known: Visitor) -> None:
    answer = known.get(page="999999999").json()
    assert (answer["transcripts"], answer["total"], answer["pages"]) == ([], 3, 1)


def forged(known: Visitor) -> Iterator[str]:
    key = known.http.cookies["handspell_key"]
    yield ""
    yield key[:-1] + ("A" if key[-1] != "A" else "B")
    yield key.upper()
    yield key + "A"
    yield keeping.owner_of(key) or ""  # what stands in the database
    yield keeping.new_key()
    yield "' OR 1=1 --"
    yield "%" * 43


def test_no_other_key_opens_it(known: Visitor) -> None:
    ids = [one["id"] for one in known.transcripts()]
    for key in forged(known):
        stranger = Visitor(known.url)
        stranger.http.headers["Cookie"] = f"handspell_key={key}"
        assert stranger.get().json()["transcripts"] == []
        for id in ids:
            assert stranger.get(f"/{id}").status_code == 404
            assert stranger.delete(f"/{id}").status_code == 404
            for kind in ("txt", "csv", "json", "vtt"):
                assert stranger.get(f"/{id}/export.{kind}").status_code == 404
        for kind in ("txt", "csv", "json", "zip"):
            assert stranger.get(f"/export.{kind}").status_code == 404
        stranger.delete()
    assert len(known.transcripts()) == 3


def test_a_second_browser_has_its_own_history(known: Visitor) -> None:
    other = Visitor(known.url)
    with Client(known.url) as client:
        other.keep(client)
        spell(client, "OTHER")
    assert texts(other) == ["OTHER"]
    assert other.get(f"/{known.transcripts()[0]['id']}").status_code == 404
    assert other.delete().json() == {"deleted": 1}
    assert len(texts(known)) == 3


def test_an_unknown_id_is_answered_like_a_stranger_s(known: Visitor) -> None:
    for id in ("0" * 32, "x", "..%2f..", "'"):
        answer = known.get(f"/{id}")
        assert answer.status_code == 404


def test_the_cookie_is_for_this_server_alone_and_renewed(colour_server: Server, known: Visitor) -> None:
    schemes = {None: False, "http": False, "https": True, "https,http": True, "HTTPS, http": True, "http, https": False}
    for scheme, secure in schemes.items():
        headers = {"X-Forwarded-Proto": scheme} if scheme else {}
        cookies = dict(known.http.cookies)
        answer = requests.get(f"{colour_server.url}/api/history", headers=headers, cookies=cookies, timeout=20)
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Max-Age=34560000" in cookie
        assert ("Secure" in cookie) is secure


def test_nothing_of_it_may_be_stored_on_the_way(known: Visitor) -> None:
    id = known.transcripts()[0]["id"]
    for path in ("", f"/{id}", f"/{id}/export.txt", "/export.csv"):
        assert "no-store" in known.get(path).headers["Cache-Control"]


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}], ids=repr
)
def test_no_other_site_can_delete(headers: dict[str, str], known: Visitor) -> None:
    assert known.delete(headers=headers).status_code == 403
    assert len(texts(known)) == 3


def test_exports_of_one(known: Visitor) -> None:
    id = next(one["id"] for one in known.transcripts() if one["text"] == "HELLO")
    text = known.get(f"/{id}/export.txt")
    assert text.text.endswith("\n\nHELLO\n")
    assert text.headers["Content-Disposition"].startswith('attachment; filename="handspell-20')
    rows = list(csv.DictReader(io.StringIO(known.get(f"/{id}/export.csv").text, newline="")))
    assert [row["text"] for row in rows] == ["H", "HE", "HEL", "HELL", "HELLO"]
    whole = known.get(f"/{id}/export.json").json()
    assert [entry["sign"] for entry in whole["entries"]] == list("HELLO")
    captions = known.get(f"/{id}/export.vtt")
    assert captions.headers["Content-Type"].startswith("text/vtt")
    assert captions.text.startswith("WEBVTT ")
    assert "00:00:00.000 --> " in captions.text
    assert known.get(f"/{id}/export.exe").json()["error"]["code"] == "no_format"


def test_exports_of_all(known: Visitor) -> None:
    assert [known.get("/export.txt").text.index(word) for word in ("HELLO", "WORLD", "42")] == sorted(
        known.get("/export.txt").text.index(word) for word in ("HELLO", "WORLD", "42")
    )
    rows = list(csv.DictReader(io.StringIO(known.get("/export.csv").text, newline="")))
    assert len({row["transcript"] for row in rows}) == 3
    assert len(rows) == len("HELLOWORLD42")
    assert [one["text"] for one in json.loads(known.get("/export.json").text)] == ["HELLO", "WORLD", "42"]
    with zipfile.ZipFile(io.BytesIO(known.get("/export.zip").content)) as archive:
        assert archive.testzip() is None
        assert [archive.read(name).decode().split("\n")[-2] for name in sorted(archive.namelist())] == [
            "HELLO",
            "WORLD",
            "42",
        ]


def test_what_is_known_is_not_sent_again(known: Visitor) -> None:
    whole = known.get()
    again = known.get_unless(whole.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert known.get_unless('"another"').json() == whole.json()
    world = next(one for one in known.transcripts() if one["text"] == "WORLD")
    head = known.get(f"/{world['id']}").json()
    newer = known.get(f"/{world['id']}", after="3").json()
    assert newer == {**head, "entries": head["entries"][3:]}
    assert [entry["sign"] for entry in newer["entries"]] == ["L", "D"]
    assert known.get(f"/{world['id']}", after="99").json()["entries"] == []
    assert known.get(f"/{world['id']}", after="-1").status_code == 400


def test_captions_of_a_long_history_leave_one_after_the_other() -> None:
    read: list[int] = []

    def everything() -> history.Everything:
        for number in range(3):
            read.append(number)
            now = datetime.now(UTC)
            yield exports.Transcript(str(number), now, now, ("letters",), "A"), []

    pieces = history.EXPORTS_OF_ALL["zip"][1](everything())
    packed = next(pieces)
    assert read == [0], "the others are not read before this one has left"
    with zipfile.ZipFile(io.BytesIO(packed + b"".join(pieces))) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 3


def test_many_transcripts_are_paged(colour_server: Server) -> None:
    visitor = Visitor(colour_server.url)
    with Client(colour_server.url) as client:
        for _ in range(21):
            visitor.keep(client)
            client.edit("space")
            visitor.keep(client, on=False)
    first, second = visitor.get(page="1").json(), visitor.get(page="2").json()
    assert (first["pages"], first["total"]) == (2, 21)
    assert len({one["id"] for one in first["transcripts"] + second["transcripts"]}) == 21


def test_a_request_that_names_nothing_known_is_answered_in_json(colour_server: Server) -> None:
    answer = requests.delete(f"{colour_server.url}/api/history", timeout=20)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_transcript")

"""Transcripts in real databases: what is written is read back, by its owner alone, and deleted for good."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, inspect

from tests.server import ROOT
from webapp.config import ConfigError
from webapp.core.transcript import Change, Entry, Journal
from webapp.storage.database import alembic_config, database_url, open_engine
from webapp.storage.store import Filter, Head, Portion, Store

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def engine(empty_database: str) -> Iterator[Engine]:
    opened = open_engine(database_url(empty_database, ROOT))
    yield opened
    opened.dispose()


@pytest.fixture
def store(engine: Engine) -> Store:
    return Store(engine)


def portion(id: str, words: str, owner: str = "me", started: datetime = NOON, model: str = "letters") -> Portion:
    """A transcript of words, a letter a second."""
    journal, entries = Journal(), []
    for place in range(len(words)):
        change = Change("sign", words[:place], words[: place + 1], model, words[place], 0.9, (("A", 0.9), ("S", 0.1)))
        entries += journal.take(change, float(place))
    return Portion(Head(id, owner, started), entries, tuple(journal.models), journal.text)


def test_what_is_written_is_read_back(store: Store) -> None:
    one = portion("1", "HELLO")
    assert store.write([one]) == 0
    found = store.read("me", "1")
    assert found is not None
    transcript, entries = found
    assert (transcript.started, transcript.ended) == (NOON, NOON + timedelta(seconds=4))
    assert (transcript.models, transcript.text) == (("letters",), "HELLO")
    assert entries == list(one.entries)


def test_a_transcript_grows_and_nothing_is_written_twice(store: Store) -> None:
    whole = portion("1", "HELLO")
    first = Portion(whole.head, whole.entries[:2], whole.models, "HE")
    for again in (first, first, whole, whole):
        store.write([again])
    found = store.read("me", "1")
    assert found is not None
    assert found[1] == list(whole.entries)
    assert found[0].text == "HELLO"


def test_nobody_else_reads_finds_or_deletes_it(store: Store) -> None:
    store.write([portion("1", "MINE"), portion("2", "YOURS", owner="you")])
    assert store.read("you", "1") is None
    assert [one.id for one in store.find("you", Filter(), 0, 10)[0]] == ["2"]
    assert store.ids("you") == ["2"]
    assert store.delete("you", "1") == 0
    assert store.delete("you") == 1
    assert store.read("me", "1") is not None


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Filter(), ["4", "3", "2", "1"]),
        (Filter(search="hell"), ["2", "1"]),
        (Filter(search="%"), []),
        (Filter(search="L_O"), []),
        (Filter(model="digits"), ["3"]),
        (Filter(model="digit"), []),
        (Filter(since=NOON + timedelta(hours=2)), ["4", "3"]),
        (Filter(until=NOON + timedelta(hours=1)), ["1"]),
        # A transcript belongs to every day that it touches.
        (Filter(since=NOON + timedelta(seconds=3), until=NOON + timedelta(hours=1)), ["1"]),
    ],
    ids=repr,
)
def test_filters(wanted: Filter, ids: list[str], store: Store) -> None:
    words = ["HELLO", "SHELL", "1234", "BYE"]
    for place, word in enumerate(words):
        model = "digits" if word.isdigit() else "letters"
        store.write([portion(str(place + 1), word, started=NOON + timedelta(hours=place), model=model)])
    found, total = store.find("me", wanted, 0, 10)
    assert ([one.id for one in found], total) == (ids, len(ids))


def test_pages_hold_every_transcript_once(store: Store) -> None:
    store.write([portion(f"{place:02}", "A") for place in range(25)])
    pages = [store.find("me", Filter(), offset, 10) for offset in (0, 10, 20)]
    assert [total for _, total in pages] == [25, 25, 25]
    assert sorted(one.id for page, _ in pages for one in page) == [f"{place:02}" for place in range(25)]


def test_retention_sweeps_everybodys_old_transcripts(store: Store) -> None:
    store.write([portion("1", "OLD"), portion("2", "NEW", owner="you", started=NOON + timedelta(days=1))])
    assert store.sweep(NOON + timedelta(hours=1)) == 1
    assert store.ids("me") == []
    assert store.ids("you") == ["2"]


def test_what_a_database_refuses_does_not_keep_the_rest_out(store: Store) -> None:
    good, bad = portion("1", "GOOD"), portion("2", "BAD")
    entry = bad.entries[0]
    bad.entries[0] = Entry(0, 0.0, "take", "letters", None, None, (), 0, "\ud800")  # half a character
    assert store.write([bad, good]) == len(bad.entries)
    assert entry not in (store.read("me", "2") or ((), []))[1]
    assert store.ids("me") == ["1"]


def test_deleted_text_is_gone_from_the_files(tmp_path: Path) -> None:
    engine = open_engine(database_url(f"sqlite:///{tmp_path}/kept.sqlite3", ROOT))
    store = Store(engine)
    store.write([portion("1", "UNMISTAKABLE"), portion("2", "ANOTHER")])

    def kept(words: bytes) -> bool:
        return any(words in file.read_bytes() for file in tmp_path.iterdir())

    assert kept(b"UNMISTAKABLE")
    store.delete("me", "1")
    assert not kept(b"UNMISTAKABLE")
    assert kept(b"ANOTHER")
    engine.dispose()


def test_a_file_that_was_replaced_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "kept.sqlite3"
    engine = open_engine(database_url(f"sqlite:///{file}", ROOT))
    store = Store(engine)
    store.write([portion("1", "A")])
    for part in tmp_path.iterdir():
        part.unlink()
    with pytest.raises(Exception, match="no such table"):
        store.write([portion("2", "B")])
    engine.dispose()


def test_the_folder_is_for_the_server_alone(tmp_path: Path) -> None:
    open_engine(database_url(f"sqlite:///{tmp_path}/kept/kept.sqlite3", ROOT)).dispose()
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0


def test_the_migrations_make_what_the_tables_say_and_go_back_to_nothing(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDSPELL_DATABASE_URL", empty_database)
    if empty_database.startswith("sqlite"):
        Path(empty_database.removeprefix("sqlite:///")).parent.mkdir()
    config = alembic_config()
    command.upgrade(config, "head")
    command.check(config)  # raises where a table and its migration disagree
    command.downgrade(config, "base")
    command.upgrade(config, "head")
    engine = open_engine(database_url(empty_database, ROOT))  # and an up-to-date one is left as it is
    assert set(inspect(engine).get_table_names()) == {
        "transcripts",
        "entries",
        "lessons",
        "lesson_pupils",
        "alembic_version",
    }
    engine.dispose()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://root:secret@host/name", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_says_nothing_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match="HANDSPELL_DATABASE_URL") as refused:
        database_url(url, ROOT)
    assert "secret" not in str(refused.value)


def test_postgresql_gets_its_driver_and_a_relative_file_lies_in_the_data_folder(tmp_path: Path) -> None:
    assert database_url("postgresql://me@host/name", ROOT).drivername == "postgresql+psycopg"
    assert database_url("sqlite:///x.sqlite3", tmp_path).database == f"{tmp_path}/x.sqlite3"

"""The keeper's thread before real databases: nobody waits for it, and nothing is lost while the database is away."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.server import ROOT
from webapp.concurrency import Threads
from webapp.core.transcript import Change, Journal
from webapp.keeping import MOST_STEPS, Keeping
from webapp.storage import keeper as room
from webapp.storage.database import database_url
from webapp.storage.keeper import DatabaseAway, Keeper
from webapp.storage.store import Filter, Head, Store

DEADLINE_SECONDS = 30


class Speller:
    """Hands letters to a keeper, one after the other."""

    def __init__(self, keeper: Keeper, id: str, started: datetime | None = None) -> None:
        self._keeper = keeper
        self._head = Head(id, "me", started or datetime.now(UTC))
        self._journal = Journal()
        self.text = ""

    def spell(self, word: str) -> None:
        for letter in word:
            change = Change("sign", self.text, self.text + letter, "letters", letter, 0.9)
            self.text += letter
            entries = self._journal.take(change, float(len(self.text)))
            self._keeper.append(self._head, entries, ("letters",), self._journal.text)


StartKeeper = Callable[..., Keeper]


@pytest.fixture
def start_keeper() -> Iterator[StartKeeper]:
    running: list[Keeper] = []

    def start(url: str, retention_days: int = 30) -> Keeper:
        keeper = Keeper(database_url(url, ROOT), retention_days, 180, Threads())
        keeper.start()
        running.append(keeper)
        return keeper

    yield start
    for keeper in running:
        keeper.stop()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def kept(keeper: Keeper, id: str) -> tuple[str, str]:
    """A transcript's text, and the text that its steps add up to."""
    found = keeper.ask(lambda store: store.read("me", id))
    assert found is not None
    transcript, entries = found
    assert [entry.number for entry in entries] == list(range(len(entries)))
    return transcript.text, "".join(entry.tail for entry in entries)


def test_letters_are_written_without_being_asked_for(empty_database: str, start_keeper: StartKeeper) -> None:
    keeper = start_keeper(empty_database)
    Speller(keeper, "1").spell("HELLO")
    wait_until(lambda: keeper._count == 0)
    assert kept(start_keeper(empty_database), "1") == ("HELLO", "HELLO")


def test_an_answer_knows_everything_that_was_appended_before(empty_database: str, start_keeper: StartKeeper) -> None:
    keeper = start_keeper(empty_database)
    speller = Speller(keeper, "1")
    for word in ("ONE ", "TWO ", "THREE"):
        speller.spell(word)
        assert kept(keeper, "1") == (speller.text.strip(), speller.text)


def test_letters_and_clearings_without_an_end_fill_one_transcript_after_the_other(
    tmp_path: Path, start_keeper: StartKeeper
) -> None:
    keeper = start_keeper(f"sqlite:///{tmp_path}/kept.sqlite3")
    keeping = Keeping("me", keeper)
    for _ in range(MOST_STEPS // 2 + 1):
        keeping.take(Change("sign", "", "A", "letters", "A", 0.9))
        keeping.take(Change("clear", "A", "", "letters"))
    found, total = keeper.ask(lambda store: store.find("me", Filter(), 0, 10))
    assert total == 2
    assert [one.text.count("A") for one in found] == [1, MOST_STEPS // 2]


def test_what_waits_is_written_when_it_is_stopped(tmp_path: Path, start_keeper: StartKeeper) -> None:
    url = f"sqlite:///{tmp_path}/kept.sqlite3"
    keeper = start_keeper(url)
    Speller(keeper, "1").spell("LAST")
    keeper.stop()
    assert kept(start_keeper(url), "1") == ("LAST", "LAST")


def test_a_database_that_goes_away_and_comes_back_gets_everything_once_and_in_order(
    postgres: Postgres, start_keeper: StartKeeper
) -> None:
    keeper = start_keeper(postgres.new_database())
    spellers = [Speller(keeper, str(place)) for place in range(3)]
    for speller in spellers:
        speller.spell("BEFORE ")
    wait_until(lambda: keeper._count == 0)
    postgres.stop()
    try:
        for speller in spellers:
            speller.spell("MEANWHILE ")
        wait_until(lambda: keeper.away is not None)
        with pytest.raises(DatabaseAway):
            keeper.ask(lambda store: store.ids("me"))
        for speller in spellers:
            speller.spell("AND ")
    finally:
        postgres.start()
    wait_until(lambda: keeper.away is None)
    for place, speller in enumerate(spellers):
        speller.spell("AFTER")
        assert kept(keeper, str(place)) == ("BEFORE MEANWHILE AND AFTER",) * 2
    assert keeper.lost == 0


def test_an_sqlite_file_that_cannot_be_opened_is_waited_for(tmp_path: Path, start_keeper: StartKeeper) -> None:
    file = tmp_path / "kept.sqlite3"
    file.mkdir()  # a folder where the file should be
    keeper = start_keeper(f"sqlite:///{file}")
    Speller(keeper, "1").spell("PATIENCE")
    wait_until(lambda: keeper.away is not None)
    file.rmdir()
    wait_until(lambda: keeper.away is None)
    assert kept(keeper, "1") == ("PATIENCE", "PATIENCE")


def test_an_sqlite_file_that_vanishes_is_made_anew(tmp_path: Path, start_keeper: StartKeeper) -> None:
    keeper = start_keeper(f"sqlite:///{tmp_path}/kept.sqlite3")
    Speller(keeper, "1").spell("GONE")
    wait_until(lambda: keeper._count == 0)
    for part in tmp_path.iterdir():
        part.unlink()
    Speller(keeper, "2").spell("HERE")
    wait_until(lambda: keeper._count == 0)
    assert kept(keeper, "2") == ("HERE", "HERE")
    assert keeper.lost == 0


def test_when_the_memory_is_full_it_says_so(
    tmp_path: Path, start_keeper: StartKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_WAITING", 5)
    file = tmp_path / "kept.sqlite3"
    file.mkdir()
    keeper = start_keeper(f"sqlite:///{file}")
    assert not keeper.full
    Speller(keeper, "1").spell("HELLO")
    assert keeper.full
    file.rmdir()
    wait_until(lambda: not keeper.full)


def test_what_is_older_than_the_retention_goes_at_the_start(empty_database: str, start_keeper: StartKeeper) -> None:
    keeper = start_keeper(empty_database)
    Speller(keeper, "old", datetime.now(UTC) - timedelta(days=8)).spell("OLD")
    Speller(keeper, "new", datetime.now(UTC) - timedelta(days=6)).spell("NEW")
    assert len(keeper.ask(lambda store: store.ids("me"))) == 2
    keeper.stop()
    again = start_keeper(empty_database, retention_days=7)
    assert again.ask(lambda store: store.ids("me")) == ["new"]


def test_a_question_that_fails_is_answered_with_its_error_and_the_thread_lives(
    tmp_path: Path, start_keeper: StartKeeper
) -> None:
    keeper = start_keeper(f"sqlite:///{tmp_path}/kept.sqlite3")

    def fail(store: Store) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        keeper.ask(fail)
    assert keeper.ask(lambda store: store.find("me", Filter(), 0, 1)) == ([], 0)

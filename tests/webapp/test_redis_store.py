"""Classes in a real Redis: what one server writes, another reads, and what happens while it is away."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.redis import PROGRAM, Redis
from webapp.core.classroom import Class, ClassError, Live, Pupil
from webapp.core.contest import Baton
from webapp.core.lesson import LetterRecord, Record
from webapp.redis_link import RedisLink
from webapp.redis_store import CLASSES, FORGET_SECONDS, RedisStore

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs redis-server (apt-get install redis-server)")

CLASS = Class("ACDEFG", created=1.0, expires=4e9)
MIA = Pupil("m", "hash", 1, "Mia", 2.0)
BEN = Pupil("b", "hash", 2, "Ben", 3.0)
B_HELD = Live(True, "B", 0.5)


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    made = Redis()
    yield made
    made.remove()


@pytest.fixture
def one(server: Redis) -> Iterator[RedisStore]:
    link = RedisLink(server.url)
    with link.client:
        link.client.flushdb()
        store = RedisStore(link)
        store.flush()
        store.set_class(CLASS)
        store.add_pupil(CLASS.code, BEN)
        store.add_pupil(CLASS.code, MIA)
        yield store


@pytest.fixture
def other(server: Redis) -> Iterator[RedisStore]:
    link = RedisLink(server.url)
    with link.client:
        store = RedisStore(link)
        store.flush()
        yield store


def test_another_server_finds_what_was_written(one: RedisStore, other: RedisStore) -> None:
    one.set_text(CLASS.code, "m", "HI")
    assert one.get_pupil(CLASS.code, "m") == replace(MIA, text="HI"), "known here before it is written"
    one.flush()
    assert (other.codes(), other.get_class(CLASS.code)) == ([CLASS.code], CLASS)
    assert other.pupils(CLASS.code) == [replace(MIA, text="HI"), BEN]


def test_a_new_name_and_a_new_text_never_meet(one: RedisStore, other: RedisStore) -> None:
    one.set_text(CLASS.code, "m", "HI")
    assert other.change_pupil(CLASS.code, "m", name="Rose")
    one.flush()
    assert other.get_pupil(CLASS.code, "m") == replace(MIA, name="Rose", text="HI")


def test_a_new_name_and_a_counted_letter_never_meet(
    one: RedisStore, other: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, record = one.get_pupil, Record(letters={"A": LetterRecord(spelled=1)})

    def read_and_then_be_late(code: str, pupil_id: str) -> Pupil | None:
        found = read(code, pupil_id)
        assert other.change_pupil(code, pupil_id, name="Rose")
        return found

    monkeypatch.setattr(one, "get_pupil", read_and_then_be_late)
    assert one.change_pupil(CLASS.code, "m", record=record)
    assert other.get_pupil(CLASS.code, "m") == replace(MIA, name="Rose", record=record)


def test_who_is_gone_is_not_brought_back_by_what_is_on_its_way(one: RedisStore, other: RedisStore) -> None:
    one.set_text(CLASS.code, "m", "HI")
    other.remove_pupil(CLASS.code, "m")
    one.flush()
    one.show(CLASS.code, {"m": ("connection", B_HELD)})
    assert one.change_pupil(CLASS.code, "m", name="Rose") is None
    assert other.pupils(CLASS.code) == [BEN]
    other.delete(CLASS.code)
    one.add_pupil(CLASS.code, MIA)
    one.set_text(CLASS.code, "b", "HI")
    one.flush()
    assert (one.codes(), one.get_class(CLASS.code), one.pupils(CLASS.code)) == ([], None, [])
    assert one._redis.keys("handspell:class*") == []


def test_of_two_servers_that_hand_a_baton_on_at_once_one_does(one: RedisStore, other: RedisStore) -> None:
    first, second = Baton(1, "m", 5.123456789), Baton(1, "b", 6.0, done=1, finished=6.0)
    assert one.pass_baton(CLASS.code, "Sun", None, first)
    assert not other.pass_baton(CLASS.code, "Sun", None, second), "there is one by now"
    assert other.pass_baton(CLASS.code, "Sun", other.batons(CLASS.code)["Sun"], second)
    assert not one.pass_baton(CLASS.code, "Sun", first, first)
    one.set_class(replace(CLASS, hints=True))
    assert (one.batons(CLASS.code), other.batons(CLASS.code)) == ({"Sun": second}, {"Sun": second})
    other.delete(CLASS.code)
    assert not one.pass_baton(CLASS.code, "Sun", None, first)
    assert (one.batons(CLASS.code), one._redis.keys("handspell:class*")) == ({}, [])


def test_redis_forgets_a_class_by_itself(one: RedisStore) -> None:
    assert one._redis.expiretime(f"handspell:class:{CLASS.code}") == CLASS.expires + FORGET_SECONDS
    assert one._redis.zscore(CLASSES, CLASS.code) == CLASS.expires + FORGET_SECONDS


def test_a_seat_belongs_to_the_connection_that_took_it_last(one: RedisStore, other: RedisStore) -> None:
    assert one.take(CLASS.code, "m", "first") is None
    assert one.take(CLASS.code, "m", "second") is None, "its own server has closed the first itself"
    one.show(CLASS.code, {"m": ("second", B_HELD)})
    assert other.hands(CLASS.code) == {"m": B_HELD}
    assert other.take(CLASS.code, "m", "third") == "second"
    other.show(CLASS.code, {"m": ("third", Live(True, "C", 0.0))})
    one.show(CLASS.code, {"m": ("second", B_HELD)})  # still on its way
    one.show(CLASS.code, {"m": ("", Live())})  # and then it is closed
    assert one.hands(CLASS.code) == {"m": Live(True, "C", 0.0)}
    other.show(CLASS.code, {"m": ("", Live())})
    assert one.hands(CLASS.code) == {}


def test_a_server_that_is_gone_is_noticed_and_one_that_was_only_late_comes_back(
    one: RedisStore, other: RedisStore
) -> None:
    one.take(CLASS.code, "m", "connection")
    assert (other.lost(CLASS.code), list(other.hands(CLASS.code))) == ([], ["m"])
    one._redis.delete(one._alive(one._server))  # as its time runs out
    assert other.hands(CLASS.code) == {}
    assert (other.lost(CLASS.code), other.lost(CLASS.code)) == (["m"], [])
    assert (one.flush(), one.flush()) == (True, False)
    one.show(CLASS.code, {"m": ("connection", B_HELD)})
    assert other.hands(CLASS.code) == {"m": B_HELD}


def test_while_redis_is_away_texts_wait_and_reads_answer(server: Redis, one: RedisStore, other: RedisStore) -> None:
    assert len(one.pupils(CLASS.code)) == 2
    server.stop()
    try:
        one.set_text(CLASS.code, "m", "HI")
        assert one.pupils(CLASS.code) == [replace(MIA, text="HI"), BEN]
        assert one.away
        assert one.flush() is False
        one.show(CLASS.code, {"m": ("connection", B_HELD)})
        assert one.take(CLASS.code, "m", "connection") is None
        with pytest.raises(ClassError, match="cannot be reached"):
            one.add_pupil(CLASS.code, BEN)
        with pytest.raises(ClassError, match="cannot be reached"), one.joining(CLASS.code):
            pass
        with pytest.raises(ClassError, match="cannot be reached"):
            other.get_class(CLASS.code)  # nothing is said of a class that was never seen here
    finally:
        server.start()
    assert one.flush() is True
    assert not one.away
    other.flush()
    assert other.get_pupil(CLASS.code, "m") == replace(MIA, text="HI")

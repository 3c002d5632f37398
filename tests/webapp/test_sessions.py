"""Who is connected and who may come back, with the time as an argument."""

import threading
import time

from webapp.core.session import Session
from webapp.sessions import Sessions


def fresh() -> Session:
    return Session("letters", 100)


def test_leaving_parks_and_coming_back_resumes() -> None:
    sessions = Sessions(120)
    first, resumed, _ = sessions.join("one", None, fresh(), now=0)
    assert not resumed
    sessions.leave("one", now=10)
    assert (len(sessions), sessions.parked) == (0, 1)
    second, resumed, replaced = sessions.join("two", first.token, fresh(), now=129)
    assert (second.session is first.session, resumed, replaced) == (True, True, None)
    assert (len(sessions), sessions.parked) == (1, 0)


def test_everything_is_freed_when_nobody_comes_back() -> None:
    sessions = Sessions(120)
    for place in range(50):
        sessions.join(str(place), None, fresh(), now=0)
        sessions.leave(str(place), now=0)
    sessions.sweep(now=119)
    assert sessions.parked == 50
    sessions.sweep(now=120)
    assert (len(sessions), sessions.parked, sessions._connection_of) == (0, 0, {})


def test_a_token_serves_one_connection_at_a_time() -> None:
    sessions = Sessions(120)
    first, *_ = sessions.join("one", None, fresh(), now=0)
    second, resumed, replaced = sessions.join("two", first.token, fresh(), now=1)
    assert (second.session is first.session, resumed, replaced) == (True, True, "one")
    assert sessions.get("one") is None
    sessions.leave("one", now=2)  # the old connection ends at last
    assert sessions.get("two") is second
    assert sessions.parked == 0


def test_a_client_cannot_choose_its_token() -> None:
    sessions = Sessions(120)
    visitor, resumed, _ = sessions.join("one", "mine", fresh(), now=0)
    assert not resumed
    assert visitor.token != "mine"


def test_the_park_is_bounded() -> None:
    sessions = Sessions(120)
    sessions.MOST_PARKED = 3
    tokens = []
    for place in range(5):
        visitor, *_ = sessions.join(str(place), None, fresh(), now=0)
        tokens.append(visitor.token)
        sessions.leave(str(place), now=0)
    assert sessions.parked == 3
    assert [sessions.join(f"again{place}", token, fresh(), now=1)[1] for place, token in enumerate(tokens)] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_seq_starts_anew_with_every_connection() -> None:
    sessions = Sessions(120)
    first, *_ = sessions.join("one", None, fresh(), now=0)
    first.last_seq = 500
    sessions.leave("one", now=1)
    assert sessions.join("two", first.token, fresh(), now=2)[0].last_seq == -1


def test_a_late_frame_of_the_connection_before_does_not_count_for_the_next() -> None:
    sessions = Sessions(120)
    visitor, *_ = sessions.join("one", None, fresh(), now=0)
    with visitor.lock:  # its frame is being taken in
        next_one = threading.Thread(target=sessions.join, args=("two", visitor.token, fresh(), 1))
        next_one.start()
        deadline = time.monotonic() + 20
        while sessions.get("one") and time.monotonic() < deadline:
            time.sleep(0.01)
        visitor.last_seq = visitor.read_seq = 5000
    next_one.join(20)
    assert sessions.get("one") is None
    assert sessions.get("two") is visitor
    assert (visitor.last_seq, visitor.read_seq) == (-1, -1)


def test_what_was_spelled_with_an_unknown_seat_is_given_once_and_to_its_own_page() -> None:
    for parked in (False, True):
        sessions = Sessions(120)
        waiting, *_ = sessions.join("one", None, Session("letters", 100, text="HI"), now=0)
        waiting.seat_unknown = True
        other, *_ = sessions.join("two", None, Session("letters", 100, text="NO"), now=0)
        if parked:
            sessions.leave("one", now=1)
        assert [sessions.reclaim(token) for token in ("guess", None, other.token)] == ["", "", ""]
        assert [sessions.reclaim(waiting.token) for _ in range(2)] == ["HI", ""]

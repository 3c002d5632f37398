"""A crowd before a machine that reads so many frames a second."""

import pytest

from webapp.core.crowd import Crowd

SERVICE_SECONDS = 0.003


def crowded(crowd: Crowd, pages: int, seconds: int) -> list[float]:
    """How long frames waited, second by second, where each page sends when it may: as queues with one frame of each."""
    waits = []
    for _ in range(seconds):
        waits.append(max(0.0, pages * SERVICE_SECONDS - max(crowd.gap_seconds, 0.03)))
        crowd.step(waits[-1], pages)
    return waits


def test_what_a_machine_can_read_is_sent_as_often_as_anybody_likes() -> None:
    crowd = Crowd()
    crowded(crowd, 20, 30)
    assert crowd == Crowd()


def test_a_crowd_sends_less_often_until_nobody_waits_long_and_is_told() -> None:
    crowd = Crowd()
    waits = crowded(crowd, 100, 60)
    assert waits[0] > 0.2
    assert max(waits[10:]) < 0.15
    assert crowd.busy
    assert 0.15 <= crowd.gap_seconds <= 0.5


def test_it_is_taken_back_when_it_is_over_and_not_before() -> None:
    crowd = Crowd()
    said = []
    for pages, seconds in ((100, 30), (10, 20)):
        for _ in range(seconds):
            crowded(crowd, pages, 1)
            said.append(crowd.busy)
    assert said.index(True) <= 3
    assert all(said[3:31]), "it came and went"
    assert crowd == Crowd()


@pytest.mark.parametrize("wait", [0.5, 30.0])
def test_a_slow_machine_with_few_pages_is_no_crowd(wait: float) -> None:
    crowd = Crowd()
    for _ in range(10):
        crowd.step(wait, 4)
    assert crowd == Crowd()


def test_nobody_sends_less_than_twice_a_second() -> None:
    crowd = Crowd()
    for _ in range(50):
        crowd.step(10.0, 1000)
    assert crowd.gap_seconds == 0.5

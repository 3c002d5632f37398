"""A letter is doubled by a small bounce of the hand, and by nothing that a hand does while it only holds."""

import math
from collections.abc import Callable, Iterable

import numpy as np
import pytest

from webapp.core.bounce import BounceReader

PALM = 0.2  # of the picture's height
HAND = np.zeros((21, 3))
HAND[1:, :2] = np.random.default_rng(0).uniform(-0.3, 0.3, (20, 2)) * PALM
HAND[9] = (0, -PALM, 0)

Path = Callable[[float], tuple[float, float]]


def bounces(path: Path, seconds: float = 3.0, rate: float = 10, tremble: float = 0.01, seed: int = 0) -> list[float]:
    """When a hand that follows `path` (palms, by seconds) is said to have bounced."""
    rng = np.random.default_rng(seed)
    reader = BounceReader()
    found = []
    for t in np.arange(0, seconds, 1 / rate):
        x, y = path(t)
        moved = np.array([x * PALM, y * PALM, 0])
        joints = HAND + moved + rng.normal(0, tremble * PALM, (21, 3))
        if reader.step(float(t), joints) is not None:
            found.append(float(t))
    return found


def slide(far: float, takes: float, start: float = 1.0) -> Path:
    return lambda t: (float(np.interp(t, [start, start + takes], [0, far])), 0.0)


def hop(high: float, takes: float, start: float = 1.0) -> Path:
    return lambda t: (0.0, -float(np.interp(t, [start, start + takes / 2, start + takes], [0, high, 0])))


@pytest.mark.parametrize("rate", [6, 8, 10, 15, 30])
@pytest.mark.parametrize(
    "path", [slide(0.2, 0.1), slide(0.4, 0.3), slide(-0.8, 0.4), hop(0.5, 0.4), hop(0.8, 0.5)], ids=str
)
def test_a_bounce_is_seen_once_and_soon(path: Path, rate: float) -> None:
    (seen,) = bounces(path, rate=rate)
    assert 1.1 < seen < 1.9


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("rate", [10, 15, 30])
def test_a_small_bounce_counts_where_the_hand_is_still_otherwise_and_a_smaller_one_does_not(
    rate: float, seed: int
) -> None:
    assert len(bounces(slide(0.15, 0.06), rate=rate, seed=seed)) == 1
    assert bounces(slide(0.07, 0.06), rate=rate, seed=seed) == []


HELD = [
    pytest.param(lambda t: (0.0, 0.0), id="still"),
    pytest.param(lambda t: (0.15 * t, 0.05 * t), id="drifting"),
    pytest.param(lambda t: (0.04 * np.sin(9 * t), 0.03 * np.cos(7 * t)), id="trembling"),
    pytest.param(lambda t: (0.3 * np.sin(1.2 * t), 0.0), id="swaying"),
    pytest.param(slide(0.25, 0.3), id="put right"),
    pytest.param(lambda t: (0.8 * np.sin(6 * t), 0.0), id="waving"),
    pytest.param(lambda t: (3.0 * max(0.0, t - 1.5), 4.0 * max(0.0, t - 1.5)), id="leaving"),
]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("rate", [5, 10, 15, 30])
@pytest.mark.parametrize("path", HELD)
def test_what_a_held_hand_does_is_no_bounce(path: Path, rate: float, seed: int) -> None:
    assert bounces(path, rate=rate, seed=seed) == []


def uneven(path: Path, slowest: float, fastest: float, seed: int, camera: float = 30) -> list[float]:
    """The same, where between `slowest` and `fastest` frames a second of a camera's are read, each at the camera's time."""
    rng = np.random.default_rng(seed)
    reader = BounceReader()
    found = []
    read_at = rng.uniform(0, 0.2)
    seen = -1.0
    while read_at < 3:
        t = math.floor(read_at * camera) / camera  # the newest picture that there is
        if t > seen:
            joints = HAND + np.array([*path(t), 0]) * PALM + rng.normal(0, 0.01 * PALM, (21, 3))
            if reader.step(t, joints) is not None:
                found.append(t)
        seen = t
        read_at += rng.uniform(1 / fastest, 1 / slowest)
    return found


@pytest.mark.parametrize("camera", [10, 15, 30])
@pytest.mark.parametrize(("slowest", "fastest"), [(4, 5), (4, 12), (8, 30)])
@pytest.mark.parametrize("path", HELD)
def test_what_a_held_hand_does_is_no_bounce_however_uneven_the_frames(
    path: Path, slowest: float, fastest: float, camera: float
) -> None:
    assert [uneven(path, slowest, fastest, seed, camera) for seed in range(20)] == [[]] * 20


@pytest.mark.parametrize(("slowest", "fastest", "share"), [(4, 12, 0.5), (6, 12, 0.8), (8, 30, 0.9)])
@pytest.mark.parametrize("path", [slide(-0.8, 0.4), hop(0.5, 0.4), hop(0.8, 0.5)], ids=["slide", "hop", "high hop"])
def test_a_clear_bounce_is_mostly_seen_in_uneven_frames_and_never_twice(
    path: Path, slowest: float, fastest: float, share: float
) -> None:
    found = [len(uneven(path, slowest, fastest, seed)) for seed in range(60)]
    assert max(found) == 1
    assert sum(found) >= share * len(found)


def test_a_hand_that_was_away_has_not_bounced() -> None:
    reader = BounceReader()

    def play(frames: Iterable[tuple[float, float | None]]) -> list[bool]:
        return [reader.step(t, None if x is None else HAND + np.array([x * PALM, 0, 0])) is not None for t, x in frames]

    assert not any(play((at / 10, 0.0) for at in range(10)))
    assert not any(play([(1.0, None)]))
    assert not any(play((1.1 + at / 10, 0.4) for at in range(10)))

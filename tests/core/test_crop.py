"""The steadied square: squares over time in, squares out."""

import numpy as np
import pytest

from webapp.core.crop import SteadySquare
from webapp.core.hands import Square


def test_trembling_is_halved() -> None:
    rng = np.random.default_rng(0)
    steady = SteadySquare()
    seen = [
        steady.step(Square(300 + rng.normal(0, 2), 200 + rng.normal(0, 2), 150 * rng.normal(1, 0.01)), frame / 20)
        for frame in range(200)
    ]
    assert np.std([square.centre_x for square in seen[20:]]) < 2 / 2
    assert np.std([square.side for square in seen[20:]]) < 150 * 0.01 / 2


@pytest.mark.parametrize("rate", [8, 15, 30])
def test_a_moving_hand_is_followed_closely_at_any_frame_rate(rate: int) -> None:
    steady = SteadySquare()
    speed, side = 300.0, 150.0  # two of its sides a second
    lags = []
    for frame in range(rate * 2):
        x = 100 + speed * frame / rate
        lags.append(x - steady.step(Square(x, 200, side), frame / rate).centre_x)
    assert max(lags[rate:]) < 0.2 * side


def test_the_first_square_a_jump_and_a_return_after_a_pause_are_taken_as_they_are() -> None:
    steady = SteadySquare()
    first, jumped, later = Square(100, 100, 80), Square(400, 100, 80), Square(420, 100, 85)
    assert steady.step(first, 0.0) == first
    assert steady.step(jumped, 0.1) == jumped
    assert steady.step(later, 1.0) == later


def test_a_clock_that_stands_still_or_runs_backwards_does_no_harm() -> None:
    steady = SteadySquare()
    first, second = Square(100, 100, 80), Square(104, 100, 80)
    steady.step(first, 5.0)
    assert steady.step(second, 5.0).centre_x == pytest.approx(100)
    assert steady.step(second, 1.0) == second


def test_a_reset_forgets() -> None:
    steady = SteadySquare()
    steady.step(Square(100, 100, 80), 0.0)
    steady.reset()
    assert steady.step(Square(110, 100, 80), 0.05) == Square(110, 100, 80)

"""Movements in, drawn signs out: hands made of numbers, moved along the paths that the alphabet defines."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from tests.core.drawn import (
    FIST,
    FLAT,
    I_HAND,
    POINTING,
    V_HAND,
    Take,
    arc,
    frames,
    hook,
    picture,
    turned,
    zigzag,
)
from webapp.core import motion
from webapp.core.motion import INDEX, LITTLE, Array, PathReader, joints_as_signed, straight_finger

HANDS = {"J": (I_HAND, LITTLE), "Z": (POINTING, INDEX)}
PATHS = {"J": hook(), "Z": zigzag()}


def read(seen: Iterable[tuple[float, Array | None]], left_hand: bool = False, signs: str = "JZ") -> str:
    """The signs drawn in a movement, in order."""
    reader = PathReader()
    side = np.array([1 if left_hand else -1, 1, 1])
    drawn = [reader.step(t, None if joints is None else joints * side, signs) for t, joints in seen]
    return "".join(each.sign for each in drawn if each)


PLAINLY = Take()


def drawn(sign: str, path: Array | None = None, take: Take = PLAINLY) -> str:
    """What is read when the hand of `sign` follows `path`."""
    joints, finger = HANDS[sign]
    return read(frames(joints, finger, PATHS[sign] if path is None else path, take), take.left_hand)


both = pytest.mark.parametrize("sign", ["J", "Z"])


@both
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "take",
    [
        pytest.param(Take(), id="plainly"),
        *(pytest.param(Take(rate=rate), id=f"{rate} frames a second") for rate in (5, 8, 30)),
        *(
            pytest.param(Take(seconds=s, rate=r), id=f"{s} s, {r}/s")
            for s, r in ((0.4, 15), (0.4, 30), (1.6, 10), (1.6, 30))
        ),
        *(pytest.param(Take(scale=scale), id=f"{scale} times as large") for scale in (0.6, 2.0)),
        *(pytest.param(Take(hand_size=size), id=f"a hand of {size} times the size") for size in (0.4, 2.5)),
        *(pytest.param(Take(tilt=tilt), id=f"tilted by {tilt} degrees") for tilt in (-15, 20)),
        pytest.param(Take(lost=(0.3, 0.55)), id="the tracker loses the hand on the way"),
        pytest.param(Take(noise=0.02), id="the tracker trembles"),
        pytest.param(Take(left_hand=True), id="with the left hand"),
        pytest.param(Take(left_hand=True, rate=8, tilt=-15), id="with the left hand, tilted, few frames"),
        pytest.param(Take(before=0.0), id="at once"),
        pytest.param(Take(before=5.0), id="after a long hold"),
        pytest.param(Take(after=5.0), id="and held on"),
    ],
)
def test_a_drawn_sign_is_read_once(sign: str, take: Take, seed: int) -> None:
    assert drawn(sign, take=replace(take, seed=seed)) == sign


@pytest.mark.parametrize("twist", [50, 100])
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(hook(width=0.45), id="narrow"),
        pytest.param(hook(width=0.9, depth=0.45), id="wide"),
        pytest.param(hook(stem=1.5), id="long"),
        pytest.param(hook(stem=0.6, end=200), id="short"),
        pytest.param(arc((0, 0), (0.5, 0.7), -55, 165), id="a scoop"),
    ],
)
def test_hooks_of_many_kinds_are_a_j(path: Array, twist: float) -> None:
    assert drawn("J", path, Take(twist=twist)) == "J"


@pytest.mark.parametrize(
    "path",
    [
        zigzag(top=0.6),
        zigzag(bottom=0.6),
        zigzag(height=0.6),
        zigzag(height=1.5),
        np.array([(0, 0.1), (0.9, -0.05), (0.95, 0.1), (0.05, 0.9), (0.1, 1.0), (1, 1)]),
    ],
    ids=["short above", "short below", "flat", "tall", "round"],
)
def test_zigzags_of_many_kinds_are_a_z(path: Array) -> None:
    assert drawn("Z", path) == "Z"


LINES = {f"a line at {degrees}": turned(np.array([(0, 0), (1, 0)]), degrees) for degrees in range(0, 360, 30)}
THERE_AND_BACK = {
    f"there and back at {degrees}": turned(np.array([(0, 0), (1, 0), (0.3, 0)]), degrees)
    for degrees in range(0, 360, 30)
}
NO_SIGNS = {
    "held still": np.array([(0, 0), (1e-6, 0)]),
    **LINES,
    **THERE_AND_BACK,
    "waved": np.array([(place % 2, 0.04 * place) for place in range(7)]),
    "waved from the elbow": np.vstack([arc((0, 2), (2, 2), -120, -60), arc((0, 2), (2, 2), -60, -120)] * 3),
    "shaken": np.array([(0, place % 2) for place in range(7)]),
    "let fall from the elbow": arc((0, 0), (1.5, 1.5), -90, -180),
    "lowered in a curve": arc((-1, 0), (1, 1), 0, 90),
    "lowered outwards in a curve": arc((1, 0), (1, 1), 180, 90),
    "lowered and away": np.array([(0, 0), (0, 1), (1, 1)]),
    "circling": arc((0, 0), (1, 1), 270, -450),
    "J turned over": hook() * (-1, 1),
    "J upside down": hook() * (1, -1),
    "J backwards": hook()[::-1],
    "Z turned over": zigzag() * (-1, 1),
    "Z backwards": zigzag()[::-1],
    "two strokes of a Z": zigzag()[:3],
    "the other two": zigzag()[1:],
}


@both
@pytest.mark.parametrize("rate", [8, 15, 30])
@pytest.mark.parametrize("path", NO_SIGNS.values(), ids=NO_SIGNS)
def test_other_movements_of_the_same_hand_draw_nothing(sign: str, path: Array, rate: int) -> None:
    for scale, seconds in ((0.7, 0.5), (1.5, 1.0), (3.0, 1.0)):
        assert drawn(sign, path, Take(rate=rate, scale=scale, seconds=seconds, seed=rate)) == ""


@pytest.mark.parametrize("joints", [FLAT, FIST, V_HAND], ids=["flat", "fist", "V"])
@both
def test_another_hand_shape_draws_nothing(sign: str, joints: Array) -> None:
    assert read(frames(joints, HANDS[sign][1], PATHS[sign], Take())) == ""


def test_each_sign_has_its_own_finger() -> None:
    assert read(frames(I_HAND, LITTLE, zigzag(), Take())) == ""
    assert read(frames(POINTING, INDEX, hook(), Take())) == ""


@both
def test_the_picture_s_mirror_image_is_no_sign(sign: str) -> None:
    """A right hand must not draw what a left hand may: else the writing would read backwards."""
    joints, finger = HANDS[sign]
    assert read(frames(joints, finger, PATHS[sign], Take(left_hand=True)), left_hand=False) == ""


@both
def test_only_signs_that_the_network_knows_are_read(sign: str) -> None:
    joints, finger = HANDS[sign]
    reader = PathReader()
    for t, seen in frames(joints, finger, PATHS[sign], Take()):
        assert seen is not None
        assert reader.step(t, seen * (-1, 1, 1), "ABC") is None
        assert not reader.drawing


@both
def test_a_sign_drawn_twice_is_read_twice(sign: str) -> None:
    joints, finger = HANDS[sign]
    there, back = PATHS[sign], PATHS[sign][[-1, 0]]
    take = Take(before=0.2, after=0.2, seconds=0.8)
    seen = [
        (t + 1.2 * place, hand)
        for place, path in enumerate((there, back, there, back))
        for t, hand in frames(joints, finger, path, take)
        if t < 1.2
    ]
    assert read(sorted(seen, key=lambda each: each[0])) == sign * 2


@both
def test_a_hand_out_of_sight_for_long_begins_anew(sign: str) -> None:
    assert drawn(sign, take=Take(lost=(0.3, 0.9), seconds=1.4)) == ""


@both
def test_a_new_clock_begins_anew(sign: str) -> None:
    joints, finger = HANDS[sign]
    seen = list(frames(joints, finger, PATHS[sign], Take()))
    half = len(seen) // 2
    assert read([(t + 100, joints) for t, joints in seen[:half]] + seen[half:]) == ""
    assert read(seen[:half] + [(t + 100, joints) for t, joints in seen[half:]]) == ""


@both
def test_what_was_drawn_before_a_reset_is_forgotten(sign: str) -> None:
    joints, finger = HANDS[sign]
    seen = [(t, joints * (-1, 1, 1)) for t, joints in frames(joints, finger, PATHS[sign], Take()) if joints is not None]
    reader = PathReader()
    for t, each in seen[: len(seen) // 2]:
        reader.step(t, each, "JZ")
    reader.reset()
    assert [reader.step(t, each, "JZ") for t, each in seen[len(seen) // 2 :]] == [None] * (len(seen) - len(seen) // 2)


@both
def test_the_reader_knows_when_the_hand_draws_and_when_it_has_gone_on(sign: str) -> None:
    joints, finger = HANDS[sign]
    take = Take(rate=20, seconds=0.8, before=1.0, after=1.5)
    reader = PathReader()
    drawing = {}
    for t, seen in frames(joints, finger, PATHS[sign], take):
        assert seen is not None
        reader.step(t, seen * (-1, 1, 1), "JZ")
        drawing[t - take.before] = sign in reader.drawing
    assert not any(flag for t, flag in drawing.items() if t < 0 or t > 1.2)
    assert all(flag for t, flag in drawing.items() if 0.3 < t < 0.8)
    assert not reader.elsewhere
    for t, seen in frames(joints, finger, PATHS[sign][[-1, 0]], replace(take, before=0.0)):
        assert seen is not None
        reader.step(t + 3.4, seen * (-1, 1, 1), "JZ")
    assert reader.elsewhere


def test_a_joint_s_place_is_the_crop_s_centre_and_its_part_of_the_side() -> None:
    landmarks = np.full((21, 3), 0.5)
    landmarks[8] = 1.0, 0.0, -0.1
    right = np.array(joints_as_signed(landmarks.ravel().tolist(), (0.8, 0.5, 0.4), left_hand=False))
    np.testing.assert_allclose(right[0], [-0.8, 0.5, 0.2])
    np.testing.assert_allclose(right[8], [-1.0, 0.3, -0.04])
    left = joints_as_signed(landmarks.ravel().tolist(), (0.8, 0.5, 0.4), left_hand=True)
    np.testing.assert_allclose(left, right * (-1, 1, 1))


def test_the_straight_finger_is_found_in_any_hand() -> None:
    for joints, finger in ((I_HAND, LITTLE), (POINTING, INDEX), (FLAT, None), (FIST, None), (V_HAND, None)):
        assert straight_finger(joints) == finger
        assert straight_finger(picture(joints, Take(left_hand=True, hand_size=0.3))) == finger


@both
def test_a_tracker_that_jumps_along_the_path_in_a_tenth_of_a_second_draws_nothing(sign: str) -> None:
    assert drawn(sign, take=Take(rate=60, seconds=0.1)) == ""


def test_joints_that_are_no_hand_draw_nothing() -> None:
    senseless = [np.zeros((21, 3)), np.full((21, 3), 9.0), np.eye(21, 3) * 1e-9]
    assert read((place / 10, senseless[place % 3]) for place in range(60)) == ""


def test_templates_are_like_themselves_and_unlike_each_other() -> None:
    j, z = (each.templates for each in motion.DRAWN_SIGNS)
    assert np.diag(motion.similarity(j, j)) == pytest.approx(1)
    assert motion.similarity(j, z).max() < 0.5
    tilted = motion.steps(turned(hook(), 20))[None]
    assert motion.similarity(tilted, motion.steps(hook())[None])[0, 0] == pytest.approx(1)


def test_a_path_that_goes_to_and_fro_is_like_nothing() -> None:
    to_and_fro = motion.steps([(0, at % 2) for at in range(49)])[None]
    assert motion.similarity(to_and_fro, motion.steps(zigzag())[None]) == pytest.approx(0, abs=1e-3)

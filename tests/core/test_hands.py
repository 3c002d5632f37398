"""The arithmetic between the hand models, on hands made of numbers."""

import math

import numpy as np
import pytest

from webapp.core import hands
from webapp.core.hands import Hand, Palm, Square

WHOLE = Square(320, 240, 640)


def open_hand(scale: float = 100.0, x: float = 300.0, y: float = 200.0, angle: float = 0.0) -> hands.Array:
    """An upright open hand, its wrist at (x, y), turned clockwise round it.  # (21, 3)"""
    points = [(0.0, 0.0)]
    for finger, spread in enumerate((-0.3, -0.15, 0.0, 0.1, 0.2)):
        lengths = (0.35, 0.6, 0.75, 0.85) if finger == 0 else (0.8, 1.1, 1.3, 1.45)
        points += [(spread * (0.5 + length), -length) for length in lengths]
    turned = np.array(points) @ np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return np.column_stack([turned * scale + [x, y], np.zeros(21)])


def test_there_are_as_many_anchors_as_the_model_has_rows() -> None:
    anchors = hands.palm_anchors()
    assert anchors.shape == (2016, 2)
    assert anchors.min() > 0
    assert anchors.max() < 1
    np.testing.assert_allclose(anchors[0], anchors[1])  # two in each of the fine cells
    np.testing.assert_allclose(anchors[0], 0.5 / 24)
    np.testing.assert_allclose(anchors[1152:1158], 0.5 / 12)  # six in each of the coarse ones


def test_a_palm_lies_where_its_anchor_and_its_offsets_say() -> None:
    boxes, scores = np.zeros((2016, 18)), np.full(2016, -20.0)
    scores[600] = 3.0
    boxes[600, :4] = 19.2, -9.6, 38.4, 19.2  # pixels of the model's input: a tenth, a twentieth, a fifth, a tenth
    boxes[600, 4:6] = 0, 96
    anchors = hands.palm_anchors()
    (palm,) = hands.decode_palms(boxes, scores, anchors, WHOLE)
    assert palm.score == pytest.approx(1 / (1 + math.exp(-3)))
    centre = anchors[600] * 640 + [0, -80]  # the region begins 80 px above the picture
    np.testing.assert_allclose((palm.box[:2] + palm.box[2:]) / 2, centre + np.array([64, -32]))
    np.testing.assert_allclose(palm.box[2:] - palm.box[:2], [128, 64])
    np.testing.assert_allclose(palm.points[0], centre + np.array([0, 320]))
    np.testing.assert_allclose(palm.points[1], centre)


def test_absurd_scores_do_not_overflow() -> None:
    boxes, scores = np.zeros((2016, 18)), np.full(2016, -1e9)
    assert hands.decode_palms(boxes, scores, hands.palm_anchors(), WHOLE) == []


def palm_at(x: float, score: float, size: float = 100.0) -> Palm:
    box = np.array([x, 0.0, x + size, size])
    return Palm(score, box, np.tile([x, 0.0], (7, 1)))


def test_overlapping_palms_become_their_weighted_mean() -> None:
    merged = hands.merge_palms([palm_at(0, 0.6), palm_at(10, 0.9), palm_at(500, 0.7)])
    assert [palm.score for palm in merged] == [0.9, 0.7]
    assert merged[0].box[0] == pytest.approx((0 * 0.6 + 10 * 0.9) / 1.5)
    assert merged[0].points[0, 0] == pytest.approx(merged[0].box[0])


def test_palms_that_hardly_overlap_stay_two() -> None:
    assert len(hands.merge_palms([palm_at(0, 0.9), palm_at(60, 0.8)])) == 2  # a quarter in common


@pytest.mark.parametrize("degrees", [0, 30, 90, 179, -45, -120])
def test_the_next_square_turns_with_the_hand(degrees: float) -> None:
    upright = hands.square_of_landmarks(open_hand()[:, :2])
    turned = hands.square_of_landmarks(open_hand(angle=math.radians(degrees))[:, :2])
    assert math.degrees(turned.rotation - upright.rotation) % 360 == pytest.approx(degrees % 360, abs=1e-6)
    assert turned.side == pytest.approx(upright.side)


def test_a_palm_that_points_up_is_not_turned_and_the_square_reaches_to_the_fingertips() -> None:
    points = np.tile([100.0, 100.0], (7, 1))
    points[0], points[2] = (100, 150), (100, 60)
    square = hands.square_of_palm(Palm(0.9, np.array([60.0, 60.0, 140.0, 140.0]), points))
    assert square == Square(100, pytest.approx(60), pytest.approx(208), pytest.approx(0))


def test_landmarks_come_back_from_a_turned_square_to_where_they_were() -> None:
    hand = open_hand(angle=0.7)
    square = Square(280, 150, 400, 0.7)
    # What a perfect model would see: the picture turned back, in pixels of its input.
    offset = hand[:, :2] - [280, 150]
    cos, sin = math.cos(-0.7), math.sin(-0.7)
    seen = offset @ np.array([[cos, sin], [-sin, cos]]) / 400 + 0.5
    raw = np.column_stack([seen, np.full(21, 0.1)]).ravel() * hands.LANDMARK_INPUT_PX
    found = hands.landmarks_in_picture(raw, square)
    np.testing.assert_allclose(found[:, :2], hand[:, :2], atol=1e-9)
    np.testing.assert_allclose(found[:, 2], 0.1 / 0.4 * 400)


def test_the_crop_is_half_as_large_again_as_the_hand_which_lies_in_its_middle() -> None:
    hand = open_hand()
    square = hands.hand_square(hand[:, :2])
    inside = hands.landmarks_in_square(hand, square)
    assert inside[:, 1].min() == pytest.approx(1 / 6)
    assert inside[:, 1].max() == pytest.approx(5 / 6)
    assert inside[:, 0].min() + inside[:, 0].max() == pytest.approx(1)


def test_a_crop_keeps_its_middle_in_the_picture_and_its_size_within_reason() -> None:
    assert hands.clamp_square(Square(-50, 700, 1), 640, 480) == Square(0, 480, 2)
    assert hands.clamp_square(Square(100, 100, 9000), 640, 480) == Square(100, 100, 1280)
    reaching_over = Square(20, 100, 200)
    assert hands.clamp_square(reaching_over, 640, 480) == reaching_over


def test_the_followed_hand_goes_before_the_larger() -> None:
    small, large = (Hand(open_hand(scale, x), 0.9, 0.9) for scale, x in ((50, 100), (150, 500)))
    assert hands.choose_hand([small, large]) is large
    assert hands.choose_hand([small, large], followed=Square(90, 180, 100)) is small
    assert hands.choose_hand([]) is None


def test_the_models_left_is_a_right_hand() -> None:
    assert not Hand(open_hand(), 0.9, left_score=0.99).left_hand
    assert Hand(open_hand(), 0.9, left_score=0.01).left_hand

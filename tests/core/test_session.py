"""A visitor's settings, holding and text together."""

import dataclasses
import pickle

import numpy as np
import pytest

from tests.core.drawn import I_HAND, POINTING, Take, frames, hook, zigzag
from tests.core.test_stabiliser import reading
from webapp.core.bounce import PALM
from webapp.core.decoder import Channel, Language
from webapp.core.lexicon import Lexicon
from webapp.core.motion import INDEX, LITTLE, Array
from webapp.core.protocol import ProtocolError
from webapp.core.session import MOST_UNREAD, Session
from webapp.core.stabiliser import Reading


def play(session: Session, frames: str, start: float = 0.0) -> list[dict]:
    return [session.read(reading(frame), start + at / 10) for at, frame in enumerate(frames)]


def test_an_acknowledgement_has_the_fields_of_the_protocol() -> None:
    last = play(Session("letters", 100), "A" * 9)[-1]
    assert last == {
        "sign": "A",
        "confidence": pytest.approx(0.95, abs=0.01),
        "top": [["A", 0.95], *last["top"][1:]],
        "progress": 1.0,
        "committed": "A",
        "text": "A",
        "words": {"proposals": [], "completions": []},
    }
    assert len(last["top"]) == 3


def test_a_pause_writes_one_space_and_says_so() -> None:
    acks = play(Session("letters", 100), "A" * 9 + "." * 60)
    assert [ack["committed"] for ack in acks if ack["committed"]] == ["A", "space"]
    assert acks[-1]["text"] == "A "


def test_a_pause_after_clearing_writes_nothing() -> None:
    session = Session("letters", 100)
    play(session, "A" * 9)
    session.edit("clear")
    acks = play(session, "." * 60, start=0.9)
    assert [ack["committed"] for ack in acks if ack["committed"]] == []
    assert session.text == ""


def test_what_changes_nothing_is_not_committed() -> None:
    session = Session("letters", 100)
    signs = "A", "del", "del", "space", "B"
    labels = ("A", "B", "del", "space", "nothing")
    seen = [one for sign in signs for one in (*[sign] * 9, *["nothing"] * 5)]
    shares = [[0.96 if label == one else 0.01 for label in labels] for one in seen]
    readings = [Reading.of(labels, share, dict.fromkeys(labels, 0.5)) for share in shares]
    acks = [session.read(one, at / 10) for at, one in enumerate(readings)]
    assert [ack["committed"] for ack in acks if ack["committed"]] == ["A", "del", "B"]
    assert session.text == "B"


def test_another_model_drops_the_half_held_letter_and_keeps_the_text() -> None:
    session = Session("letters", 100)
    play(session, "A" * 9 + "B" * 7)
    session.change_mode(dataclasses.replace(session.mode, model="digits"))
    ack = play(session, "B", start=1.6)[0]
    assert ack["progress"] == 0
    assert ack["text"] == "A"


def test_another_pace_keeps_the_half_held_letter() -> None:
    session = Session("letters", 100)
    play(session, "A" * 5)
    session.change_mode(dataclasses.replace(session.mode, pace="fast"))
    assert play(session, "A", start=0.5)[0]["committed"] == "A"


def test_a_frame_without_a_hand_reads_as_a_sure_nothing() -> None:
    session = Session("letters", 100)
    nothing = Reading.of_nothing({"A": 0.6, "B": 0.6})
    play(session, "A" * 9)
    acks = [session.read(nothing, 0.9 + at / 5) for at in range(15)]
    assert [ack["committed"] for ack in acks if ack["committed"]] == ["space"]
    assert (acks[-1]["sign"], acks[-1]["top"]) == (None, [["nothing", 1.0], ["A", 0.0], ["B", 0.0]])


def test_a_full_text_is_said_once_for_a_held_letter() -> None:
    session = Session("letters", 1)
    play(session, "A" * 9)
    refusals = 0
    for at in range(30):
        try:
            session.read(reading("B"), 0.9 + at / 10)
        except ProtocolError:
            refusals += 1
    assert refusals == 1
    play(session, "." * 40, start=4.0)  # the pause's own space does not fit, and nobody is told off for it
    assert session.text == "A"


def draw(session: Session, joints: Array, finger: int, path: Array, pose: str, take: Take, start: float = 0.0) -> str:
    """Play a movement of a right hand whose every frame is read as `pose`; the signs committed, in order."""
    acks = [
        session.read(reading(pose), start + t, None if seen is None else seen * (-1, 1, 1))
        for t, seen in frames(joints, finger, path, take)
    ]
    return "".join(ack["committed"] or "" for ack in acks)


J = (I_HAND, LITTLE, hook())
Z = (POINTING, INDEX, zigzag())
STILL = np.array([(0, 0), (1e-6, 0)])


@pytest.mark.parametrize("rate", [8, 15, 30])
@pytest.mark.parametrize("seconds", [0.5, 0.9, 1.5])
@pytest.mark.parametrize(("sign", "movement", "poses"), [("J", J, "IJ"), ("Z", Z, "DZGX")])
def test_a_drawn_letter_is_written_once_whatever_its_poses_are_taken_for(
    sign: str, movement: tuple[Array, int, Array], poses: str, seconds: float, rate: int
) -> None:
    for pose in poses:
        session = Session("letters", 100)
        take = Take(before=0.4, seconds=seconds, after=4.0, rate=rate, twist=60 if sign == "J" else 0)
        assert draw(session, *movement, pose, take) == sign
        assert session.text == sign


def test_the_acknowledgement_of_a_drawn_letter_says_so() -> None:
    session = Session("letters", 100)
    acks = [session.read(reading("I"), t, seen * (-1, 1, 1)) for t, seen in frames(*J, Take()) if seen is not None]
    (ack,) = [ack for ack in acks if ack["committed"]]
    assert (ack["sign"], ack["progress"], ack["committed"], ack["text"]) == ("J", 1.0, "J", "J")


@pytest.mark.parametrize(("joints", "finger", "pose"), [(I_HAND, LITTLE, "I"), (POINTING, INDEX, "D")])
def test_a_still_hand_is_read_as_soon_as_without_its_joints(joints: Array, finger: int, pose: str) -> None:
    assert draw(Session("letters", 100), joints, finger, STILL, pose, Take(before=0.0, seconds=0.9, after=0.0)) == pose


def test_a_pose_held_in_its_place_is_written_without_the_movement() -> None:
    assert draw(Session("letters", 100), I_HAND, LITTLE, STILL, "J", Take(seconds=3.0)) == "J"
    assert play(Session("letters", 100), "J" * 20)[-1]["text"] == "J"


def test_a_z_that_is_not_drawn_is_none_where_the_path_is_seen() -> None:
    session = Session("letters", 100)
    labels = ("Z", "D", "X", "nothing")
    still = Reading.of(labels, (0.6, 0.3, 0.05, 0.05), dict.fromkeys(labels, 0.5))
    for at in range(20):
        ack = session.read(still, at / 10, POINTING * (-1, 1, 1))
    assert (session.text, ack["top"][0][0]) == ("D", "D")
    blind = Session("letters", 100)
    for at in range(20):
        blind.read(still, at / 10)
    assert blind.text == "Z"


def test_a_held_letter_is_doubled_by_a_bounce_and_by_nothing_less() -> None:
    palm = float(np.linalg.norm(POINTING[9] - POINTING[0]))
    for far, text in ((0.0, "L"), (0.25, "LL")):
        session = Session("letters", 100)
        for at in range(30):
            session.read(reading("L"), at / 10, POINTING + np.array([far * palm * (at >= 15), 0, 0]))
        assert session.text == text


def test_a_hand_that_is_taken_for_the_other_one_at_the_picture_s_edge_has_not_bounced() -> None:
    session = Session("letters", 100)
    seen = POINTING - np.array([POINTING[PALM, 0].mean() - 0.1, 0, 0])
    for at in range(40):
        left = at < 15
        session.read(reading("L"), at / 10, seen * (1 if left else -1, 1, 1), "left" if left else "right")
    assert session.text == "L"


def test_a_held_letter_is_doubled_by_a_bounce_after_the_page_was_reloaded_too() -> None:
    palm = float(np.linalg.norm(POINTING[9] - POINTING[0]))
    session = Session("letters", 100)
    for at in range(15):
        session.read(reading("L"), 500 + at / 10, POINTING)
    session.pause()
    for at in range(20):
        session.read(reading("L"), at / 10, POINTING + np.array([0.25 * palm * (at >= 5), 0, 0]))
    assert session.text == "LL"


def test_a_clock_that_stands_still_does_not_fill_the_memory() -> None:
    session = Session("letters", 100)
    sizes = []
    for at in range(800):
        session.read(reading("I"), 1.0, I_HAND + np.array([np.sin(at), np.cos(at), 0]))
        sizes.append(len(pickle.dumps(session)))
    assert sizes[799] <= sizes[399] * 1.01


def test_a_bounce_in_the_middle_of_a_hold_writes_one_letter() -> None:
    session = Session("letters", 100)
    for at in range(14):
        session.read(reading("L"), at / 10, POINTING + np.array([0.1 * (at >= 5), 0, 0]))
    assert session.text == "L"


def test_an_i_that_slides_aside_is_no_j() -> None:
    session = Session("letters", 100)
    assert draw(session, I_HAND, LITTLE, np.array([(0, 0), (1, 0)]), "I", Take(before=0.5, after=2.0)) == "I"


def test_an_i_may_follow_a_j() -> None:
    session = Session("letters", 100)
    assert draw(session, *J, "I", Take(after=0.4)) == "J"
    back = hook()[[-1, 0]]
    assert draw(session, I_HAND, LITTLE, back, "I", Take(before=0.2, seconds=0.5, after=1.5), start=2.0) == "I"
    assert session.text == "JI"


def test_a_drawn_letter_may_follow_another_and_its_own_pose_is_spent() -> None:
    session = Session("letters", 100)
    draw(session, *Z, "D", Take(after=0.4))
    draw(session, POINTING, INDEX, np.array([(1, 1), (2.5, -1)]), "?", Take(after=0.4), start=1.8)  # away from its end
    assert draw(session, *J, "I", Take(after=3.0), start=3.6) == "J"
    assert session.text == "ZJ"


def test_another_letter_may_follow_at_once() -> None:
    session = Session("letters", 100)
    assert draw(session, *Z, "D", Take(after=0.4)) == "Z"
    assert play(session, "A" * 12, start=1.8)[-1]["text"] == "ZA"


def test_digits_are_not_drawn() -> None:
    session = Session("digits", 100)
    labels = ("1", "2", "nothing")
    for t, seen in frames(*Z, Take()):
        assert seen is not None
        one = Reading.of(labels, (0.9, 0.05, 0.05), dict.fromkeys(labels, 0.5))
        session.read(one, t, seen * (-1, 1, 1))
    assert session.text == "1"


def test_a_letter_half_drawn_with_the_other_hand_is_dropped() -> None:
    session = Session("letters", 100)
    seen = [(t, joints * (-1, 1, 1)) for t, joints in frames(*J, Take()) if joints is not None]
    for place, (t, joints) in enumerate(seen):
        if place == len(seen) // 2:
            session.change_mode(dataclasses.replace(session.mode, hand="left"))
        session.read(reading("?"), t, joints)
    assert session.text == ""


def test_a_full_text_is_said_once_for_a_drawn_letter() -> None:
    session = Session("letters", 0)
    with pytest.raises(ProtocolError) as error:
        draw(session, *J, "I", Take())
    assert error.value.code == "text_full"
    assert draw(session, I_HAND, LITTLE, STILL + hook()[-1], "I", Take(), start=1.45) == ""


def test_a_hand_that_writes_nothing_for_long_adds_but_a_little_to_the_word() -> None:
    doubts = "?" * 8 + "." * 3  # seen, not believed, and gone
    sizes = []
    for times in (MOST_UNREAD, 40 * MOST_UNREAD):
        session = Session("letters", 100, Language(Lexicon({"A": 1.0}), {"letters": Channel({})}))
        play(session, doubts * times + "A" * 20)
        assert session.text == "A"
        sizes.append(len(pickle.dumps(session)))
    assert sizes[1] <= sizes[0] * 1.01

"""A visitor's settings, holding and text together."""

import dataclasses

import pytest

from tests.core.test_stabiliser import reading
from webapp.core.protocol import ProtocolError
from webapp.core.session import Session
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

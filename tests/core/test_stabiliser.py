"""Sequences of readings in, committed signs out. Each character of a sequence is one frame:

a letter is that sign at 0.95, lower case the same sign below its floor, `.` no hand, `?` unsure of everything.
"""

import pytest

from webapp.core.bundle import NOTHING
from webapp.core.stabiliser import Belief, Reading, Stabiliser

LABELS = (*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", NOTHING)
FLOORS = {**dict.fromkeys(LABELS, 0.6), "M": 0.97}


def reading(frame: str) -> Reading:
    probability = 0.95 if frame.isupper() or frame == "." else 0.4 if frame.islower() else 0.06
    label = NOTHING if frame == "." else frame.upper() if frame.isalpha() else "A"
    rest = (1 - probability) / (len(LABELS) - 1)
    return Reading.of(LABELS, [probability if name == label else rest for name in LABELS], FLOORS)


def play(frames: str, hold: float = 0.8, rate: float = 10.0, pause: float = 2.0) -> list[Belief]:
    stabiliser = Stabiliser()
    return [stabiliser.step(reading(frame), at / rate, hold, pause) for at, frame in enumerate(frames.replace(" ", ""))]


def committed(frames: str, **options: float) -> str:
    """Committed signs in order, an ended word as a space."""
    return "".join(b.committed or (" " if b.word_ended else "") for b in play(frames, **options))


NINE_A = "A" * 9  # 0.8 s at ten frames a second: nine frames, eight steps


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        pytest.param("A" * 8, "", id="held too short"),
        pytest.param(NINE_A, "A", id="held just long enough"),
        pytest.param("A" * 60, "A", id="holding on adds nothing"),
        pytest.param("AAAA B AAAAAA", "A", id="one odd frame does not reset"),
        pytest.param("AAAA ? AAAAAA", "A", id="one unsure frame does not reset"),
        pytest.param("AAAA . AAAAAA", "A", id="one frame without a hand does not reset"),
        pytest.param("AAAA BBBBBB AAAAA", "", id="another sign between does reset"),
        pytest.param("A" * 20 + "B" + "A" * 20, "A", id="one odd frame is no release"),
        pytest.param("A" * 20 + "BB" + "A" * 20, "A", id="two odd frames are no release either"),
        pytest.param("A" * 20 + "???" + "A" * 20, "A", id="a blur is no release"),
        pytest.param("A" * 9 + "B" * 9, "AB", id="two letters without a gap"),
        pytest.param("A" * 9 + "?" + "B" * 9, "AB", id="a slip between two letters"),
        pytest.param("A" * 9 + "...." + "A" * 9, "AA", id="doubled: the hand went away"),
        pytest.param("A" * 9 + "BBBB" + "A" * 9, "AA", id="doubled: another sign between"),
        pytest.param("A" * 9 + "???????" + "A" * 9, "AA", id="doubled: a clear bounce"),
        pytest.param("L" * 12 + "L" * 12, "L", id="doubled without a release is one letter"),
        pytest.param("A" * 9 + "B" * 9 + "A" * 9, "ABA", id="the same letter after another"),
        pytest.param("a" * 60, "", id="below the floor nothing is committed"),
        pytest.param("M" * 60, "", id="each letter has its own floor"),
        pytest.param("." * 100, "", id="no hand, no letter, no word"),
        pytest.param("?" * 100, "", id="unsure, no letter"),
        pytest.param("AB" * 50, "", id="flicker commits nothing"),
        pytest.param("AB" * 100 + "A" * 11, "A", id="after flicker a steady hold commits as ever"),
        pytest.param("A?" * 5 + "A" * 9, "A", id="after doubt a steady hold commits as ever"),
        pytest.param("A?" * 4 + "A", "", id="held time counts only frames that show it"),
        pytest.param(NINE_A + "." * 25, "A ", id="a pause without a hand ends the word"),
        pytest.param(NINE_A + "." * 100, "A ", id="the word ends once"),
        pytest.param(NINE_A + "." * 12 + NINE_A, "AA", id="a gap between letters is no pause"),
        pytest.param(NINE_A + "?" * 100, "A", id="an unsure reading ends no word"),
        pytest.param(NINE_A + "." * 25 + NINE_A + "." * 25, "A A ", id="two words"),
        pytest.param(NINE_A + "....?" * 6, "A ", id="an unsure frame does not stop the pause"),
    ],
)
def test_sequence(frames: str, text: str) -> None:
    assert committed(frames) == text


@pytest.mark.parametrize("rate", [2, 5, 10, 30, 60])
@pytest.mark.parametrize("hold", [1.2, 0.8, 0.5, 0.3])
def test_holding_is_measured_in_seconds_at_every_frame_rate(rate: int, hold: float) -> None:
    beliefs = play("A" * (3 * rate), hold=hold, rate=rate)
    at = next(place for place, belief in enumerate(beliefs) if belief.committed) / rate
    assert hold - 1e-6 <= at <= hold + 1 / rate


@pytest.mark.parametrize("rate", [5, 10, 30])
def test_a_word_reads_the_same_at_every_frame_rate(rate: int) -> None:
    shown = "".join(letter * int(1.2 * rate) + "." * int(0.6 * rate) for letter in "HELLO")
    assert committed(shown, rate=rate) == "HELLO"


def test_progress_rises_to_one_and_stays_there() -> None:
    progress = [belief.progress for belief in play("A" * 14)]
    assert progress == sorted(progress)
    assert progress[0] == 0
    assert progress[4] == pytest.approx(0.5)
    assert progress[8:] == [1.0] * 6


def test_the_sign_does_not_flicker() -> None:
    signs = [belief.sign for belief in play("AAAA B AAA ? AAA . AAA")]
    assert signs == ["A"] * len(signs)


def test_a_sure_reading_that_is_ruled_out_leaves_none() -> None:
    sure = Reading.of(("Z", "D"), (1.0, 0.0), {"Z": 0.6, "D": 0.6})
    assert sure.without("Z").observed is None


def test_no_sign_is_believed_without_a_hand() -> None:
    assert {belief.sign for belief in play("." * 5)} == {None}
    assert play(NINE_A + "....")[-1].sign is None


def test_a_new_sign_keeps_the_time_for_which_it_was_doubted() -> None:
    beliefs = play("A" * 20 + "B" * 9)
    assert beliefs[-1].committed == "B"


def test_a_clock_that_goes_back_commits_nothing_and_goes_on() -> None:
    stabiliser = Stabiliser()
    for at in range(5):
        stabiliser.step(reading("A"), 1000 + at / 10, 0.8, 2.0)
    beliefs = [stabiliser.step(reading("A"), at / 10, 0.8, 2.0) for at in range(6)]
    assert [belief.committed for belief in beliefs] == [None] * 4 + ["A"] + [None]


def test_what_a_stalled_stream_did_not_show_is_not_held() -> None:
    stabiliser = Stabiliser()
    stabiliser.step(reading("A"), 0.0, 0.3, 2.0)
    assert stabiliser.step(reading("A"), 60.0, 0.3, 2.0).committed is None
    assert stabiliser.step(reading("A"), 60.3, 0.3, 2.0).committed == "A"


def test_after_a_stall_another_sign_is_believed_at_once() -> None:
    stabiliser = Stabiliser()
    signs = [stabiliser.step(reading(frame), at * 5.0, 0.8, 2.0).sign for at, frame in enumerate("ABAC.D")]
    assert signs == ["A", "B", "A", "C", None, "D"]


def test_only_a_written_sign_has_full_progress() -> None:
    written = False
    for belief in play("AB" * 60 + "A?" * 20 + "A" * 12):
        written = written or belief.committed is not None
        assert belief.progress < 1 or written


def test_an_interruption_keeps_what_is_held_and_does_not_count() -> None:
    stabiliser = Stabiliser()
    for at in range(5):
        stabiliser.step(reading("A"), at / 10, 0.8, 2.0)
    stabiliser.pause()
    belief = stabiliser.step(reading("A"), 90.0, 0.8, 2.0)
    assert belief.progress == pytest.approx(0.5)
    assert belief.committed is None


def test_reset_forgets_the_half_held_letter() -> None:
    stabiliser = Stabiliser()
    for at in range(8):
        stabiliser.step(reading("A"), at / 10, 0.8, 2.0)
    stabiliser.reset()
    assert stabiliser.step(reading("A"), 0.8, 0.8, 2.0).progress == 0


def test_a_sign_that_was_drawn_is_committed_and_its_last_pose_is_spent_with_it() -> None:
    stabiliser = Stabiliser()
    for at in range(6):
        stabiliser.step(reading("I"), at / 10, 0.8, 2.0)
    stabiliser.commit_now("J", frozenset("IJ"))
    beliefs = [stabiliser.step(reading(frame), 0.6 + at / 10, 0.8, 2.0) for at, frame in enumerate("I" * 20 + "J" * 20)]
    assert {belief.committed for belief in beliefs} == {None}
    assert {belief.progress for belief in beliefs} == {1.0}


@pytest.mark.parametrize("frames", ["." * 4 + NINE_A.replace("A", "I"), "A" * 4 + NINE_A.replace("A", "I")])
def test_the_pose_means_itself_again_once_it_was_given_up(frames: str) -> None:
    stabiliser = Stabiliser()
    stabiliser.commit_now("J", frozenset("IJ"))
    beliefs = [stabiliser.step(reading(frame), at / 10, 0.8, 2.0) for at, frame in enumerate(frames)]
    assert [belief.committed for belief in beliefs if belief.committed] == ["I"]


def test_the_pose_means_itself_again_once_the_hand_moved_on_but_the_sign_itself_stays_spent() -> None:
    for frame, text in (("I", ["I"]), ("J", [])):
        stabiliser = Stabiliser()
        stabiliser.commit_now("J", frozenset("IJ"))
        stabiliser.free_pose()
        beliefs = [stabiliser.step(reading(frame), at / 10, 0.8, 2.0) for at in range(20)]
        assert [belief.committed for belief in beliefs if belief.committed] == text


def test_a_hand_that_draws_holds_nothing_and_loses_nothing() -> None:
    stabiliser = Stabiliser()
    drawing = [""] * 5 + ["IJ"] * 20 + [""] * 5
    beliefs = [stabiliser.step(reading("I"), at / 10, 0.8, 2.0, frozenset(alike)) for at, alike in enumerate(drawing)]
    assert [belief.progress for belief in beliefs[4:25]] == pytest.approx([0.5] * 21)
    assert [belief.committed for belief in beliefs[25:]] == [None, None, None, "I", None]


def test_a_hand_that_does_not_look_like_what_is_drawn_holds_as_ever() -> None:
    stabiliser = Stabiliser()
    beliefs = [stabiliser.step(reading("L"), at / 10, 0.8, 2.0, frozenset("DGXZ")) for at in range(9)]
    assert beliefs[-1].committed == "L"


def test_a_drawn_sign_opens_a_word() -> None:
    stabiliser = Stabiliser()
    stabiliser.commit_now("J", frozenset("IJ"))
    beliefs = [stabiliser.step(reading("."), at / 10, 0.8, 2.0) for at in range(40)]
    assert sum(belief.word_ended for belief in beliefs) == 1


@pytest.mark.parametrize(
    ("frames", "unread"),
    [
        pytest.param("A" * 12, "", id="a letter that is written is not unread"),
        pytest.param("A" * 30 + "." * 9, "", id="nor what is held on"),
        pytest.param("A" * 12 + "??" + "A" * 12 + "." * 9, "", id="nor its flicker"),
        pytest.param("A" * 5 + "." * 5, "", id="a hand that only passes is nothing"),
        pytest.param("A" * 7 + "." * 5, "A", id="a letter let go too early"),
        pytest.param("b" * 9 + "." * 5, "B", id="a letter that is not believed, before the hand goes"),
        pytest.param("b" * 9 + "A" * 12, "B", id="a letter that is not believed, before another"),
        pytest.param("A" * 12 + "b" * 12 + "C" * 12, "B", id="between two letters"),
        pytest.param("A" * 12 + "??" + "C" * 12, "", id="a mere transition"),
        pytest.param("A" * 12 + "." * 6 + "C" * 12, "", id="no hand is no letter"),
        pytest.param("SESSESSES.....", "S", id="readings that flicker"),
    ],
)
def test_a_sign_that_came_to_nothing_is_told(frames: str, unread: str) -> None:
    told = [belief.unread for belief in play(frames) if belief.unread]
    assert "".join(max(shares, key=lambda label: shares[label]) for shares in told) == unread


def test_a_committed_letter_tells_what_was_seen_of_it() -> None:
    (shares,) = [belief.shares for belief in play("A" * 12 + "." * 9) if belief.shares]
    assert shares["A"] == pytest.approx(0.95)
    assert sum(shares.values()) == pytest.approx(1.0)
    (shares,) = [belief.shares for belief in play("A" * 4 + "a" + "A" * 9) if belief.shares]
    assert shares["A"] == pytest.approx(0.95)  # the doubtful frame held nothing

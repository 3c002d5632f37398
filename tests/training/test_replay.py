"""Recordings played to a real server by the real protocol: what is read, how it is compared, and what is refused."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser import clips, drawn_hands
from tests.colours import LETTERS, colour_of
from tests.server import ROOT
from tests.training import joints, shapes
from training import replay
from training.replaying import Played, Recording, ReplayError, figures, read_recording, signs_of
from training.spelled import aligned, doubled, edits

# --- text beside text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "wanted", "expected"),
    [
        ("HELLO", "HELLO", (0, 0, 0)),
        ("HELO", "HELLO", (1, 0, 0)),
        ("HEXLO", "HELLO", (0, 1, 0)),
        ("XHELLO", "HELLO", (0, 0, 1)),
        ("", "AB", (2, 0, 0)),
        ("AB", "", (0, 0, 2)),
        ("XBC", "ABCD", (1, 1, 0)),
    ],
)
def test_edits_are_the_fewest(read: str, wanted: str, expected: tuple[int, int, int]) -> None:
    assert edits(read, wanted) == expected


@pytest.mark.parametrize(
    ("read", "kept"), [("BOOKKEEPER", 3), ("BOKKEEPER", 2), ("BOXKKEPER", 1), ("", 0), ("BOOOKKEEPER", 3)]
)
def test_doubled_letters_are_kept_where_both_are_read(read: str, kept: int) -> None:
    assert doubled(aligned(read, "BOOKKEEPER")) == (3, kept)


# --- reading recordings -----------------------------------------------------------------------------------------


def write_table(path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])


def write_frames(folder: Path, frames: Sequence[tuple[str, np.ndarray]]) -> Path:
    """Frames with a labels.csv."""
    names = [f"frame_{number:04}.jpg" for number in range(len(frames))]
    for name, (_, rgb) in zip(names, frames, strict=True):
        shapes.save(folder / name, rgb)
    rows = [(name, label) for name, (label, _) in zip(names, frames, strict=True)]
    write_table(folder / "labels.csv", ("frame", "label"), rows)
    return folder


def test_a_folder_per_label_and_a_video_are_recordings_too(tmp_path: Path) -> None:
    folder = shapes.by_label(tmp_path / "signs", each=2, labels=("B", "A"))
    recording = read_recording(folder)
    assert (recording.labels, recording.rate) == (["A", "A", "B", "B"], 10.0)
    film = clips.write(tmp_path / "film.mjpeg", [(clips.plain(), 0.1)])
    assert read_recording(film).rate == 10.0
    assert [rgb.shape for rgb in read_recording(film, rate=5).pictures()] == 3 * [(480, 640, 3)]


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no film")
    (tmp_path / "empty").mkdir()
    folder = write_frames(tmp_path / "frames", [("A", clips.plain())])
    write_table(folder / "boxes.csv", ("frame", "box_x"), [("other.jpg", "")])
    for name, said in (
        ("film.mp4", "no video"),
        ("empty", "no pictures"),
        ("nowhere", "no such file"),
        ("frames", r"box_x say nothing of frame_0000\.jpg"),
    ):
        with pytest.raises(ReplayError, match=said):
            read_recording(tmp_path / name)
    write_table(folder / "boxes.csv", ("frame", "box_x", "box_y"), [("frame_0000.jpg", 1, 2)])
    with pytest.raises(ReplayError, match="a box is not four numbers"):
        read_recording(folder)
    (folder / "labels.csv").write_bytes(b"frame,label\nframe_0000.jpg,\xff\n")
    with pytest.raises(ReplayError, match="not a CSV table in UTF-8"):
        read_recording(folder)


def test_a_text_parts_two_holds_that_the_labels_run_together() -> None:
    recording = Recording("x", 10.0, [], ["H"] * 4 + ["L"] * 8 + ["nothing"] * 2 + ["O"] * 2)
    assert [sign.label for sign in signs_of(recording)] == ["H", "L", "O"]
    parted = signs_of(recording, "HLLO")
    assert [(sign.label, sign.start_seconds, sign.end_seconds) for sign in parted] == [
        ("H", 0.0, 0.4),
        ("L", 0.4, 0.8),
        ("L", 0.8, 1.4),
        ("O", 1.4, 1.6),
    ]
    with pytest.raises(ReplayError, match="do not show HALLO"):
        signs_of(recording, "HALLO")
    bounced = Recording("x", 10.0, [], ["L", "nothing", "L"])
    assert [sign.label for sign in signs_of(bounced)] == ["L", "L"]
    assert signs_of(bounced, "LL") == signs_of(bounced)
    with pytest.raises(ReplayError, match="do not show LLL"):
        signs_of(bounced, "LLL")


# --- playing ----------------------------------------------------------------------------------------------------


def replayed(*arguments: object) -> list[dict[str, Any]]:
    assert replay.main([str(argument) for argument in (*arguments, "--json", "figures.json")]) == 0
    return json.loads(Path("figures.json").read_text())


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """A, B, a gap and B again at ten frames a second; then a C where the labels say that no hand is shown."""
    parts = [("A", "A", 12), ("B", "B", 12), ("nothing", "nothing", 6), ("B", "B", 12), ("nothing", "C", 12)]
    shown = [(label, colour) for label, colour, count in parts for _ in range(count)]
    wall = clips.plain(colour_of(LETTERS, "nothing"))
    frames = [(label, clips.in_box(colour_of(LETTERS, colour), wall)) for label, colour in shown]
    folder = write_frames(tmp_path / "ABB", frames)
    left, top, side = clips.BOX
    hand = side / 1.5
    box = (left + (side - hand) / 2, top + (side - hand) / 2, hand, hand)
    rows = [
        (f"frame_{at:04}.jpg", *(box if colour != "nothing" else ("",) * 4)) for at, (_, colour) in enumerate(shown)
    ]
    write_table(folder / "boxes.csv", ("frame", "box_x", "box_y", "box_w", "box_h"), rows)
    return folder


def test_given_boxes_are_read_timed_and_compared(
    colours: Path, colour_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (result,) = replayed("--model", colour_models / "letters", "--boxes", colours)
    assert result["refused"] == []
    assert (result["text"], result["wanted"]) == ("ABBC", "ABB")
    assert (result["missed"], result["wrong"], result["added"]) == (0, 0, 1)
    assert result["character_error_rate"] == pytest.approx(1 / 3)
    assert (result["doubled_letters"], result["doubled_letters_kept"]) == (1, 1)
    assert result["letters_without_hand"] == 1
    assert (result["signs"], result["signs_in_time"], result["hand_found"]) == (3, 3, 1.0)
    assert result["seconds_to_commit_median"] == pytest.approx(0.8)
    assert result["letters_a_minute"] == pytest.approx(60 * 4 / 5.4)
    assert "doubled letters kept: 1 of 1" in capsys.readouterr().out


def test_the_pace_and_the_clock_are_the_recording_s(colours: Path, colour_models: Path) -> None:
    (result,) = replayed("--model", colour_models / "letters", "--boxes", "--pace", "slow", "--rate", "5", colours)
    assert result["text"] == "ABBC"
    assert result["seconds_to_commit_median"] == pytest.approx(1.2)


def test_a_tracked_hand_is_sent_with_its_joints(tmp_path: Path) -> None:
    bundle = joints.write_bundle(tmp_path / "sides")
    shown = [("left", drawn_hands.hand("L"))] * 12 + [("nothing", drawn_hands.wall())] * 8
    recording = write_frames(tmp_path / "L", shown)
    (told,) = replayed("--model", bundle, recording)
    assert told["refused"] == []
    assert (told["text"], told["wanted"], told["character_error_rate"]) == ("left", "left", 0.0)
    assert told["letters_without_hand"] == 0
    assert told["hand_found"] >= 11 / 12  # the first look at a hand may miss it
    (alone,) = replayed("--model", bundle, "--no-landmarks", recording)
    assert alone["text"] == "right"  # the crop is bright


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--boxes", "."], "there are no pictures here"), (["--model", "nowhere", "."], "there is no card")],
    ids=["no recording", "no model"],
)
def test_replay_refuses_with_a_sentence(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main(["--url", "http://127.0.0.1:9", *arguments] if "--boxes" in arguments else arguments) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nowhere"])
def test_a_server_that_is_not_there_is_said(url: str, colours: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main(["--url", url, "--boxes", str(colours)]) == 1
    assert f"no Handspell server at {url}" in capsys.readouterr().err


def test_one_bad_recording_does_not_cost_the_others(
    colours: Path, colour_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--model", colour_models / "letters", "--boxes", "--json", "figures.json", tmp_path / "nowhere", colours]
    assert replay.main([str(word) for word in command]) == 1
    assert [result["text"] for result in json.loads(Path("figures.json").read_text())] == ["ABBC"]
    assert "nowhere: there is no such file" in capsys.readouterr().err


def test_a_text_of_spaces_alone_is_compared_with_nothing() -> None:
    recording = Recording("x", 10.0, [], ["space", "space"])
    for wanted in ("", " "):
        assert "character_error_rate" not in figures(recording, Played(found=[True, True]), wanted)


@pytest.mark.hands
def test_a_real_recording_is_followed_through(hands: Path) -> None:
    (result,) = replayed("--model", ROOT / "models" / "digits", hands / "sequences" / "nithi_digits_0_9")
    assert result["text"] == result["wanted"] == "0123456789"
    assert result["hand_found"] == 1.0

"""The drawn hands: what many signers have in common, and what it is drawn of."""

import csv
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from tests.browser.drawn_hands import landmarks
from training import chart, drawing, poses
from training.data import LANDMARK_COLUMNS, Sample
from training.hints import HINTS, Hint


def sample(points: np.ndarray, signer: str = "ann", left_hand: bool = False) -> Sample:
    return Sample(
        Path(f"{signer}.jpg"), "L", signer, "tracked", landmarks=points.astype(np.float32), left_hand=left_hand
    )


def moved(points: np.ndarray, size: float, degrees: float) -> np.ndarray:
    turn = np.radians(degrees)
    around = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    copy = points * size
    copy[:, :2] = copy[:, :2] @ around + 0.1
    return copy


def shape(points: np.ndarray) -> np.ndarray:
    """All distances in the picture's plane, which no place and no turn changes."""
    flat = points[:, :2]
    return np.linalg.norm(flat[:, None] - flat[None], axis=2)


def test_place_size_and_tilt_of_a_picture_do_not_matter() -> None:
    hand = landmarks()["L"]
    same = [
        sample(moved(hand, size, tilt), signer) for signer, size, tilt in (("a", 1, 0), ("b", 0.5, 20), ("c", 1.4, -15))
    ]
    one, all_ = poses.mean_pose(same[:1]), poses.mean_pose(same)
    np.testing.assert_allclose(shape(all_.points), shape(one.points), atol=1e-4)


def test_a_left_hand_is_the_same_sign() -> None:
    hand = landmarks()["L"]
    right, left = sample(hand), sample(hand * [-1, 1, 1], left_hand=True)
    np.testing.assert_allclose(poses.mean_pose([left]).points, poses.mean_pose([right]).points, atol=1e-6)


def test_signers_who_hold_it_unlike_the_others_do_not_count() -> None:
    hands = [sample(landmarks()["L"] * (1 + 0.01 * number), f"s{number}") for number in range(6)]
    with_others = [*hands, *(sample(landmarks()["A"], f"o{number}") for number in range(3))]
    pose = poses.mean_pose(with_others)
    assert pose.signers <= 6
    np.testing.assert_allclose(pose.points, poses.mean_pose(hands).points, atol=0.02)


def test_a_signer_counts_once_however_many_pictures_there_are() -> None:
    pictures = [sample(landmarks()["L"])] * 50
    pose = poses.mean_pose(pictures)
    assert (pose.signers, pose.pictures) == (1, 50)


def test_without_landmarks_there_is_no_pose() -> None:
    with pytest.raises(ValueError, match="landmarks"):
        poses.mean_pose([Sample(Path("x.jpg"), "L")])


def test_pictures_are_chosen_by_where_the_forefinger_points() -> None:
    up = sample(landmarks()["L"])
    aside = sample(moved(landmarks()["L"], 1, 90), "bob")
    assert poses.pointing([up, aside], 90) == [up]
    assert poses.pointing([up, aside], 0) == [aside]


def test_a_folded_finger_lies_before_the_palm_and_a_straight_one_is_one_piece() -> None:
    upright = drawing.posed(poses.mean_pose([sample(landmarks()["L"])]).points, HINTS["L"])
    parts = drawing.pieces(upright)
    assert parts[0].name == "palm"
    assert {part.name for part in parts if part.front} == {"middle", "ring", "little"}
    assert sum(part.name == "index" for part in parts) == 1


def test_what_lies_over_all_others_is_drawn_last() -> None:
    upright = drawing.posed(poses.mean_pose([sample(landmarks()["S"])]).points, HINTS["S"])
    assert drawing.pieces(upright, ("thumb",))[-1].name == "thumb"


def test_a_hint_moves_its_joints_and_turns_the_palm() -> None:
    points = poses.mean_pose([sample(landmarks()["L"])]).points
    placed = drawing.posed(points, Hint(joints={8: (0.5, -1.0)}))
    np.testing.assert_allclose(placed[8, :2], (0.5, -1.0), atol=1e-9)
    aside = drawing.posed(points, Hint(axis=0))
    right, down = aside[[5, 9, 13, 17], :2].mean(axis=0) - aside[0, :2]
    assert right > 0.5
    assert abs(down) < 1e-6


@pytest.fixture
def data_of_two(tmp_path: Path) -> Path:
    """A manifest of two people who sign everything alike; its pictures are not there, and are not needed."""
    with (tmp_path / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label", "signer", "set", *LANDMARK_COLUMNS])
        for label in chart.SIGNS:
            for way in (0, 90, 150):  # G, H, P and Q are chosen by where they point
                points = moved(landmarks()["B"], 1, way)
                rows.writerow([f"{label}{way}.jpg", label, f"s{way}", "tracked", *points.reshape(-1).tolist()])
                rows.writerow([f"{label}{way}k.jpg", label, f"s{way}", "kaggle_asl", *points.reshape(-1).tolist()])
    return tmp_path


def test_the_command_draws_every_sign(data_of_two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = data_of_two / "hands.svg"
    assert chart.main(["--data", str(data_of_two), "--out", str(out)]) == 0
    root = ElementTree.fromstring(out.read_text("utf-8"))
    assert [symbol.attrib["id"] for symbol in root] == [f"hand-{sign}" for sign in chart.SIGNS]
    assert all(len(symbol) >= 6 for symbol in root)
    assert f"{len(chart.SIGNS)} signs" in capsys.readouterr().out


def test_a_sign_without_pictures_is_named(data_of_two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert chart.main(["--data", str(data_of_two), "--sets", "nothing", "--out", str(data_of_two / "x.svg")]) == 1
    assert "A cannot be drawn" in capsys.readouterr().err
    assert not (data_of_two / "x.svg").exists()


def test_all_hands_are_within_their_pictures() -> None:
    text = (Path(chart.__file__).parent.parent / "templates" / "hands.svg").read_text("utf-8")
    symbols = re.findall(r'<symbol id="hand-(\w+)" viewBox="0 0 (\d+) (\d+)">(.*?)</symbol>', text)
    assert len(symbols) == len(chart.SIGNS)
    for sign, width, height, drawn in symbols:
        for start, steps in re.findall(r'd="M([\d.\- ]+)l([^"MZ]*)', drawn):
            places = np.cumsum([numbers(start), *pairs(steps)], axis=0)
            assert (places > -1).all(), sign
            assert (places < [float(width) + 1, float(height) + 1]).all(), sign


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)]


def pairs(text: str) -> list[list[float]]:
    flat = numbers(text)
    return [flat[at : at + 2] for at in range(0, len(flat), 2)]

"""evaluate, robustness, predict, prepare and compare: what they print about pictures whose answers are known."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest

from tests.browser import drawn_hands
from tests.colours import DIGITS, colour_jpeg, colour_of
from tests.server import ROOT
from tests.training import joints, shapes
from training import compare, comparison, conditions, evaluate, predict, prepare, replay, robustness, track
from training.data import LANDMARK_COLUMNS, Sample, read_data
from training.evaluation import tracked
from training.prediction import Reader, annotated, message_of
from training.served import as_served, landmarks_as_served
from training.workflow import TrainOptions
from webapp.core.bundle import CARD_NAME
from webapp.core.frames import jpeg_size
from webapp.core.hands import Followed, Hand
from webapp.core.messages import NO_HAND, hand_message
from webapp.inference import Network
from webapp.tracker import HandTracker


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        (replay, ["--rate", "0", "x"], "a number above zero is wanted, not '0'"),
        (replay, ["--rate", "inf", "x"], "a number above zero is wanted, not 'inf'"),
        (track, ["--every", "soon", "--out", "x", "y"], "a number above zero is wanted, not 'soon'"),
        (robustness, ["--limit", "-3"], "a whole number is wanted, not '-3'"),
        (robustness, ["--figure", "figure.doc"], "'figure.doc' must end in .png or .svg"),
        (evaluate, ["--json", "nowhere/x.json"], "'nowhere/x.json' is no file in a folder that is there"),
        (predict, ["--box", "1,2", "x.jpg"], "three whole numbers X,Y,SIDE are wanted, not '1,2'"),
    ],
)
def test_wrong_options_are_refused_before_any_work(
    tool: ModuleType, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        tool.main(arguments)
    assert said in capsys.readouterr().err


def test_tools_that_only_read_start_without_a_backend() -> None:
    command = (
        "import sys, training.evaluate, training.predict, training.replay, training.robustness, training.track; "
        "sys.exit(', '.join({'keras', 'tensorflow'} & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# --- evaluate ---------------------------------------------------------------------------------------------------


@pytest.fixture
def coloured(tmp_path: Path) -> Path:
    """Signers ada and bo: ada's A, B and C read right; one of bo's two C is really a B; an unknown label; a broken file."""
    pictures = [
        ("ada", "A", "A", "dev"), ("ada", "B", "B", "dev"), ("ada", "C", "C", "dev"),
        ("bo", "C", "C", "dev"), ("bo", "C", "B", "dev"), ("bo", "J", "A", "dev"),
        ("cy", "A", "B", "train"), ("bo", "ß", "A", "dev"), ("bo", "nothing", "nothing", "dev"),
    ]  # fmt: skip
    rows = []
    for number, (signer, label, shown, split) in enumerate(pictures):
        (tmp_path / "d").mkdir(exist_ok=True)
        (tmp_path / "d" / f"{number}.jpg").write_bytes(colour_jpeg(shown))
        rows.append({"path": f"{number}.jpg", "label": label, "signer": signer, "split": split})
    (tmp_path / "d" / "broken.jpg").write_bytes(colour_jpeg("A")[:300])
    rows.append({"path": "broken.jpg", "label": "A", "signer": "ada", "split": "dev"})
    return shapes.with_manifest(tmp_path / "d", rows)


def evaluated(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert evaluate.main([str(argument) for argument in arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_evaluate_prints_the_agreed_json(
    coloured: Path, colour_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = evaluated(
        capsys, "--model", colour_models / "letters", "--data", coloured, "--split", "dev", "--exclude", "J,Z"
    )
    assert {"accuracy", "macro_by_signer", "by_signer", "by_label", "roc_auc", "confusion", "n"} <= result.keys()
    assert result["n"] == 6
    assert result["accuracy"] == pytest.approx(5 / 6)
    assert result["by_signer"] == {"ada": 1.0, "bo": pytest.approx(2 / 3)}
    assert result["macro_by_signer"] == pytest.approx(5 / 6)
    assert result["by_label"]["C"] == {"precision": 1.0, "recall": pytest.approx(2 / 3), "f1": 0.8, "support": 3}
    assert set(result["by_label"]) == {"A", "B", "C", "nothing"}
    assert result["confusion"][2][1] == 1


def test_evaluate_counts_what_it_could_not_ask_about(
    coloured: Path, colour_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = evaluated(capsys, "--model", colour_models / "letters", "--data", coloured)
    assert result["unknown_labels"] == {"ß": 1}
    assert len(result["left_out"]) == 1
    assert "broken.jpg" in result["left_out"][0]


def test_evaluate_names_the_signs_that_a_signer_s_hand_is_mostly_not_read_as(
    coloured: Path, colour_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main(["--model", str(colour_models / "letters"), "--data", str(coloured)]) == 0
    captured = capsys.readouterr()
    result = json.loads(captured.out)
    # Of bo's C one in two is read right, which is not under half of them; J was shown as A, and cy's A as B.
    assert (result["pairs"], result["missed_pairs"]) == (7, {"bo": {"J": 0.0}, "cy": {"A": 0.0}})
    assert "under half of the pictures: 2 of 7 pairs of signer and label: bo J 0.00, cy A 0.00" in captured.err


def test_evaluate_says_when_the_model_has_learnt_from_these_signers(
    coloured: Path, colour_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = shutil.copytree(colour_models / "letters", tmp_path / "learnt")
    card = json.loads((model / CARD_NAME).read_text()) | {"split": {"train_signers": ["", "ada", "eve"]}}
    (model / CARD_NAME).write_text(json.dumps(card))
    assert evaluate.main(["--model", str(model), "--data", str(coloured)]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["learnt_from"] == 3 / 8
    assert "learnt from the signers of 37.5% of these pictures" in captured.err
    assert evaluate.main(["--model", str(colour_models / "letters"), "--data", str(coloured)]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["learnt_from"] == 0
    assert "learnt" not in captured.err


def test_evaluate_writes_a_file_when_asked(
    coloured: Path, colour_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(colour_models / "letters")
    assert evaluate.main(["--model", model, "--data", str(coloured), "--json", "figures.json"]) == 0
    assert json.loads(Path("figures.json").read_text())["n"] == 8
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "mean over signers" in captured.err


def test_evaluate_notes_in_cards_what_strangers_signs_are_taken_for(
    coloured: Path, colour_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, other = (shutil.copytree(colour_models / "letters", tmp_path / name) for name in ("measured", "served"))
    arguments = ["--model", str(model), "--data", str(coloured), "--split", "dev"]
    assert evaluate.main([*arguments, "--note-in", str(model), "--note-in", str(other)]) == 0
    for folder in (model, other):
        assert Network(folder).card.often_taken_for()["C"] == [("B", pytest.approx(0.25, abs=1e-4))]

    card = json.loads((model / CARD_NAME).read_text()) | {"split": {"train_signers": ["ada"]}}
    (model / CARD_NAME).write_text(json.dumps(card))
    assert evaluate.main([*arguments, "--note-in", str(other)]) == 1
    assert "These people are none the model has never seen" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("model", "data", "said"),
    [("nowhere", "d", "there is no card"), ("letters", "empty", "There is nothing to evaluate on")],
    ids=["no model", "no data"],
)
def test_evaluate_refuses_with_a_sentence(
    model: str, data: str, said: str, colour_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main(["--model", str(colour_models / model), "--data", str(tmp_path / data)]) == 1
    assert said in capsys.readouterr().err


@pytest.fixture(scope="session")
def joint_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two-input bundle of tests/training/joints.py."""
    return joints.write_bundle(tmp_path_factory.mktemp("joints") / "sides")


def points_with_wrist(x: float) -> dict[str, float]:
    """A row's landmarks: the wrist at x, the other joints in the middle."""
    return {column: 0.5 for column in LANDMARK_COLUMNS} | {"lm0x": x}


@pytest.fixture
def wrists(tmp_path: Path) -> Path:
    """Dark crops: ada's right hand, bo's left one, and one of cy's whose landmarks nobody knows."""
    rows: list[dict[str, object]] = [
        {"path": "a.jpg", "label": "right", "signer": "ada", "handedness": "Left", **points_with_wrist(0.8)},
        {"path": "b.jpg", "label": "left", "signer": "ada", "handedness": "Left", **points_with_wrist(0.2)},
        # A right hand's word for an unmirrored picture is "Left": this is a left hand, read in the mirror.
        {"path": "c.jpg", "label": "right", "signer": "bo", "handedness": "Right", **points_with_wrist(0.2)},
        {"path": "d.jpg", "label": "left", "signer": "cy", "handedness": ""},
    ]
    for row in rows:
        shapes.save(tmp_path / "w" / str(row["path"]), np.full((96, 96, 3), 20, np.uint8))
    return shapes.with_manifest(tmp_path / "w", rows)


def test_evaluate_gives_the_network_the_landmarks_it_takes_and_mirrors_left_hands(
    wrists: Path, joint_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = evaluated(capsys, "--model", joint_bundle, "--data", wrists)
    assert result["by_signer"] == {"ada": 1.0, "bo": 1.0, "cy": 1.0}
    assert result["without_landmarks"] == 0.25


def test_evaluate_reads_the_crop_alone_when_told(
    wrists: Path, joint_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main(["--model", str(joint_bundle), "--data", str(wrists), "--no-landmarks"]) == 0
    captured = capsys.readouterr()
    result = json.loads(captured.out)
    assert result["by_signer"] == {"ada": 0.5, "bo": 0.0, "cy": 1.0}  # all crops are dark
    assert result["without_landmarks"] == 1.0
    assert "without landmarks: 100.0% of the pictures" in captured.err


@pytest.mark.parametrize(("arguments", "share"), [((), 1.0), (("--track",), 0.5)], ids=["as given", "tracked"])
def test_evaluate_tracks_what_has_no_landmarks(
    arguments: tuple[str, ...], share: float, tmp_path: Path, joint_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shapes.save(tmp_path / "t" / "right" / "hand.jpg", drawn_hands.hand("V"))
    shapes.save(tmp_path / "t" / "right" / "wall.jpg", drawn_hands.wall())
    result = evaluated(capsys, "--model", joint_bundle, "--data", tmp_path / "t", *arguments)
    assert result["without_landmarks"] == share


def test_a_tracked_photograph_is_cut_and_a_crop_is_kept(tmp_path: Path) -> None:
    left, top, side = drawn_hands.clips.BOX
    photograph = drawn_hands.hand("V")
    shapes.save(tmp_path / "photograph.jpg", photograph)
    shapes.save(tmp_path / "crop.jpg", np.ascontiguousarray(photograph[top : top + side, left : left + side]))
    tracker = HandTracker()
    whole, crop = (tracked(Sample(tmp_path / f"{name}.jpg", "V"), tracker) for name in ("photograph", "crop"))
    assert crop.box is None
    assert as_served(crop) == crop.path.read_bytes()
    assert whole.box is not None
    assert jpeg_size(as_served(whole)) == (224, 224)
    for sample in (whole, crop):
        assert not sample.left_hand
        flat = landmarks_as_served(sample)
        assert flat is not None
        expected = drawn_hands.landmarks()["V"]
        extent = np.ptp(flat.reshape(21, 3)[:, :2], axis=0).max()
        assert extent == pytest.approx(1 / 1.5, abs=0.01 if sample is whole else 0.1)
        assert np.abs(flat.reshape(21, 3)[:, :2] - expected[:, :2]).max() < 0.12


def test_landmarks_are_fractions_of_the_square_that_is_cut_out(tmp_path: Path) -> None:
    shapes.save(tmp_path / "wide.jpg", np.zeros((100, 200, 3), np.uint8))
    points = np.zeros((21, 3), np.float32)
    points[:, :2] = (0.5, 0.5)
    points[0] = (0.4, 0.3, 0.05)  # 80, 30 and 10 deep in pixels
    points[1] = (0.6, 0.7, -0.05)  # 120, 70
    # The landmarks' box is 40 pixels a side about (100, 50), and the square 60: from (70, 20) to (130, 80).
    flat = landmarks_as_served(Sample(tmp_path / "wide.jpg", "A", landmarks=points, box=(80, 30, 40, 40)))
    assert flat is not None
    np.testing.assert_allclose(flat[:6], [10 / 60, 10 / 60, 10 / 60, 50 / 60, 50 / 60, -10 / 60], atol=1e-6)
    assert landmarks_as_served(Sample(tmp_path / "wide.jpg", "A")) is None


@pytest.mark.hands
def test_evaluate_cuts_the_hand_out_of_whole_photographs(hands: Path) -> None:
    samples, _ = read_data([hands])
    photograph = next(sample for sample in samples if sample.set == "davidlee" and sample.box is not None)
    width, height = jpeg_size(as_served(photograph))
    assert width == height <= 224


# --- robustness -------------------------------------------------------------------------------------------------


def test_robustness_measures_every_change_with_and_without_landmarks(
    wrists: Path, joint_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--model", joint_bundle, "--data", wrists, "--json", "r.json", "--figure", "r.png"]
    assert robustness.main([str(word) for word in command]) == 0
    result = json.loads(Path("r.json").read_text())
    rows = {(row["change"], row["amount"]): row for row in result["rows"]}
    assert len(rows) == len(conditions.CONDITIONS)
    assert result["n"] == 4
    unchanged = rows["unchanged", ""]
    assert unchanged["with_landmarks"]["by_signer"] == {"ada": 1.0, "bo": 1.0, "cy": 1.0}
    assert unchanged["crop_alone"]["by_signer"] == {"ada": 0.5, "bo": 0.0, "cy": 1.0}
    assert rows["left hand", "told"]["with_landmarks"] == unchanged["with_landmarks"]
    astray = rows["left hand", "not told"]
    assert astray["with_landmarks"]["by_signer"] == {"ada": 0.0, "bo": 0.0, "cy": 1.0}
    assert astray["falls"] == ["with landmarks"]
    assert "falls 67 points with landmarks" in capsys.readouterr().out
    assert cv2.imread("r.png") is not None


def test_robustness_without_landmarks_has_one_column(
    coloured: Path, colour_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--model", colour_models / "letters", "--data", coloured, "--limit", "5"]
    assert robustness.main([str(word) for word in command]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0] == "| change | amount | crop alone | remark |"
    assert "broken.jpg" in captured.err
    assert "4 pictures" in captured.err


def test_robustness_interrupted_tells_what_it_has(
    wrists: Path, joint_bundle: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(shown: conditions.Shown, rng: np.random.Generator) -> conditions.Shown:
        raise KeyboardInterrupt

    short = (conditions.CONDITIONS[0], conditions.Condition("stop", "", interrupt))
    monkeypatch.setattr(conditions, "CONDITIONS", short)
    assert robustness.main(["--model", str(joint_bundle), "--data", str(wrists)]) == 1
    captured = capsys.readouterr()
    assert "Interrupted after 1 of 2 rows" in captured.err
    assert "| unchanged |" in captured.out


def test_robustness_refuses_with_a_sentence(
    joint_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert robustness.main(["--model", str(joint_bundle), "--data", str(tmp_path / "nowhere")]) == 1
    assert "no pictures to measure with" in capsys.readouterr().err


# --- predict ----------------------------------------------------------------------------------------------------


def test_predict_names_the_sign_of_a_picture(
    tmp_path: Path, colour_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "k.jpg").write_bytes(colour_jpeg("K"))
    assert predict.main(["--model", str(colour_models / "letters"), str(tmp_path / "k.jpg")]) == 0
    first, likeliest, *others, hand = capsys.readouterr().out.splitlines()
    assert first.endswith("k.jpg: K")
    assert likeliest.split()[0] == "K"
    assert len(others) == 4
    assert hand == "  hand     not found: the box was read"


@pytest.fixture(scope="session")
def finding(joint_bundle: Path) -> Reader:
    """Reads the wrist's side of the crop where a hand is found, bright as `right` where none is."""
    return Reader(Network(joint_bundle), HandTracker())


def test_predict_reads_the_hand_that_the_tracker_finds(
    tmp_path: Path, joint_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shapes.save(tmp_path / "h" / "hand.jpg", drawn_hands.hand("L"))
    shapes.save(tmp_path / "h" / "mirror.jpg", np.ascontiguousarray(drawn_hands.hand("L")[:, ::-1]))
    shapes.save(tmp_path / "h" / "wall.jpg", drawn_hands.wall())
    command = ["--model", str(joint_bundle), str(tmp_path / "h")]
    assert predict.main(command) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert [(name, sign, hand) for name, sign, *_, hand in rows] == [
        ("hand.jpg", "left", "right"),
        ("mirror.jpg", "left", "left"),
        ("wall.jpg", "right", "-"),
    ]
    assert predict.main([*command[:2], "--no-track", command[2]]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert [(sign, hand) for _, sign, *_, hand in rows] == 3 * [("right", "-")]


def test_predict_sends_the_square_about_the_hand_and_a_crop_whole(finding: Reader) -> None:
    left, top, side = drawn_hands.clips.BOX
    photograph = drawn_hands.hand("V")
    crop = np.ascontiguousarray(photograph[top : top + side, left : left + side])
    whole, cut = (message_of(finding, rgb) for rgb in (crop, photograph))
    assert whole["crop"] == [0.5, 0.5, 1.0]
    expected = drawn_hands.landmarks()["V"][:, :2]
    for message in (whole, cut):
        assert jpeg_size(message["jpeg"]) == (160, 160)
        assert np.abs(np.reshape(message["landmarks"], (21, 3))[:, :2] - expected).max() < 0.12
    height = photograph.shape[0]
    np.testing.assert_allclose(cut["crop"], np.array([left + side / 2, top + side / 2, side]) / height, atol=0.06)


def test_predict_sees_the_joints_of_either_hand_as_their_signer_does(finding: Reader) -> None:
    photograph = drawn_hands.hand("L")
    right, left = (
        finding.joints(message_of(finding, np.ascontiguousarray(rgb))) for rgb in (photograph, photograph[:, ::-1])
    )
    assert right is not None
    assert left is not None
    hands = (np.array(seen) for seen in (right, left))
    fingers = [(hand - hand[0])[5:, :2] for hand in hands]  # the tracker is less sure of this thumb
    assert np.ptp(fingers[0][:, 0]) > 0.1
    np.testing.assert_allclose(*fingers, atol=0.03)
    assert finding.joints(message_of(finding, drawn_hands.wall())) is None


@pytest.mark.parametrize(
    ("arguments", "text"),
    [((), "left"), (("--no-track",), "right"), (("--box", "0,0,480"), "leftright")],
    ids=["tracked", "box", "tracked and box"],
)
def test_predict_follows_the_hand_in_a_video(
    arguments: tuple[str, ...], text: str, tmp_path: Path, joint_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = [drawn_hands.hand("L")] * 12 + [drawn_hands.wall()] * 12
    write_video(tmp_path / "film.avi", frames)
    assert predict.main(["--model", str(joint_bundle), *arguments, str(tmp_path / "film.avi")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"  text: {text}"
    copy = cv2.VideoCapture(str(tmp_path / "film-read.mp4"))
    assert int(copy.get(cv2.CAP_PROP_FRAME_COUNT)) == len(frames)
    copy.release()


def test_an_annotated_frame_shows_bones_square_sign_and_the_end_of_a_long_text() -> None:
    rgb = np.full((480, 640, 3), 128, np.uint8)
    landmarks = drawn_hands.landmarks()["V"] * 200 + (200, 150, 0)
    hand = Hand(landmarks, 1.0, 1.0)
    seen = Followed(hand, False, hand.square)
    told = {"sign": "V", "confidence": 0.9, "text": "W" * 60}
    drawn = annotated(rgb, hand_message(rgb, seen), seen, told)
    x, y = landmarks[[0, 17], :2].mean(axis=0).round().astype(int)
    assert drawn[y, x].min() > 200
    left = round(hand.square.centre_x - hand.square.side / 2)
    assert drawn[round(hand.square.centre_y), left - 2 : left + 3].max() > 200
    assert drawn[:60].max() > 200
    assert drawn[430:].max() > 200
    np.testing.assert_array_equal(drawn[:, -2:], rgb[:, -2:])
    np.testing.assert_array_equal(annotated(rgb, NO_HAND, None, {"sign": None, "text": ""}), rgb)


def test_predict_prints_a_table_for_a_folder(
    tmp_path: Path, colour_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "q.jpg").write_bytes(colour_jpeg("Q"))
    (tmp_path / "f" / "broken.jpg").write_bytes(b"\xff\xd8")
    assert predict.main(["--model", str(colour_models / "letters"), str(tmp_path / "f")]) == 0
    head, broken, good = capsys.readouterr().out.splitlines()
    assert head.split() == ["picture", "sign", "probability", "next", "hand"]
    assert "cut off" in broken
    assert good.split()[:2] == ["q.jpg", "Q"]


def write_video(path: Path, frames: Sequence[np.ndarray]) -> None:
    """Ten frames a second."""
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (width, height))
    for rgb in frames:
        writer.write(np.ascontiguousarray(rgb[..., ::-1]))
    writer.release()


def test_predict_spells_a_video_and_leaves_an_annotated_copy(
    tmp_path: Path, colour_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = tmp_path / "digits.avi"
    shown = [digit for digit in ("4", "nothing", "2") for _ in range(15)]
    write_video(video, [np.broadcast_to(colour_of(DIGITS, digit).astype(np.uint8), (120, 160, 3)) for digit in shown])
    assert predict.main(["--model", str(colour_models / "digits"), "--no-track", str(video)]) == 0
    out = capsys.readouterr().out
    assert "text: 42" in out.replace("4 2", "42")
    signs = [line.split() for line in out.splitlines() if line.endswith(("s  4", "s  2"))]
    assert [sign for *_, sign in signs] == ["4", "2"]
    assert 0.7 <= float(signs[0][0]) <= 1.0
    assert 3.5 <= float(signs[1][0]) <= 4.2
    copy = cv2.VideoCapture(str(tmp_path / "digits-read.mp4"))
    assert int(copy.get(cv2.CAP_PROP_FRAME_COUNT)) == 45
    copy.release()


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("x.mp4", [], "no video that can be read"),
        ("x.jpg", ["--box", "900,900,50"], "lies outside the picture"),
        ("x.jpg", ["--box", "1,1,0"], "lies outside the picture"),
        ("x.jpg", ["nowhere.jpg"], "nowhere.jpg: there is no such file or folder"),
        ("x.jpg", ["."], "there are no pictures in this folder"),
    ],
    ids=["not a video", "box outside", "box without a size", "no file", "empty folder"],
)
def test_predict_refuses_with_a_sentence(
    name: str, arguments: list[str], said: str, tmp_path: Path, colour_models: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / name
    path.write_bytes(colour_jpeg("A") if name == "x.jpg" else b"no video at all")
    empty = tmp_path / "empty"
    empty.mkdir()
    arguments = [str(empty) if word == "." else word for word in arguments]
    assert predict.main(["--model", str(colour_models / "letters"), *arguments, str(path)]) == 1
    assert said in capfd.readouterr().err


# --- prepare ----------------------------------------------------------------------------------------------------


def test_prepare_leaves_pictures_manifest_and_overview(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = shapes.by_signer(tmp_path / "d", each=5)
    labels = ",".join(shapes.SHAPES)
    command = ["--data", data, "--labels", labels, "--per-label", "3", "--size", "48", "--sheet", "2", "--out", "out"]
    assert prepare.main([str(word) for word in command]) == 0
    with Path("out/manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [sum(row["label"] == shape for row in rows) for shape in shapes.SHAPES] == [3, 3, 3, 3]
    assert cv2.imread(f"out/{rows[0]['path']}").shape == (48, 48, 3)
    assert cv2.imread("out/contact-sheet.png").shape == (4 * 96, 2 * 96, 3)
    assert Path("out/counts.png").stat().st_size > 1000
    assert "12 pictures" in capsys.readouterr().out


def test_prepared_pictures_can_be_trained_on(tmp_path: Path) -> None:
    data = shapes.by_signer(tmp_path / "d", each=2)
    assert prepare.main(["--data", str(data), "--labels", ",".join(shapes.SHAPES), "--size", "48", "--out", "out"]) == 0
    samples, problems = read_data([Path("out")])
    assert len(samples) == 32
    assert {sample.signer for sample in samples} == set(shapes.SIGNERS)
    assert not problems


# --- compare ----------------------------------------------------------------------------------------------------


def test_compare_puts_both_splits_beside_the_claim(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = shapes.by_signer(tmp_path / "d", each=4)
    command = (
        f"--data {data} --labels {','.join(shapes.SHAPES)} --arch lenet --arch deep-cnn --size 32 --epochs 1 --out c"
    )
    assert compare.main(command.split()) == 0
    head, _, lenet, deep = capsys.readouterr().out.strip().splitlines()[-4:]
    assert "random split | unseen signers" in head
    assert lenet.startswith("| `lenet` | 32 |")
    assert "0.737" in lenet
    assert "0.835" in deep
    before = (tmp_path / "c" / "lenet-random" / "card.json").read_bytes()
    assert compare.main(command.split()) == 0  # nothing is trained twice
    assert (tmp_path / "c" / "lenet-random" / "card.json").read_bytes() == before


def test_an_architecture_that_cannot_be_trained_is_said_and_the_table_still_comes(tmp_path: Path) -> None:
    options = TrainOptions([tmp_path / "nowhere"])
    (row,) = comparison.compare(options, ["lenet"], tmp_path / "c")
    assert "not trained" in comparison.table([row])

"""Folders and manifests become samples, splits and one list of what is wrong."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.training import shapes
from training import data
from training.data import DataError, Sample


def words(problems: list[data.Problem]) -> str:
    return "\n".join(map(str, problems))


def test_a_folder_per_label_is_read_without_signers(tmp_path: Path) -> None:
    samples, problems = data.read_data([shapes.by_label(tmp_path / "d", each=2)])
    assert {(s.label, s.signer) for s in samples} == {(shape, "") for shape in shapes.SHAPES}
    assert len(samples) == 8
    assert not problems


def test_a_folder_per_signer_is_read_with_signers(tmp_path: Path) -> None:
    samples, _ = data.read_data([shapes.by_signer(tmp_path / "d", each=1)])
    assert {s.signer for s in samples} == set(shapes.SIGNERS)
    assert {s.label for s in samples} == set(shapes.SHAPES)


def test_a_manifest_is_read_with_box_landmarks_and_hand(tmp_path: Path) -> None:
    marks = {f"lm{joint}{axis}": 0.5 for joint in range(21) for axis in "xyz"}
    row: dict[str, object] = {"path": "a/x.jpg", "label": "A", "signer": "ada", "split": "dev", "handedness": "Right"}
    box = {"box_x": 1, "box_y": 2, "box_w": 30, "box_h": 40}
    samples, problems = data.read_data([shapes.with_manifest(tmp_path / "d", [row | box | marks])])
    (sample,) = samples
    assert sample.box == (1, 2, 30, 40)
    assert sample.landmarks is not None
    assert sample.landmarks.shape == (21, 3)
    assert sample.left_hand  # the tracker says "Right" of an unmirrored left hand
    assert sample.split == "dev"
    assert not problems


def test_everything_wrong_with_a_manifest_is_in_the_list(tmp_path: Path) -> None:
    rows = [
        {"path": "a.jpg", "label": "A", "mood": "good"},
        {"path": "b.jpg", "label": "", "mood": "good"},
        {"path": "c.jpg", "label": "C", "box_x": "left", "mood": "good"},
    ]
    samples, problems = data.read_data([shapes.with_manifest(tmp_path / "d", rows)])
    assert [s.label for s in samples] == ["A"]
    said = words(problems)
    assert "unknown columns, not used: mood" in said
    assert "line 3: path or label is empty" in said
    assert "line 4: a box or landmark is not a number" in said


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "empty.jpg", "the file is empty"),
        (b"hello there", "text.jpg", "neither JPEG nor PNG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "really.jpg", "wrong extension: the file is a PNG"),
        (None, "cut.jpg", "truncated"),
        (None, "picture.png", "wrong extension: the file is a JPEG"),
    ],
    ids=["empty", "text", "png named jpg", "truncated", "jpg named png"],
)
def test_a_bad_file_is_left_out_with_its_reason(tmp_path: Path, content: bytes | None, name: str, said: str) -> None:
    folder = shapes.by_label(tmp_path / "d", each=2)
    whole = (folder / "circle" / "0.jpg").read_bytes()
    cut_off = whole[: len(whole) // 2] if name == "cut.jpg" else whole
    (folder / "circle" / name).write_bytes(cut_off if content is None else content)
    samples, _ = data.read_data([folder])
    good, problems = data.check_files(samples)
    assert len(good) == 8
    assert name in words(problems)
    assert said in words(problems)


def test_suspicious_labels_are_named(tmp_path: Path) -> None:
    samples = [Sample(tmp_path, "A", "ada"), Sample(tmp_path, "B", "ada"), Sample(tmp_path, "B", "ada")]
    said = words(data.check_labels(samples, ["A", "B", "C"]))
    assert "'A': one picture only" in said
    assert "'B': one signer only (ada)" in said
    assert "'C': no pictures" in said


def test_labels_that_were_not_asked_for_are_counted_by_name(tmp_path: Path) -> None:
    samples = [Sample(tmp_path, label) for label in "AABBB"]
    kept, problems = data.keep_labels(samples, ["A"])
    assert len(kept) == 2
    assert words(problems) == "label 'B': not among the labels (left out: 3)"


def test_a_folder_that_is_not_there_is_a_problem_and_no_traceback(tmp_path: Path) -> None:
    samples, problems = data.read_data([tmp_path / "nowhere"])
    assert samples == []
    assert "there is no such folder" in words(problems)


@pytest.mark.parametrize("text", ["A", "", " , "])
def test_fewer_than_two_labels_are_refused(text: str) -> None:
    with pytest.raises(DataError, match="fewer than two"):
        data.label_list(text)


def people(tmp_path: Path, count: int = 10, each: int = 3) -> list[Sample]:
    return [Sample(tmp_path / f"{s}-{n}", "A", f"s{s}") for s in range(count) for n in range(each)]


def test_nobody_is_on_both_sides_of_a_split_by_signer(tmp_path: Path) -> None:
    split = data.split_by_signer(people(tmp_path), [], [], 0.2, seed=3)
    train, val = {s.signer for s in split.train}, {s.signer for s in split.val}
    assert len(val) == 2
    assert not train & val
    assert "by signer" in split.rule


def test_named_signers_are_kept_apart(tmp_path: Path) -> None:
    split = data.split_by_signer(people(tmp_path), ["s1"], ["s2"], 0.2, seed=3)
    assert {s.signer for s in split.val} == {"s1"}
    assert {s.signer for s in split.test} == {"s2"}
    assert not {"s1", "s2"} & {s.signer for s in split.train}


def test_a_signer_who_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such signer: zed"):
        data.split_by_signer(people(tmp_path), ["zed"], [], 0.2, seed=3)


def test_the_manifests_own_split_is_followed(tmp_path: Path) -> None:
    samples = [Sample(tmp_path, "A", "ada", split="train"), Sample(tmp_path, "A", "bo", split="dev")]
    split = data.split_by_signer(samples, [], [], 0.5, seed=1)
    assert [s.signer for s in split.train] == ["ada"]
    assert [s.signer for s in split.val] == ["bo"]


def test_a_random_split_says_so_and_has_signers_on_both_sides(tmp_path: Path) -> None:
    split = data.split_random(people(tmp_path), 0.3, seed=1)
    assert "random" in split.rule
    assert {s.signer for s in split.train} & {s.signer for s in split.val}


def test_near_duplicates_of_unknown_signers_stay_on_one_side(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    samples = []
    for scene in range(6):
        clutter = rng.integers(0, 256, (8, 8, 3)).astype(np.uint8)
        picture = np.kron(clutter, np.ones((12, 12, 1), np.uint8))
        for take in range(3):
            path = tmp_path / "A" / f"{scene}-{take}.jpg"
            shapes.save(path, np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8))
            samples.append(Sample(path, "A"))
    names = data.group_names(samples)
    scenes = [s.path.name.split("-")[0] for s in samples]
    assert len(set(zip(names, scenes, strict=True))) == len(set(names)) == 6
    split = data.split_by_signer(samples, [], [], 0.3, seed=1)
    assert not {s.path.name[0] for s in split.train} & {s.path.name[0] for s in split.val}
    assert "near duplicates" in split.rule


def test_exact_copies_across_the_split_are_taken_out_of_training(tmp_path: Path) -> None:
    folder = shapes.by_signer(tmp_path / "d", each=2)
    shutil.copy(folder / "ada" / "circle" / "0.jpg", folder / "bo" / "circle" / "copy.jpg")
    samples, _ = data.read_data([folder])
    split, problems = data.drop_leaks(data.split_by_signer(samples, ["ada"], [], 0.2, seed=1))
    assert "copy.jpg" not in {s.path.name for s in split.train}
    assert "exact duplicates of pictures kept apart (left out: 1)" in words(problems)


def test_a_signer_who_is_nearly_always_tracked_as_one_hand_has_that_hand(tmp_path: Path) -> None:
    marks = {f"lm{joint}{axis}": 0.5 for joint in range(21) for axis in "xyz"}
    rows = [
        {"path": f"{n}.jpg", "label": "A", "signer": "ada", "handedness": "Right" if n == 0 else "Left", **marks}
        for n in range(10)
    ]
    samples, _ = data.read_data([shapes.with_manifest(tmp_path / "d", rows)])
    assert not any(sample.left_hand for sample in samples)

"""Tracking anyone's own pictures: what is read from where, resuming, bad files, and the crops that come out."""

import csv
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from training import track, tracking
from training.data import LANDMARK_COLUMNS, DataError, read_data
from webapp.tracker import HandTracker


def plain(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((120, 160, 3), 140, np.uint8))
    return path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def tracker() -> HandTracker:
    return HandTracker("lite")


def test_folders_tell_label_and_signer(tmp_path: Path) -> None:
    for name in ("mine/ann/A/1.jpg", "mine/B/2.jpg", "mine/3.jpg", "mine/clip.mp4", "mine/notes.txt"):
        plain(tmp_path / name) if name.endswith("jpg") else (tmp_path / name).write_bytes(b"")
    found = {source.name: (source.label, source.signer) for source in tracking.sources_in([tmp_path / "mine"])}
    assert found == {
        "mine/ann/A/1.jpg": ("A", "ann"),
        "mine/B/2.jpg": ("B", ""),
        "mine/3.jpg": ("", ""),
        "mine/clip.mp4": ("", ""),
    }


def test_a_table_beside_frames_and_a_manifest_tell_labels_too(tmp_path: Path) -> None:
    plain(tmp_path / "frames" / "f1.jpg")
    (tmp_path / "frames" / "labels.csv").write_text("frame,label\nf1.jpg,Q\n")
    plain(tmp_path / "listed" / "x.jpg")
    (tmp_path / "listed" / "manifest.csv").write_text("path,label,signer,licence\nx.jpg,W,bob,CC0\n")
    one, two = tracking.sources_in([tmp_path / "frames", tmp_path / "listed"])
    assert (one.label, one.set) == ("Q", "frames")
    assert (two.label, two.signer, two.licence) == ("W", "bob", "CC0")


def test_places_that_are_absent_and_names_that_clash_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        tracking.sources_in([tmp_path / "nowhere"])
    plain(tmp_path / "a" / "pictures" / "1.jpg")
    plain(tmp_path / "b" / "pictures" / "1.jpg")
    with pytest.raises(DataError, match="different names"):
        tracking.sources_in([tmp_path / "a" / "pictures", tmp_path / "b" / "pictures"])


def test_what_cannot_be_used_is_listed_and_not_looked_at_again(tmp_path: Path, tracker: HandTracker) -> None:
    mine = tmp_path / "mine"
    plain(mine / "A" / "empty-room.jpg")
    plain(mine / "nothing" / "wall.jpg")
    (mine / "A" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    (mine / "A" / "page.jpg").write_bytes(b"<html></html>")
    (mine / "A" / "cut-off.mp4").write_bytes(b"no film")
    out = tmp_path / "out"
    tally = tracking.track(tracking.sources_in([mine]), out, tracker)
    assert (tally.done, tally.total, tally.crops) == (5, 5, 1)
    assert tally.missed["mine/A/empty-room.jpg"] == tracking.NO_HAND
    assert "neither JPEG nor PNG" in tally.missed["mine/A/page.jpg"]
    assert "mine/A/broken.jpg" in tally.missed
    assert "no video that can be read" in tally.missed["mine/A/cut-off.mp4"]
    (row,) = table(out / "manifest.csv")
    assert (row["label"], row["found"], row["lm0x"], row["handedness"]) == ("nothing", "0", "", "")
    again = tracking.track(tracking.sources_in([mine]), out, tracker)
    assert again.crops == 0
    assert again.missed == tally.missed
    assert len(table(out / "manifest.csv")) == 1
    assert len(table(out / "missed.csv")) == 4


@pytest.mark.hands
def test_crops_and_landmarks_come_out_as_training_reads_them(hands: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine" / "ann" / "H"
    mine.mkdir(parents=True)
    frames = sorted((hands / "sequences" / "ahmed_HELLO").glob("frame_*.jpg"))[:3]
    for frame in frames:
        shutil.copy(frame, mine)
    out = tmp_path / "out"
    assert track.main([str(tmp_path / "mine"), "--out", str(out), "--licence", "CC0"]) == 0
    rows = table(out / "manifest.csv")
    assert list(rows[0]) == list(table_columns(hands))
    samples, problems = read_data([out])
    assert problems == []
    assert len(samples) == 3
    for sample, row in zip(samples, rows, strict=True):
        assert (sample.label, sample.signer, sample.licence, sample.left_hand) == ("H", "ann", "CC0", False)
        assert cv2.imread(str(sample.path)).shape == (160, 160, 3)
        points = np.array([float(row[column]) for column in LANDMARK_COLUMNS]).reshape(21, 3)
        extent = np.ptp(points[:, :2], axis=0).max()
        assert extent == pytest.approx(1 / 1.5, abs=0.002)
        middle = (points[:, :2].min(axis=0) + points[:, :2].max(axis=0)) / 2
        np.testing.assert_allclose(middle, 0.5, atol=0.002)


@pytest.mark.hands
def test_a_video_gives_a_crop_now_and_then(hands: Path, tmp_path: Path, tracker: HandTracker) -> None:
    path = tmp_path / "clip.avi"
    frames = sorted((hands / "sequences" / "ahmed_HELLO").glob("frame_*.jpg"))[:20]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (480, 360))
    for frame in frames:
        writer.write(cv2.imread(str(frame)))
    writer.release()
    tally = tracking.track(tracking.sources_in([path]), tmp_path / "out", tracker, video_gap_seconds=0.5)
    assert tally.crops == 4


def table_columns(hands: Path) -> list[str]:
    with (hands / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return next(csv.reader(file))

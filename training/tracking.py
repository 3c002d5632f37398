"""Anyone's photographs, frames and videos become crops of hands with landmarks, as the training data are.

The hand tracker is webapp/tracker.py and the crop is the one of `pictures`: centre of the landmarks' box, side 1.5 × its
larger side, edges replicated. What has been done is known from the tables in the output folder, so a run that was broken
off goes on where it stopped.
"""

import csv
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from training.data import (
    BOX_COLUMNS,
    LANDMARK_COLUMNS,
    MANIFEST_NAME,
    PICTURE_SUFFIXES,
    DataError,
    file_trouble,
    read_data,
    read_rgb,
)
from training.video import NO_VIDEO, frames_of
from webapp.core.bundle import NOTHING
from webapp.core.frames import FrameError, Rgb
from webapp.core.hands import Hand, Square, landmarks_in_square
from webapp.core.messages import cut
from webapp.tracker import HandTracker

CROP_PX = 160
JPEG_QUALITY = 92
MISSED_NAME = "missed.csv"
VIDEO_SUFFIXES = frozenset({".mp4", ".mov", ".avi", ".mkv", ".webm", ".mjpeg"})
COLUMNS = (
    *("path", "label", "signer", "set", "split", "found", "handedness", "hand_score"),
    *(*BOX_COLUMNS, "width", "height", "licence", "source", "original"),
    *LANDMARK_COLUMNS,
)
NO_HAND = "no hand was found"


@dataclass(frozen=True)
class Source:
    """A picture or a video to look for hands in, and what is known of it."""

    path: Path
    name: str
    """Unique in one run; the column `original`."""
    label: str = ""
    signer: str = ""
    set: str = ""
    split: str = ""
    licence: str = ""
    source: str = ""

    @property
    def is_video(self) -> bool:
        return self.path.suffix.lower() in VIDEO_SUFFIXES


@dataclass
class Tally:
    """How far a run has come."""

    total: int = 0
    done: int = 0
    crops: int = 0
    missed: dict[str, str] = field(default_factory=dict)
    """Original -> why nothing was made of it."""


def sources_in(places: Iterable[Path]) -> list[Source]:
    """Every picture and video in files and folders, with labels and signers where the places tell them.

    A folder with a manifest.csv tells them there; otherwise `label/…` and `signer/label/…` are understood, and a
    `labels.csv` (columns frame, label) beside frames. Raises FileNotFoundError, and DataError where two files would
    go by one name.
    """
    sources: list[Source] = []
    for place in places:
        if place.is_file():
            parent = place.resolve().parent.name
            sources.append(Source(place, f"{parent}/{place.name}", set=parent))
        elif (place / MANIFEST_NAME).is_file():
            sources += [
                Source(
                    sample.path,
                    _name(sample.path, place),
                    sample.label,
                    sample.signer,
                    sample.set or place.name,
                    sample.split,
                    sample.licence,
                    sample.source,
                )
                for sample in read_data([place])[0]
            ]
        elif place.is_dir():
            sources += _walk(place)
        else:
            raise FileNotFoundError(f"{place}: there is no such file or folder.")
    twice = [name for name, count in Counter(source.name for source in sources).items() if count > 1]
    if twice:
        raise DataError(f"Two files go by the name {twice[0]}. Give their folders different names, or one run each.")
    return sources


def _name(path: Path, place: Path) -> str:
    return f"{place.resolve().name}/{path.relative_to(place).as_posix()}"


def _walk(place: Path) -> Iterator[Source]:
    for root, folders, names in os.walk(place):
        folders.sort()
        here = Path(root)
        parts = here.relative_to(place).parts
        labels = _frame_labels(here / "labels.csv")
        for name in sorted(names):
            path = here / name
            if path.suffix.lower() not in PICTURE_SUFFIXES | VIDEO_SUFFIXES:
                continue
            yield Source(
                path,
                _name(path, place),
                labels.get(name, parts[-1] if parts and not labels else ""),
                parts[-2] if len(parts) > 1 else "",
                place.name,
            )


def _frame_labels(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {row["frame"]: row["label"] for row in csv.DictReader(file)}


def track(
    sources: Iterable[Source],
    out: Path,
    tracker: HandTracker,
    video_gap_seconds: float = 0.2,
    on_progress: Callable[[Tally], None] = lambda tally: None,
) -> Tally:
    """Write a crop and a row for every hand that is found, and say what was missed and why.

    out: gets `manifest.csv`, `missed.csv` and the crops; rows that are there are kept and not made again.
    Pictures labelled `nothing` in which no hand is found are kept whole, squared in the middle: they teach it. Of a
    video a frame each `video_gap_seconds` is kept. Raises OSError where nothing can be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    todo = list(sources)
    tally = Tally(total=len(todo), missed=_read_missed(out / MISSED_NAME))
    finished = _originals(out / MANIFEST_NAME) | set(tally.missed)
    with _Table(out / MANIFEST_NAME, COLUMNS) as manifest, _Table(out / MISSED_NAME, ("original", "why")) as missed:
        for source in todo:
            # The rows of one source are written together, so a source that has one has all.
            if source.name not in finished:
                rows, trouble = _rows_of(source, out, tracker, video_gap_seconds)
                manifest.write(rows)
                tally.crops += len(rows)
                if trouble:
                    missed.write([{"original": source.name, "why": trouble}])
                    tally.missed[source.name] = trouble
            tally.done += 1
            on_progress(tally)
    return tally


def _rows_of(source: Source, out: Path, tracker: HandTracker, gap_seconds: float) -> tuple[list[dict[str, str]], str]:
    """The manifest's rows of one source, whose crops are written, and what went wrong, if anything did."""
    if source.is_video:
        rows = [
            _row(source, _write(cut(rgb, hand.square, CROP_PX), source, out, at), hand, hand.square)
            for at, (rgb, hand) in enumerate(_hands_in_video(source.path, tracker, gap_seconds))
        ]
        if rows:
            return rows, ""
        return [], NO_HAND if next(frames_of(source.path), None) else NO_VIDEO
    trouble = file_trouble(source.path, decode=False)
    if trouble:
        return [], trouble
    try:
        rgb = read_rgb(source.path)
    except FrameError as error:
        return [], f"{error.code}: cannot be decoded"
    hand = tracker.find(rgb)
    if hand is None and source.label != NOTHING:
        return [], NO_HAND
    height, width = rgb.shape[:2]
    square = hand.square if hand else Square(width / 2, height / 2, min(width, height))
    return [_row(source, _write(cut(rgb, square, CROP_PX), source, out), hand, square)], ""


def _hands_in_video(path: Path, tracker: HandTracker, gap_seconds: float) -> Iterator[tuple[Rgb, Hand]]:
    """A frame and its hand each `gap_seconds` in which there is one; every frame is looked at, so the hand is followed."""
    tracker.reset()
    kept = -np.inf
    for at_seconds, _, rgb in frames_of(path):
        followed = tracker.follow(rgb, at_seconds)
        if followed and at_seconds - kept >= gap_seconds - 1e-6:
            kept = at_seconds
            yield rgb, followed.hand


def _write(crop: Rgb, source: Source, out: Path, number: int | None = None) -> str:
    """Write a crop; returns its path inside `out`."""
    flat = Path(source.name).with_suffix("").as_posix().replace("/", "_").replace("..", "_")
    folder = Path(source.signer or "unknown") / (source.label or "unlabelled")
    name = (folder / (flat if number is None else f"{flat}_{number:05}")).as_posix() + ".jpg"
    path = out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    encoded, jpeg = cv2.imencode(".jpg", crop[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert encoded
    path.write_bytes(jpeg.tobytes())
    return name


def _row(source: Source, path: str, hand: Hand | None, square: Square) -> dict[str, str]:
    row = {
        "path": path,
        "label": source.label,
        "signer": source.signer,
        "set": source.set,
        "split": source.split,
        "found": "1" if hand else "0",
        "width": str(CROP_PX),
        "height": str(CROP_PX),
        "licence": source.licence,
        "source": source.source,
        "original": source.name,
    }
    if hand:
        # The models' own word, as the manifests of others have it: of an unmirrored picture it is the other hand.
        row["handedness"] = "Right" if hand.left_hand else "Left"
        row["hand_score"] = f"{max(hand.left_score, 1 - hand.left_score):.4f}"
        flat = landmarks_in_square(hand.landmarks, square).ravel()
        row.update(zip(LANDMARK_COLUMNS, (f"{number:.4f}" for number in flat), strict=True))
    return row


class _Table:
    """A CSV file that grows: what is written is on disk before the next picture is looked at."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        fresh = not path.is_file() or not path.stat().st_size
        self._file = path.open("a", newline="", encoding="utf-8")
        self._writer = csv.DictWriter(self._file, columns, restval="")
        if fresh:
            self._writer.writeheader()

    def write(self, rows: Iterable[dict[str, str]]) -> None:
        self._writer.writerows(rows)
        self._file.flush()

    def __enter__(self) -> "_Table":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _originals(manifest: Path) -> set[str]:
    if not manifest.is_file():
        return set()
    with manifest.open(newline="", encoding="utf-8") as file:
        return {row["original"] for row in csv.DictReader(file)}


def _read_missed(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {row["original"]: row["why"] for row in csv.DictReader(file)}

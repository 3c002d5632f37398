"""Recordings of somebody spelling, played to a server as a page would send them, and what came of it."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from training.data import PICTURE_SUFFIXES, read_rgb
from training.live import Client
from training.pictures import Rgb
from training.prediction import Letter
from training.progress import counted
from training.spelled import aligned, doubled, edits
from training.video import NO_VIDEO, UNSTATED_RATE, frames_of
from webapp.core.bundle import DELETE, NOTHING, SPACE
from webapp.core.frames import FrameError
from webapp.core.hands import CROP_MARGIN, Square
from webapp.core.messages import NO_HAND, Message, crop_message, hand_message
from webapp.core.speller import Speller
from webapp.tracker import HandTracker

_LONGEST_TEXT = 1_000_000

Finder = Callable[[Rgb, int, float], Message]
"""What a page would send of a frame: its picture, its number, its time in seconds."""
Figures = dict[str, Any]


class ReplayError(Exception):
    """A recording that cannot be played; the message says why."""


@dataclass(frozen=True)
class Recording:
    """Frames in order and what is known of them."""

    name: str
    rate: float
    """Frames a second of the recording's own clock."""
    source: Path | Sequence[Path]
    """A video, or the file of each frame."""
    labels: Sequence[str] = ()
    """What each frame shows, `nothing` for no hand; empty where nobody knows."""
    squares: Sequence[Square | None] = ()
    """Where the hand is in each frame, None for no hand; empty where nobody knows."""

    def pictures(self) -> Iterator[Rgb]:
        """The frames, each (H, W, 3). Raises ReplayError."""
        if isinstance(self.source, Path):
            yield from (frame.rgb for frame in frames_of(self.source))
            return
        for path in self.source:
            try:
                yield read_rgb(path)
            except (FrameError, OSError) as error:
                raise ReplayError(f"{path}: {error}") from None


@dataclass(frozen=True)
class Sign:
    """A sign that is shown, from its first frame until the next sign's."""

    label: str
    start_seconds: float
    end_seconds: float


@dataclass
class Played:
    """What a server made of a recording."""

    text: str = ""
    commits: list[Letter] = field(default_factory=list)
    found: list[bool] = field(default_factory=list)
    """For each frame, whether a hand was sent."""
    refused: list[str] = field(default_factory=list)
    """The server's word for each frame that it could not use."""

    @property
    def letters(self) -> list[Letter]:
        """The commits that wrote a letter."""
        return [commit for commit in self.commits if commit.sign not in (SPACE, DELETE)]


# --- reading ----------------------------------------------------------------------------------------------------


def read_recording(place: Path, rate: float | None = None) -> Recording:
    """A video, a folder of frames (with `labels.csv` and `boxes.csv` where it has them), or a folder per label.

    rate: frames a second; None takes a video's own, and ten for frames and for videos that state none.
    Raises ReplayError.
    """
    if place.is_file():
        return _read_video(place, rate)
    if not place.is_dir():
        raise ReplayError(f"{place}: there is no such file or folder.")
    paths = _pictures_in(place)
    labels: list[str] = []
    if not paths:
        paths = [path for folder in sorted(place.iterdir()) if folder.is_dir() for path in _pictures_in(folder)]
        labels = [path.parent.name for path in paths]
    if not paths:
        raise ReplayError(f"{place}: there are no pictures here.")
    labels = [row["label"] for row in _rows(place / "labels.csv", "label", paths)] or labels
    return Recording(place.resolve().name, rate or UNSTATED_RATE, paths, labels, _squares(place / "boxes.csv", paths))


def _read_video(path: Path, rate: float | None) -> Recording:
    first = next(frames_of(path), None)
    if first is None:
        raise ReplayError(f"{path}: {NO_VIDEO}.")
    return Recording(path.name, rate or first.rate, path)


def _pictures_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)


def _rows(table: Path, column: str, frames: Sequence[Path]) -> list[dict[str, str]]:
    """A table's rows, one for each frame, in order; none where there is no such table."""
    if not table.is_file():
        return []
    try:
        with table.open(newline="", encoding="utf-8") as file:
            rows = {row["frame"]: row for row in csv.DictReader(file) if "frame" in row and column in row}
    except (UnicodeDecodeError, csv.Error) as error:
        raise ReplayError(f"{table}: this is not a CSV table in UTF-8 ({error}).") from None
    absent = [path.name for path in frames if path.name not in rows]
    if absent:
        raise ReplayError(f"{table}: the columns frame and {column} say nothing of {absent[0]}.")
    return [rows[path.name] for path in frames]


def _squares(table: Path, frames: Sequence[Path]) -> list[Square | None]:
    try:
        return [_square(row) for row in _rows(table, "box_x", frames)]
    except (KeyError, TypeError, ValueError):
        raise ReplayError(f"{table}: a box is not four numbers, box_x, box_y, box_w and box_h.") from None


def _square(row: dict[str, str]) -> Square | None:
    """The square that is read about the box of a hand's landmarks."""
    if not row["box_x"]:
        return None
    x, y, width, height = (float(row[f"box_{name}"]) for name in "xywh")
    return Square(x + width / 2, y + height / 2, CROP_MARGIN * max(width, height))


def signs_of(recording: Recording, text: str = "") -> list[Sign]:
    """The signs that a recording's labels show: their runs, `nothing` left out.

    text: the letters that were spelled, where that is known; a run of one label that shows several of them, held one
    after the other without a gap, is parted evenly. Raises ReplayError where the labels do not show the text.
    """
    numbered = groupby(enumerate(recording.labels), key=lambda pair: pair[1])
    runs = [(label, np.array([at for at, _ in run])) for label, run in numbered if label != NOTHING]
    shown = [list(same) for _, same in groupby(runs, key=lambda run: run[0])]
    wanted = [list(same) for _, same in groupby(text)] if text else [[label for label, _ in same] for same in shown]
    if [same[0][0] for same in shown] != [same[0] for same in wanted]:
        raise ReplayError(f"{recording.name}: the labels do not show {text}.")
    starts: list[tuple[str, float]] = []
    for same, letters in zip(shown, wanted, strict=True):
        holds = np.array_split(same[0][1], len(letters)) if len(same) == 1 else [hold for _, hold in same]
        if len(holds) != len(letters):
            raise ReplayError(f"{recording.name}: the labels do not show {text}.")
        starts += [(letter, float(hold[0]) / recording.rate) for letter, hold in zip(letters, holds, strict=True)]
    ends = [start for _, start in starts[1:]] + [len(recording.labels) / recording.rate]
    return [Sign(label, start, end) for (label, start), end in zip(starts, ends, strict=True)]


# --- playing ----------------------------------------------------------------------------------------------------


def tracking(tracker: HandTracker, with_landmarks: bool = True) -> Finder:
    """Sends the hand that `tracker` follows, with or without what it knows of it."""
    tracker.reset()

    def find(rgb: Rgb, number: int, seconds: float) -> Message:
        followed = tracker.follow(rgb, seconds)
        if followed is None:
            return NO_HAND
        return hand_message(rgb, followed) if with_landmarks else crop_message(rgb, followed.square)

    return find


def boxed(squares: Sequence[Square | None]) -> Finder:
    """Sends each frame's given square, of which nothing more is known."""

    def find(rgb: Rgb, number: int, seconds: float) -> Message:
        square = squares[number]
        return NO_HAND if square is None else crop_message(rgb, square)

    return find


def play(recording: Recording, url: str, model: str, pace: str, find: Finder) -> Played:
    """Send every frame as fast as the server answers, by the recording's clock. Raises ReplayError, LiveError."""
    played = Played()
    with Client(url) as client:
        mode = client.call("mode", {"model": model, "pace": pace})
        if "error" in mode:
            raise ReplayError(mode["error"]["message"])
        for number, rgb in enumerate(counted(recording.pictures(), "frames played")):
            seconds = number / recording.rate
            message = find(rgb, number, seconds)
            played.found.append(message is not NO_HAND)
            answer = client.call("frame", {"seq": number, "t": 1000 * seconds, **message})
            if "error" in answer:
                played.refused.append(answer["error"]["message"])
                continue
            played.text = answer["text"]
            if answer["committed"]:
                played.commits.append(Letter(answer["committed"], seconds))
    return played


# --- figures ----------------------------------------------------------------------------------------------------


def figures(recording: Recording, played: Played, text: str = "") -> Figures:
    """What `replay.py` prints: what was read, and beside what was shown where that is known.

    text: as in `signs_of`. Letters are compared without spaces; a recording without labels is compared with `text`.
    Raises ReplayError.
    """
    seconds = len(played.found) / recording.rate
    text = text.replace(" ", "")
    signs = signs_of(recording, text) if recording.labels else []
    wanted = _written([sign.label for sign in signs]) if signs else text
    result: Figures = {
        "recording": recording.name,
        "seconds": seconds,
        "text": played.text,
        "letters_a_minute": 60 * len(played.letters) / seconds,
        "commits": [[commit.sign, commit.at_seconds] for commit in played.commits],
        "refused": played.refused,
    }
    if wanted.strip():
        result |= _compared(played.text, wanted)
    if recording.labels:
        result |= _timed(signs, played.commits)
        hidden = np.array([label == NOTHING for label in recording.labels])
        result["letters_without_hand"] = sum(bool(hidden[_frame(recording, letter)]) for letter in played.letters)
        result["hand_found"] = float(np.mean(np.array(played.found)[~hidden])) if not hidden.all() else None
    return result


def _frame(recording: Recording, letter: Letter) -> int:
    return round(letter.at_seconds * recording.rate)


def _written(signs: Sequence[str]) -> str:
    """What signs come to, `space` and `del` carried out."""
    speller = Speller(_LONGEST_TEXT)
    for sign in signs:
        speller.sign(sign)
    return speller.text


def _compared(read: str, wanted: str) -> Figures:
    read, letters = read.replace(" ", ""), wanted.replace(" ", "")
    needed = edits(read, letters)
    twice, kept = doubled(aligned(read, letters))
    return {
        "wanted": wanted,
        "character_error_rate": needed.total / len(letters),
        **needed._asdict(),
        "doubled_letters": twice,
        "doubled_letters_kept": kept,
    }


def _timed(signs: Sequence[Sign], commits: Sequence[Letter]) -> Figures:
    """How long after a sign's first frame it was committed, of those that were before the next sign began."""
    waits = []
    for sign in signs:
        own = [c for c in commits if c.sign == sign.label and sign.start_seconds <= c.at_seconds < sign.end_seconds]
        waits += [commit.at_seconds - sign.start_seconds for commit in own[:1]]
    return {
        "signs": len(signs),
        "signs_in_time": len(waits),
        "seconds_to_commit_median": float(np.median(waits)) if waits else None,
        "seconds_to_commit_p90": float(np.quantile(waits, 0.9)) if waits else None,
    }


def as_text(result: Figures) -> str:
    """The figures of one recording for a person."""
    lines = [f"{result['recording']}: {result['seconds']:.1f} s, read {result['text'] or 'nothing'}"]
    if "wanted" in result:
        lines += [
            f"  wanted {result['wanted']}: character error rate {result['character_error_rate']:.3f} "
            f"({result['missed']} missed, {result['wrong']} wrong, {result['added']} added)",
        ]
        if result["doubled_letters"]:
            lines.append(f"  doubled letters kept: {result['doubled_letters_kept']} of {result['doubled_letters']}")
    lines.append(f"  {result['letters_a_minute']:.0f} letters a minute")
    if "signs" in result:
        lines.append(f"  letters written while no hand is shown: {result['letters_without_hand']}")
        if result["hand_found"] is not None:
            lines.append(f"  hand sent in {result['hand_found']:.1%} of the frames that show one")
        if result["signs_in_time"]:
            lines.append(
                f"  first frame of a sign to its letter: median {result['seconds_to_commit_median']:.2f} s, "
                f"p90 {result['seconds_to_commit_p90']:.2f} s ({result['signs_in_time']} of {result['signs']} signs)"
            )
    if result["refused"]:
        lines.append(f"  frames that the server refused: {len(result['refused'])}, the first: {result['refused'][0]}")
    return "\n".join(lines)

"""What a bundle reads in somebody's own pictures and videos, as text and as an annotated copy.

Each is made the message that a page would send of it (`page`) and read as the server reads that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from training.augment import BONES
from training.data import PICTURE_SUFFIXES, read_rgb
from training.pictures import Rgb
from training.progress import counted
from training.video import NO_VIDEO, frames_of
from webapp.core.frames import FrameError, decode_jpeg, prepare
from webapp.core.hands import Followed, Square, mirrored_landmarks
from webapp.core.messages import NO_HAND, Message, crop_message, hand_message, middle_square, picture_message
from webapp.core.motion import Joints, joints_as_signed
from webapp.core.protocol import Hand
from webapp.core.session import Session
from webapp.core.stabiliser import Reading
from webapp.inference import Network
from webapp.tracker import HandTracker

Box = tuple[int, int, int] | None  # x, y, side in pixels

TEXT_LIMIT = 100_000


class PredictionError(Exception):
    """A picture or video that cannot be read; the message says why."""


@dataclass(frozen=True)
class Letter:
    """A sign committed in a video, and when, in seconds from its start."""

    sign: str
    at_seconds: float


@dataclass(frozen=True)
class Reader:
    """A bundle and how it is shown pictures."""

    network: Network
    tracker: HandTracker | None = None
    """Finds the hand; without one the box is read."""
    box: Box = None
    """Where the hand is if no tracker finds it; None for the largest square in the middle."""
    left: bool = False
    """Whether every hand is a left one, whatever a tracker says."""

    def is_left(self, message: Message) -> bool:
        """Whether the hand of a message is read in the mirror."""
        return self.left or message.get("hand") == "left"

    def read(self, message: Message) -> Reading:
        """What the server would read in a message (`recogniser`)."""
        card = self.network.card
        if message is NO_HAND:
            return Reading.of_nothing(card.floors)
        mirrored = self.is_left(message)
        landmarks = np.array(message["landmarks"], np.float32) if "landmarks" in message else None
        if mirrored and landmarks is not None:
            landmarks = mirrored_landmarks(landmarks)
        picture = prepare(decode_jpeg(message["jpeg"]), card.input, mirrored)
        shares = self.network.probabilities([picture], [landmarks])[0].tolist()
        return Reading.of(card.labels, shares, card.floors_of(landmarks))

    def joints(self, message: Message) -> Joints | None:
        """The joints of a message that has some, as `Session.read` wants them."""
        if "landmarks" not in message:
            return None
        return joints_as_signed(message["landmarks"], message["crop"], self.is_left(message))


def square_of(rgb: Rgb, box: Box) -> Square:
    """The square to read: the one given, or the largest in the middle. Raises PredictionError if it is outside."""
    height, width = rgb.shape[:2]
    if box is None:
        return middle_square(width, height)
    x, y, side = box
    if side < 1 or not (-side < x < width and -side < y < height):
        raise PredictionError(f"the box {x},{y},{side} lies outside the picture of {width}×{height} pixels")
    return Square(x + side / 2, y + side / 2, side)


# --- pictures ---------------------------------------------------------------------------------------------------


def message_of(reader: Reader, rgb: Rgb) -> Message:
    """What a page would send of a single picture; a crop that its hand fills is sent whole. Raises PredictionError."""
    hand = reader.tracker.find(rgb) if reader.tracker else None
    if hand is None:
        return crop_message(rgb, square_of(rgb, reader.box))
    return picture_message(rgb, hand)


def read_picture(reader: Reader, path: Path) -> str:
    """A picture's sign and its probabilities, one a line, and the hand that was found. Raises PredictionError."""
    message = message_of(reader, _load(path))
    reading = reader.read(message)
    lines = [f"{path}: {reading.observed or 'unsure'}"]
    lines += [f"  {label:8} {probability:.3f}" for label, probability in reading.ranked(5)]
    if reader.tracker:
        lines.append(f"  hand     {message.get('hand', 'not found: the box was read')}")
    return "\n".join(lines)


def read_folder(reader: Reader, folder: Path) -> str:
    """A table over all pictures in a folder and below: name, sign, probability, the next likeliest, the hand found.

    Raises PredictionError where there are no pictures.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURE_SUFFIXES)
    if not paths:
        raise PredictionError("there are no pictures in this folder")
    width = max(len(str(path.relative_to(folder))) for path in paths)
    lines = [f"{'picture':{width}}  sign      probability  next      hand"]
    for path in counted(paths, "read"):
        name = f"{path.relative_to(folder)!s:{width}}"
        try:
            message = message_of(reader, _load(path))
        except PredictionError as error:
            lines.append(f"{name}  {error}")
            continue
        reading = reader.read(message)
        (_, first), (second, _) = reading.ranked(2)
        lines.append(f"{name}  {reading.observed or 'unsure':8}  {first:11.3f}  {second:8}  {message.get('hand', '-')}")
    return "\n".join(lines)


def _load(path: Path) -> Rgb:
    try:
        return read_rgb(path)
    except FrameError as error:
        raise PredictionError(error.message) from None
    except OSError as error:
        raise PredictionError(f"cannot be read ({error.strerror})") from None


# --- videos -----------------------------------------------------------------------------------------------------


def read_video(reader: Reader, path: Path, target: Path, pace: str) -> str:
    """Write an annotated copy to `target` and return the letters with their times, and the text.

    pace: one of `protocol.PACES`. Raises PredictionError, OSError.
    """
    session = Session(reader.network.card.name, TEXT_LIMIT)
    session.change_mode(replace(session.mode, pace=pace))
    if reader.tracker:
        reader.tracker.reset()
    letters: list[Letter] = []
    writer: Any = None
    try:
        for at_seconds, rate, rgb in counted(frames_of(path), "frames read"):
            followed = reader.tracker.follow(rgb, at_seconds) if reader.tracker else None
            message = frame_message(reader, rgb, followed)
            hand: Hand = "left" if reader.is_left(message) else "right"
            told = session.read(reader.read(message), at_seconds, reader.joints(message), hand)
            if told["committed"]:
                letters.append(Letter(told["committed"], at_seconds))
            drawn = annotated(rgb, message, followed, told)
            if writer is None:
                writer = _writer(target, rate, drawn.shape[1], drawn.shape[0])
            writer.write(np.ascontiguousarray(drawn[..., ::-1]))
    finally:
        if writer is not None:
            writer.release()
    if writer is None:
        raise PredictionError(NO_VIDEO)
    lines = [f"{path}: annotated copy in {target}"]
    lines += [f"  {letter.at_seconds:7.2f} s  {letter.sign}" for letter in letters]
    return "\n".join([*lines, f"  text: {session.text.strip()}"])


def frame_message(reader: Reader, rgb: Rgb, followed: Followed | None) -> Message:
    """What a page would send of a video's frame: where a tracker finds no hand there is none, unless a box was given.

    Raises PredictionError.
    """
    if followed:
        return hand_message(rgb, followed)
    if reader.tracker and not reader.box:
        return NO_HAND
    return crop_message(rgb, square_of(rgb, reader.box))


def _writer(target: Path, rate: float, width: int, height: int) -> Any:
    target.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"mp4v"), rate, (width, height))
    if not writer.isOpened():
        raise PredictionError(f"the annotated copy cannot be written to {target}")
    return writer


# --- drawing ----------------------------------------------------------------------------------------------------

_LIGHT, _DARK = (255, 255, 255), (0, 0, 0)


def annotated(rgb: Rgb, message: Message, followed: Followed | None, told: dict[str, Any]) -> Rgb:
    """A copy of a frame with the square that was read, the hand's bones, the sign and the end of the text.

    told: what the session said of it. Everything light is outlined in dark, so that it is seen on any ground.
    """
    picture = rgb.copy()
    height = picture.shape[0]
    line = max(1, round(height / 360))
    if message is not NO_HAND:
        centre_x, centre_y, side = (height * part for part in message["crop"])
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * side / 2 + (centre_x, centre_y)
        _draw_lines(picture, [np.vstack([corners, corners[:1]])], line)
    if followed:
        _draw_lines(picture, [followed.hand.landmarks[list(bone), :2] for bone in BONES], 2 * line)
    size = height / 360
    if told["sign"]:
        _draw_words(picture, f"{told['sign']} {told['confidence']:.0%}", (4 * line, round(36 * size)), 1.2 * size)
    _draw_words(picture, told["text"][-100:], (4 * line, height - round(12 * size)), 0.8 * size)
    return picture


def _draw_lines(picture: Rgb, lines: Sequence[npt.NDArray[np.floating]], thickness: int) -> None:
    """Lines through points in pixels, each (N, 2)."""
    whole = [np.round(points).astype(np.int32) for points in lines]
    for colour, wide in ((_DARK, thickness + 2), (_LIGHT, thickness)):
        cv2.polylines(picture, whole, False, colour, wide, cv2.LINE_AA)


def _draw_words(picture: Rgb, words: str, foot: tuple[int, int], size: float) -> None:
    """As much of the end of some words as there is room for; `foot` is where their base line begins, in pixels."""
    font, thickness, rim = cv2.FONT_HERSHEY_SIMPLEX, max(1, round(1.5 * size)), max(1, round(1.5 * size))
    x, y = foot
    while words and cv2.getTextSize(words, font, size, thickness)[0][0] > picture.shape[1] - 2 * x:
        words = words[1:]
    # Thicker letters would be wider, too: the outline is the same ones, moved.
    for right, down in product((-rim, 0, rim), repeat=2):
        cv2.putText(picture, words, (x + right, y + down), font, size, _DARK, thickness, cv2.LINE_AA)
    cv2.putText(picture, words, foot, font, size, _LIGHT, thickness, cv2.LINE_AA)

"""Finds hands in pictures with MediaPipe's palm and landmark models, run by LiteRT on one core of the CPU.

The arithmetic between the models is core/hands.py, and static/js/tracker/ is the same tracker in the browser. The
models are those of the npm package @mediapipe/hands. A hand that the first look misses (dim light, too large or too
small in the picture) gets a second look before it is given up.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from webapp.core.crop import SteadySquare
from webapp.core.frames import Rgb
from webapp.core.hands import (
    LANDMARK_INPUT_PX,
    MIN_PALM_SCORE,
    MIN_PRESENCE,
    PALM_INPUT_PX,
    Followed,
    Hand,
    Square,
    choose_hand,
    clamp_square,
    decode_palms,
    landmarks_in_picture,
    palm_anchors,
    square_of_landmarks,
    square_of_palm,
)
from webapp.hand_models import ModelName, hand_model

Size = Literal["lite", "full"]

MIN_PALM_SCORE_SECOND = 0.25
# MediaPipe asks for 0.5 here too; ears, noses and foreheads reach 0.86.
MIN_PRESENCE_FIRST = 0.88
# A palm that the detector itself doubts must be the surer a hand to the landmark model.
MIN_PRESENCE_SECOND = 0.97
_MAX_PALMS = 3
# A larger photograph is shrunk before it is looked at: it would cost time and show no more of a hand.
MOST_PX = 1280
_DARK_MEAN = 0.5
_STRONGEST_GAMMA = 0.35
# What is followed and only just passes for a hand for so long is let go: a nose can pass at 0.5 for ever, while of 600
# frames of hands, half of them darkened to a quarter, none fell below 0.89.
_UNSURE_SECONDS = 1.0
# A hand lost for less than this is still the one that was followed.
_REMEMBER_SECONDS = 1.0
_HANDEDNESS_MEMORY = 0.85  # a frame


@dataclass(frozen=True)
class Look:
    """One way to look for palms in a picture, or for landmarks straight away."""

    region: Square
    brightened: bool = False
    min_score: float = MIN_PALM_SCORE_SECOND
    min_presence: float = MIN_PRESENCE_SECOND
    direct: bool = False
    """Take the region itself for the hand's square, with no palm found first."""


class HandTracker:
    """Both models and, for a live picture, the hand that is followed. Belongs to one thread: LiteRT's interpreters do.

    Raises HandModelError where the models are not installed.
    """

    def __init__(self, size: Size = "full") -> None:
        self._palm = _Network("palm_detection_full")
        self._landmark = _Network("hand_landmark_full" if size == "full" else "hand_landmark_lite")
        self._anchors = palm_anchors()
        self._steady = SteadySquare()
        self.reset()

    def reset(self) -> None:
        """Forget the hand that was followed."""
        self._next: Square | None = None
        self._last: Square | None = None
        self._last_time = self._sure_time = -np.inf
        self._left_score = 0.5
        self._looks = 0
        self._steady.reset()

    # --- single pictures ------------------------------------------------------------------------------------------

    def find(self, rgb: Rgb) -> Hand | None:
        """The hand in a photograph or a crop, the largest where there are several; None where there is none.

        Looks again, brightened, closer and wider, until a hand is found. About 30 ms where the first look finds it
        and half a second where there is none.
        """
        shrink = min(1.0, MOST_PX / max(rgb.shape[:2]))
        if shrink == 1:
            return self._find(rgb)
        small = cv2.resize(rgb, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        hand = self._find(small.astype(np.uint8, copy=False))
        return None if hand is None else replace(hand, landmarks=hand.landmarks / shrink)

    def _find(self, rgb: Rgb) -> Hand | None:
        bright: Rgb | None = None
        doubtful: list[Hand] = []
        for look in still_looks(rgb.shape[1], rgb.shape[0]):
            if look.brightened and bright is None:
                bright = brighten(rgb)
            hands = self._look(bright if look.brightened and bright is not None else rgb, look)
            sure = [hand for hand in hands if hand.presence >= MIN_PRESENCE_SECOND]
            if sure:
                return choose_hand(sure)
            doubtful += hands
        return max(doubtful, key=lambda hand: hand.presence, default=None)

    def look(self, rgb: Rgb, look: Look) -> list[Hand]:
        """The hands that one look finds."""
        return self._look(brighten(rgb) if look.brightened else rgb, look)

    def _look(self, picture: Rgb, look: Look) -> list[Hand]:
        hands: list[Hand] = []
        for square in [look.region] if look.direct else self._palm_squares(picture, look):
            hand = self._hand_in(picture, square)
            if hand.presence < MIN_PRESENCE:
                continue
            # Looked at once more where its own landmarks say it is: what is no hand seldom survives that, and what
            # is one is placed better (the worst tenth of landmarks by half).
            hand = self._hand_in(picture, square_of_landmarks(hand.landmarks[:, :2]))
            if hand.presence >= look.min_presence:
                hands.append(hand)
        return hands

    def _palm_squares(self, rgb: Rgb, look: Look) -> Iterator[Square]:
        pixels = sample(rgb, look.region, PALM_INPUT_PX, cv2.BORDER_CONSTANT)
        boxes, scores = self._palm.run(pixels)
        for palm in decode_palms(boxes, scores[:, 0], self._anchors, look.region, look.min_score)[:_MAX_PALMS]:
            yield square_of_palm(palm)

    def _hand_in(self, rgb: Rgb, square: Square) -> Hand:
        raw, presence, left, _ = self._landmark.run(sample(rgb, square, LANDMARK_INPUT_PX))
        return Hand(landmarks_in_picture(raw, square), float(presence[0]), float(left[0]))

    # --- live pictures --------------------------------------------------------------------------------------------

    def follow(self, rgb: Rgb, time: float) -> Followed | None:
        """The hand in the newest frame of one live picture, `time` in seconds; None while there is none.

        A hand that is followed costs one run of the landmark model. Once it is lost each frame gets one look, in turn
        a plain one and one of the second looks, so that searching never costs more than one palm detection a frame.
        """
        hand = self._still_there(rgb) if self._next and time - self._sure_time <= _UNSURE_SECONDS else None
        if hand is None:
            hand = self._search(rgb, time)
        if hand is None:
            self._next = None
            return None
        height, width = rgb.shape[:2]
        self._next = square_of_landmarks(hand.landmarks[:, :2])
        if hand.presence >= MIN_PRESENCE_FIRST:
            self._sure_time = time
        fresh = time - self._last_time > _REMEMBER_SECONDS
        memory = 0.0 if fresh else _HANDEDNESS_MEMORY
        self._left_score = memory * self._left_score + (1 - memory) * hand.left_score
        self._last, self._last_time, self._looks = hand.square, time, 0
        return Followed(hand, self._left_score < 0.5, clamp_square(self._steady.step(hand.square, time), width, height))

    def _still_there(self, rgb: Rgb) -> Hand | None:
        assert self._next is not None
        hand = self._hand_in(rgb, self._next)
        if hand.presence < MIN_PRESENCE:
            hand = self._hand_in(brighten(rgb), self._next)
        return hand if hand.presence >= MIN_PRESENCE else None

    def _search(self, rgb: Rgb, time: float) -> Hand | None:
        height, width = rgb.shape[:2]
        looks = live_looks(width, height)
        look = looks[self._looks % len(looks)]
        self._looks += 1
        recent = self._last if time - self._last_time <= _REMEMBER_SECONDS else None
        return choose_hand(self.look(rgb, look), recent)


def still_looks(width: int, height: int) -> list[Look]:
    """The looks at a single picture, in order."""
    whole = _whole(width, height)
    wide = _whole(width, height, 1.5)
    return [
        Look(whole, min_score=MIN_PALM_SCORE, min_presence=MIN_PRESENCE_FIRST),
        Look(wide, min_score=MIN_PALM_SCORE, min_presence=MIN_PRESENCE_FIRST),
        Look(wide),
        Look(whole, brightened=True),
        Look(wide, brightened=True),
        *(Look(tile, brightened=True) for tile in _tiles(width, height)),
        # A crop that the hand fills shows too little of the wrist to find a palm in.
        Look(_whole(width, height, 1.15), brightened=True, direct=True),
    ]


def live_looks(width: int, height: int) -> list[Look]:
    """The looks at the frames of a live picture in which no hand is followed: every other one is a plain look."""
    whole = _whole(width, height)
    plain = Look(whole, min_score=MIN_PALM_SCORE, min_presence=MIN_PRESENCE_FIRST)
    second = [
        Look(whole, brightened=True),
        *(Look(tile, brightened=True) for tile in _tiles(width, height)),
    ]
    return [look for other in second for look in (plain, other)]


def _whole(width: int, height: int, scale: float = 1.0) -> Square:
    return Square(width / 2, height / 2, scale * max(width, height))


def _tiles(width: int, height: int) -> list[Square]:
    """Enlarged parts of the picture that overlap: squares over two thirds of the shorter side, in a grid."""
    side = 2 / 3 * min(width, height)
    columns, rows = (2 if extent < 1.25 * min(width, height) else 3 for extent in (width, height))
    return [
        Square(side / 2 + (width - side) * column / (columns - 1), side / 2 + (height - side) * row / (rows - 1), side)
        for row in range(rows)
        for column in range(columns)
    ]


def sample(rgb: Rgb, square: Square, size: int, border: int = cv2.BORDER_REPLICATE) -> npt.NDArray[np.float32]:
    """The square's content upright, `size` pixels a side, as the models want it: 0..1, bilinear.  # (size, size, 3)"""
    step = square.side / size
    cos, sin = step * np.cos(square.rotation), step * np.sin(square.rotation)
    middle = (size - 1) / 2
    matrix = np.array(
        [
            [cos, -sin, square.centre_x - 0.5 - middle * (cos - sin)],
            [sin, cos, square.centre_y - 0.5 - middle * (sin + cos)],
        ]
    )
    pixels = cv2.warpAffine(rgb, matrix, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=border)
    return np.asarray(pixels, np.float32) / np.float32(255)


def brighten(rgb: Rgb) -> Rgb:
    """A dark picture raised (by a gamma curve) until its mean is medium grey; a light one as it is.

    Smoothed first: brightening a camera's noise along with the hand hides it again. In frames darkened to 15 % with
    noise, that finds 31 of 40 hands instead of 19.
    """
    mean = max(float(rgb.mean()) / 255, 1 / 255)
    if mean >= _DARK_MEAN:
        return rgb
    gamma = max(np.log(_DARK_MEAN) / np.log(mean), _STRONGEST_GAMMA)
    curve = np.round(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    return curve[cv2.blur(rgb, (3, 3), borderType=cv2.BORDER_REPLICATE)]


class _Network:
    """A model and its interpreter, which must not be used by two threads at once."""

    def __init__(self, name: ModelName) -> None:
        self._interpreter = Interpreter(model_content=hand_model(name), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]

    def run(self, pixels: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        """Every output for one picture.  # (S, S, 3)"""
        self._interpreter.set_tensor(self._input, pixels[None])
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(output)[0] for output in self._outputs]

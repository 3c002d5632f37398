"""What a page sends: the hand's square cut out of a picture, as a JPEG, with what its tracker knows (docs/protocol.md).

Training, the tools and the server read somebody's own pictures as the page reads its camera, by making this of them.
"""

from typing import Any

import cv2

from webapp.core.frames import SQUARE_TOLERANCE_PX, Rgb
from webapp.core.hands import Followed, Hand, Square, landmarks_in_square

# As static/js/camera.js.
JPEG_QUALITY = 80
CROP_PX = 160
# Networks are trained on hands down to about two thirds of what a tracker's crop shows; a smaller one is in a room.
LOOSEST_CROP = 0.6

Message = dict[str, Any]
"""A `frame` of the protocol, without `seq` and `t`."""

NO_HAND: Message = {"nothing": True}


def cut(rgb: Rgb, square: Square, size: int, border: int = cv2.BORDER_REPLICATE) -> Rgb:
    """The square's content at `size` pixels a side, edges replicated (or black, with cv2.BORDER_CONSTANT)."""
    half = square.side / 2
    x0, y0 = round(square.centre_x - half), round(square.centre_y - half)
    side = max(2, round(square.side))
    height, width = rgb.shape[:2]
    top, bottom = max(0, -y0), max(0, y0 + side - height)
    left, right = max(0, -x0), max(0, x0 + side - width)
    padded = cv2.copyMakeBorder(rgb, top, bottom, left, right, border) if top or bottom or left or right else rgb
    x0, y0 = x0 + left, y0 + top
    piece = padded[y0 : y0 + side, x0 : x0 + side]
    interpolation = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    return cv2.resize(piece, (size, size), interpolation=interpolation).astype(rgb.dtype, copy=False)


def page_jpeg(rgb: Rgb, quality: int = JPEG_QUALITY) -> bytes:
    """A picture encoded as the page encodes its crops.  # (H, W, 3)"""
    ok, encoded = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok
    return encoded.tobytes()


def crop_message(rgb: Rgb, square: Square) -> Message:
    """A picture's square, and where it lies in units of the picture's height."""
    height = rgb.shape[0]
    return {
        "jpeg": page_jpeg(cut(rgb, square, CROP_PX)),
        "crop": [square.centre_x / height, square.centre_y / height, square.side / height],
    }


def hand_message(rgb: Rgb, followed: Followed) -> Message:
    """The same for a hand that is followed, with its landmarks and which hand it is."""
    return crop_message(rgb, followed.square) | {
        "landmarks": landmarks_in_square(followed.hand.landmarks, followed.square).ravel().tolist(),
        "hand": "left" if followed.left_hand else "right",
    }


def picture_message(rgb: Rgb, hand: Hand) -> Message:
    """The same for the hand that was found in a single picture; a crop that its hand fills is sent whole."""
    return hand_message(rgb, Followed(hand, hand.left_hand, picture_square(hand, rgb.shape[1], rgb.shape[0])))


def picture_square(hand: Hand, width: int, height: int) -> Square:
    """The square of a single picture that is read."""
    return middle_square(width, height) if is_crop_of(hand, width, height) else hand.square


def is_crop_of(hand: Hand, width: int, height: int) -> bool:
    """Whether a picture (sides in pixels) is cut to its hand already: square and filled by it."""
    return abs(width - height) <= SQUARE_TOLERANCE_PX and hand.square.side >= LOOSEST_CROP * min(width, height)


def middle_square(width: int, height: int) -> Square:
    """The largest square in the middle of a picture."""
    return Square(width / 2, height / 2, min(width, height))

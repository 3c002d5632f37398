"""What a page sends: the hand's square cut out of a frame, as a JPEG, with what its tracker knows (docs/protocol.md)."""

from typing import Any

import cv2

from training.pictures import Rgb, cut
from webapp.core.hands import Square, landmarks_in_square
from webapp.tracker import Followed

# As static/js/camera.js.
JPEG_QUALITY = 80
CROP_PX = 160

Message = dict[str, Any]
"""A `frame` of the protocol, without `seq` and `t`."""

NO_HAND: Message = {"nothing": True}


def page_jpeg(rgb: Rgb, quality: int = JPEG_QUALITY) -> bytes:
    """A picture encoded as the page encodes its crops.  # (H, W, 3)"""
    ok, encoded = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok
    return encoded.tobytes()


def crop_message(rgb: Rgb, square: Square) -> Message:
    """A frame's square, and where it lies in units of the frame's height."""
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

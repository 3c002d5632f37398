"""From JPEG bytes to the array a network is fed: the one way in, for serving, training and evaluation alike.

Everything that can be wrong with a picture from outside is found here and raised as a FrameError, and what can
be read from the header is checked before a pixel is decoded. This file never sees a socket or a model.
"""

import cv2
import numpy as np
import numpy.typing as npt

from webapp.core.bundle import InputSpec
from webapp.core.refusal import RefusedError

MIN_SIDE_PX = 48
MAX_SIDE_PX = 640
MAX_JPEG_BYTES = 1_000_000
# A progressive picture has about ten scans. One made of thousands is small to send and takes seconds to decode.
MAX_SCANS = 24
# Segments before the first scan, and bytes of padding between them.
MAX_HEADER_STEPS = 1000
# A crop made by rounding both corners of a square box may be a pixel or two off.
SQUARE_TOLERANCE_PX = 2

Rgb = npt.NDArray[np.uint8]  # (H, W, 3), 0..255

_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset(range(0xD0, 0xD8)) | {0x01}


class FrameError(RefusedError):
    """A picture that cannot be read."""


def jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height in pixels as the header states them, without decoding.

    Walks the segments of ITU-T T.81 annex B. Raises FrameError `not_jpeg` or `truncated`.
    """
    return _walk_header(jpeg)[:2]


def decode_jpeg(jpeg: bytes) -> Rgb:
    """Decode a whole JPEG to RGB, whatever its size. Raises FrameError `not_jpeg` or `truncated`.

    For pictures that the person at this machine chose (training, upload); frames from the network go through
    `decode_frame`.
    """
    return _decoded(jpeg, _walk_header(jpeg)[2])


def _decoded(jpeg: bytes, scan_start: int) -> Rgb:
    # The decoder fills the missing part of a cut-off picture with grey and says nothing. Inside the scan 0xFF is
    # always followed by 0x00 or a restart marker, so an end marker after its start is the real one.
    if jpeg.rfind(b"\xff\xd9") < scan_start:
        raise FrameError("truncated", "The picture is cut off: its end is missing. Send the whole JPEG.")
    rgb = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    if rgb is None:
        raise FrameError("not_jpeg", "The picture cannot be decoded. Send a baseline or progressive JPEG.")
    return rgb.astype(np.uint8, copy=False)


def decode_frame(jpeg: bytes) -> Rgb:
    """Decode a square hand crop from the network.  # (side, side, 3)

    Raises FrameError: `too_many_bytes`, `not_jpeg`, `truncated`, `too_small`, `too_large`, `not_square`.
    """
    if len(jpeg) > MAX_JPEG_BYTES:
        raise FrameError("too_many_bytes", f"The picture has {len(jpeg):,} bytes. Send at most {MAX_JPEG_BYTES:,}.")
    if jpeg.count(b"\xff\xda") > MAX_SCANS:
        raise FrameError("not_jpeg", "The picture has too many scans. Send a baseline JPEG.")
    width, height, scan_start = _walk_header(jpeg)
    sides = f"The picture is {width}×{height} pixels."
    if min(width, height) < MIN_SIDE_PX:
        raise FrameError("too_small", f"{sides} Send a square of {MIN_SIDE_PX} to {MAX_SIDE_PX} pixels.")
    if max(width, height) > MAX_SIDE_PX:
        raise FrameError("too_large", f"{sides} Send a square of {MIN_SIDE_PX} to {MAX_SIDE_PX} pixels.")
    if abs(width - height) > SQUARE_TOLERANCE_PX:
        raise FrameError("not_square", f"{sides} Send a square crop of the hand.")
    return _decoded(jpeg, scan_start)


def prepare(rgb: Rgb, spec: InputSpec, mirrored: bool = False) -> npt.NDArray[np.float32]:
    """A picture as a network is fed it: `resized`, as numbers from 0 to 255.  # (S, S, 3)"""
    return resized(rgb, spec, mirrored).astype(np.float32)


def resized(rgb: Rgb, spec: InputSpec, mirrored: bool = False) -> Rgb:
    """A picture in the network's size, a left hand turned into a right one if `mirrored`.  # (S, S, 3)"""
    # A picture much larger is averaged, which keeps the gaps between fingers. Where it shrinks by less than half, every pixel
    # still counts in what lies between two or four of them, in less time; where it grows, averages would make blocks.
    averaged = max(rgb.shape[:2]) >= 2 * spec.size
    size = (spec.size, spec.size)
    small: Rgb = np.asarray(
        cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if averaged else cv2.INTER_LINEAR), np.uint8
    )
    return small[:, ::-1] if mirrored else small


def _walk_header(jpeg: bytes) -> tuple[int, int, int]:
    """Width, height and where the first scan's data begins."""
    if jpeg[:2] != b"\xff\xd8":
        raise FrameError("not_jpeg", "This is not a JPEG picture. Send the bytes of a JPEG file.")
    size: tuple[int, int] | None = None
    at = 2
    for _ in range(MAX_HEADER_STEPS):
        if at + 4 > len(jpeg):
            break
        if jpeg[at] != 0xFF:
            raise FrameError("not_jpeg", "The picture's header is damaged. Send the bytes of a JPEG file.")
        marker = jpeg[at + 1]
        if marker == 0xFF:  # padding before a marker
            at += 1
            continue
        if marker in _STANDALONE:
            at += 2
            continue
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker in _START_OF_FRAME and at + 9 <= len(jpeg):
            size = int.from_bytes(jpeg[at + 7 : at + 9], "big"), int.from_bytes(jpeg[at + 5 : at + 7], "big")
        if marker == 0xDA:  # start of scan
            if size is None:
                raise FrameError("not_jpeg", "The picture's header gives no size. Send the bytes of a JPEG file.")
            return *size, at + 2 + length
        at += 2 + length
    raise FrameError("truncated", "The picture is cut off: its end is missing. Send the whole JPEG.")

"""Whole pictures from people's own disks: JPEG, PNG or WebP to the array that a hand is looked for in.

What a stranger sends goes through `check_picture` first, which reads the header alone, so that a small file which
unpacks to a huge picture costs nothing. Pictures come out upright, as their EXIF orientation says. This file never
sees a socket or a model.
"""

import cv2
import numpy as np

from webapp.core.frames import MAX_SCANS, MIN_SIDE_PX, FrameError, Rgb, jpeg_size

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_VP8_START = b"\x9d\x01\x2a"
_VP8L_MARK = 0x2F


def decode_picture(data: bytes) -> Rgb:
    """A whole picture as RGB, upright, whatever its size. Raises FrameError `not_a_picture` or `truncated`."""
    picture_size(data)
    rgb = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    if rgb is None:
        raise FrameError("truncated", "It is cut off or damaged. Send the whole file.")
    return rgb.astype(np.uint8, copy=False)


def check_picture(data: bytes, most_pixels: int) -> None:
    """Refuse what cannot or should not be decoded, without decoding it.

    Raises FrameError `not_a_picture`, `truncated`, `too_small` or `too_large` (more than `most_pixels`).
    """
    width, height = picture_size(data)
    sides = f"It is {width:,}×{height:,} pixels."
    if min(width, height) < MIN_SIDE_PX:
        raise FrameError("too_small", f"{sides} Send one of at least {MIN_SIDE_PX} pixels a side.")
    if width * height > most_pixels:
        raise FrameError("too_large", f"{sides} Send one of at most {most_pixels / 1e6:g} megapixels.")
    if data.startswith(_JPEG) and data.count(b"\xff\xda") > MAX_SCANS:
        raise FrameError("not_a_picture", "It is a JPEG of too many scans. Save it as a baseline JPEG.")


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels as the header states them, before any turning.

    Raises FrameError `not_a_picture` for what is no JPEG, PNG or WebP, and `truncated`.
    """
    if data.startswith(_JPEG):
        return _jpeg_size(data)
    if data.startswith(_PNG) and data[12:16] == b"IHDR":
        size = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        size = _webp_size(data)
    else:
        raise FrameError("not_a_picture", "It is no picture that can be read. Send a JPEG, PNG or WebP file.")
    if 0 in size:
        raise FrameError("truncated", "It is cut off or damaged. Send the whole file.")
    return size


def _jpeg_size(data: bytes) -> tuple[int, int]:
    try:
        return jpeg_size(data)
    except FrameError as error:
        code = "truncated" if error.code == "truncated" else "not_a_picture"
        raise FrameError(code, "Its JPEG header is cut off or damaged. Send the whole file.") from None


def _webp_size(data: bytes) -> tuple[int, int]:
    """From the first chunk of the container (RFC 9649): lossy, lossless or extended. (0, 0): there is none."""
    kind, chunk = data[12:16], data[20:30]
    if kind == b"VP8 " and chunk[3:6] == _VP8_START:
        return _little(chunk[6:8]) & 0x3FFF, _little(chunk[8:10]) & 0x3FFF
    if kind == b"VP8L" and len(chunk) >= 5 and chunk[0] == _VP8L_MARK:
        packed = _little(chunk[1:5])
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if kind == b"VP8X" and len(chunk) == 10:
        return _little(chunk[4:7]) + 1, _little(chunk[7:10]) + 1
    return 0, 0


def _little(raw: bytes) -> int:
    return int.from_bytes(raw, "little")

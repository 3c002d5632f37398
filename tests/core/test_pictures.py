"""Whole pictures of people's own: what is read, upright, and what is refused before it is unpacked."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from webapp.core.frames import MAX_SCANS, FrameError
from webapp.core.pictures import check_picture, decode_picture, picture_size

WIDTH, HEIGHT = 96, 64
KINDS = {"jpeg": (".jpg", []), "png": (".png", []), "webp": (".webp", [cv2.IMWRITE_WEBP_QUALITY, 90])}


def encoded(kind: str, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A picture whose left half is blue and whose right half is red."""
    rgb = np.full((height, width, 3), (40, 90, 200), np.uint8)
    rgb[:, width // 2 :] = (200, 90, 40)
    suffix, options = KINDS[kind]
    return cv2.imencode(suffix, rgb[..., ::-1], options)[1].tobytes()


def turned(jpeg: bytes, orientation: int) -> bytes:
    """The same JPEG with an EXIF orientation."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def png_claiming(width: int, height: int) -> bytes:
    """A few bytes that say they are a huge picture, with a right checksum."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def webp_of(kind: bytes, chunk: bytes) -> bytes:
    body = b"WEBP" + kind + len(chunk).to_bytes(4, "little") + chunk
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def read(data: bytes) -> None:
    """Check and decode, as the server does."""
    check_picture(data, 1_000_000)
    decode_picture(data)


def code_of(data: bytes) -> str:
    with pytest.raises(FrameError) as caught:
        read(data)
    assert caught.value.message.endswith(".")
    return caught.value.code


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_decoded_to_rgb(kind: str) -> None:
    data = encoded(kind)
    check_picture(data, WIDTH * HEIGHT)
    rgb = decode_picture(data)
    assert rgb.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(rgb[:, :40].reshape(-1, 3).mean(axis=0) - (40, 90, 200)).max() < 8


@pytest.mark.parametrize(
    ("orientation", "shape", "blue"),
    [
        (1, (HEIGHT, WIDTH), np.s_[:, :40]),
        (3, (HEIGHT, WIDTH), np.s_[:, 56:]),
        (6, (WIDTH, HEIGHT), np.s_[:40]),
        (8, (WIDTH, HEIGHT), np.s_[56:]),
    ],
    ids=["as it is", "upside down", "turned right", "turned left"],
)
def test_a_picture_comes_out_upright(orientation: int, shape: tuple[int, int], blue: tuple[slice, ...]) -> None:
    rgb = decode_picture(turned(encoded("jpeg"), orientation))
    assert rgb.shape[:2] == shape
    assert np.abs(rgb[blue].reshape(-1, 3).mean(axis=0) - (40, 90, 200)).max() < 8


@pytest.mark.parametrize("channels", [1, 4], ids=["grey", "with transparency"])
def test_other_kinds_of_png_become_rgb(channels: int) -> None:
    data = cv2.imencode(".png", np.full((60, 80, channels), 128, np.uint8))[1].tobytes()
    assert decode_picture(data).shape == (60, 80, 3)


@pytest.mark.parametrize("quality", [90, 101], ids=["lossy", "lossless"])
def test_the_size_is_read_from_the_header_of_every_kind(quality: int) -> None:
    assert {picture_size(encoded(kind)) for kind in KINDS} == {(WIDTH, HEIGHT)}
    webp = cv2.imencode(".webp", np.zeros((70, 300, 3), np.uint8), [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
    assert picture_size(webp) == (300, 70)
    extended = webp_of(b"VP8X", bytes(4) + (299).to_bytes(3, "little") + (69).to_bytes(3, "little"))
    assert picture_size(extended) == (300, 70)


NOISE = np.random.default_rng(1).integers(0, 256, 50_000, np.uint8).tobytes()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "not_a_picture", id="empty"),
        pytest.param(b"GIF89a" + bytes(100), "not_a_picture", id="another format"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_picture", id="a drawing"),
        pytest.param(NOISE, "not_a_picture", id="noise"),
        pytest.param(b"\xff\xd8" + NOISE, "not_a_picture", id="noise that begins as a JPEG"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + NOISE, "not_a_picture", id="noise that begins as a PNG"),
        pytest.param(webp_of(b"VP8 ", NOISE), "truncated", id="noise in a WebP"),
        pytest.param(webp_of(b"VP8X", b""), "truncated", id="a WebP without a header"),
        *[pytest.param(encoded(kind)[:-40], "truncated", id=f"{kind} without its end") for kind in KINDS],
        *[pytest.param(encoded(kind)[:22], "truncated", id=f"{kind} cut in the header") for kind in ("jpeg", "webp")],
        pytest.param(encoded("png", 47, 300), "too_small", id="narrow"),
        pytest.param(encoded("jpeg", 1001, 1000), "too_large", id="just too large"),
        pytest.param(png_claiming(60_000, 60_000), "too_large", id="a bomb in PNG"),
        pytest.param(webp_of(b"VP8X", bytes(4) + b"\xff" * 6), "too_large", id="a bomb in WebP"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_jpeg_of_very_many_scans_is_refused() -> None:
    whole = encoded("jpeg")
    scan = whole[whole.index(b"\xff\xda") : -2]
    assert code_of(whole[:-2] + scan * MAX_SCANS + b"\xff\xd9") == "not_a_picture"

"""Pictures from outside: what is read, what is refused, and with which code."""

import cv2
import numpy as np
import pytest

from webapp.core import frames
from webapp.core.bundle import InputSpec
from webapp.core.frames import FrameError, decode_frame, decode_jpeg, jpeg_size, prepare


def jpeg(width: int, height: int, progressive: bool = False) -> bytes:
    picture = np.full((height, width, 3), (40, 90, 200), np.uint8)  # BGR
    options = [cv2.IMWRITE_JPEG_QUALITY, 90, cv2.IMWRITE_JPEG_PROGRESSIVE, int(progressive)]
    return cv2.imencode(".jpg", picture, options)[1].tobytes()


def claiming(width: int, height: int) -> bytes:
    """A small picture whose header claims another size."""
    data = bytearray(jpeg(64, 64))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(data)


def code_of(data: bytes) -> str:
    with pytest.raises(FrameError) as caught:
        decode_frame(data)
    assert caught.value.message.endswith(".")
    return caught.value.code


@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
def test_a_crop_is_decoded_to_rgb(progressive: bool) -> None:
    rgb = decode_frame(jpeg(96, 96, progressive))
    assert rgb.shape == (96, 96, 3)
    assert np.abs(rgb.reshape(-1, 3).mean(axis=0) - (200, 90, 40)).max() < 4


def test_the_size_is_read_from_the_header_alone() -> None:
    whole = jpeg(120, 80)
    start_of_scan = whole.index(b"\xff\xda")
    assert jpeg_size(whole[: start_of_scan + 12]) == (120, 80)


NOISE = np.random.default_rng(1).integers(0, 256, 50_000, np.uint8).tobytes()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "not_jpeg", id="empty"),
        pytest.param(b"GIF89a" + bytes(100), "not_jpeg", id="another format"),
        pytest.param(NOISE, "not_jpeg", id="50 KB of noise"),
        pytest.param(b"\xff\xd8" + NOISE, "not_jpeg", id="noise with the right beginning"),
        pytest.param(b"\xff\xd8\xff\xd9", "truncated", id="nothing but its ends"),
        pytest.param(jpeg(96, 96)[:-40], "truncated", id="end missing"),
        pytest.param(jpeg(96, 96)[:200], "truncated", id="cut in the header"),
        pytest.param(jpeg(1, 1), "too_small", id="1×1"),
        pytest.param(jpeg(47, 47), "too_small", id="just too small"),
        pytest.param(jpeg(641, 641), "too_large", id="just too large"),
        pytest.param(claiming(20_000, 20_000), "too_large", id="20,000×20,000 in the header"),
        pytest.param(jpeg(96, 64), "not_square", id="not square"),
        pytest.param(bytes(frames.MAX_JPEG_BYTES + 1), "too_many_bytes", id="too many bytes"),
    ],
)
def test_a_bad_picture_is_refused_by_name(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_picture_of_endless_scans_is_refused() -> None:
    whole = jpeg(96, 96, progressive=True)
    last_scan = whole[whole.rindex(b"\xff\xda") : -2]
    assert code_of(whole[:-2] + last_scan * 50 + whole[-2:]) == "not_jpeg"


def test_endless_padding_is_refused() -> None:
    assert code_of(b"\xff\xd8" + b"\xff" * 500_000) == "truncated"


def test_a_huge_size_is_refused_before_anything_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    assert code_of(claiming(20_000, 20_000)) == "too_large"


@pytest.mark.parametrize("side", [48, 640])
def test_the_bounds_themselves_are_allowed(side: int) -> None:
    assert decode_frame(jpeg(side, side)).shape == (side, side, 3)


def test_every_cut_of_a_picture_is_refused_or_whole() -> None:
    whole = jpeg(64, 64)
    for length in range(len(whole) - 1):
        with pytest.raises(FrameError):
            decode_jpeg(whole[:length])


@pytest.mark.parametrize("side", [48, 80, 200])
def test_prepared_pictures_have_the_network_s_size_and_keep_their_values(side: int) -> None:
    rgb = np.full((side, side, 3), (200, 90, 40), np.uint8)
    prepared = prepare(rgb, InputSpec(size=80, resize="area"))
    assert prepared.shape == (80, 80, 3)
    assert prepared.dtype == np.float32
    assert (prepared == (200, 90, 40)).all()


def test_a_left_hand_is_mirrored() -> None:
    rgb = np.zeros((80, 80, 3), np.uint8)
    rgb[:, :40] = 255
    spec = InputSpec(size=80, resize="area")
    assert (prepare(rgb, spec, mirrored=True) == prepare(rgb, spec)[:, ::-1]).all()

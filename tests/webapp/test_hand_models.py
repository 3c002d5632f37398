"""The hand models out of their package, and what the page may load of it."""

from pathlib import Path

import pytest
import requests

from tests.server import Server
from webapp.hand_models import MODEL_NAMES, HandModelError, hand_model, unpack

LOADER = 'loadPackage({"files": [{"filename": "/a/b/one.bin", "start": 0, "end": 3}, {"filename": "/a/two.bin", "start": 3, "end": 9}], "remote_package_size": 9})'


def test_a_file_is_cut_out_of_the_packed_assets() -> None:
    assert unpack(LOADER, b"abcdefghi", "two.bin") == b"defghi"


@pytest.mark.parametrize(
    ("loader", "packed", "name"),
    [
        pytest.param(LOADER, b"abcdefghi", "three.bin", id="not listed"),
        pytest.param(LOADER, b"abcde", "two.bin", id="data too short"),
        pytest.param("nothing of the kind", b"abcdefghi", "two.bin", id="no list"),
    ],
)
def test_a_file_that_is_not_there_is_refused(loader: str, packed: bytes, name: str) -> None:
    with pytest.raises(HandModelError, match="packed assets"):
        unpack(loader, packed, name)


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_every_model_is_in_the_package(name) -> None:
    assert hand_model(name)[4:8] == b"TFL3"
    assert hand_model(name) is hand_model(name)  # read once


def test_a_missing_package_and_a_strange_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(HandModelError, match=r"hand_landmark_lite\.tflite cannot be read"):
        hand_model("hand_landmark_lite", tmp_path)
    (tmp_path / "hand_landmark_lite.tflite").write_bytes(b"<html>not found</html>")
    with pytest.raises(HandModelError, match="no TensorFlow Lite model"):
        hand_model("hand_landmark_lite", tmp_path)


def test_web_assembly_may_be_compiled_but_text_may_not_be_run(colour_server: Server) -> None:
    policy = requests.get(f"{colour_server.url}/", timeout=20).headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "'unsafe-eval'" not in policy
    assert "worker-src 'self';" in policy

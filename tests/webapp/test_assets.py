"""The page's files: small on the way, kept by browsers for good, and never of two versions."""

import gzip
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
import requests

from tests.server import Server
from webapp.assets import ENCODINGS, HAND_MODELS, STATIC, VENDOR, Assets


@pytest.fixture
def few(tmp_path: Path) -> tuple[Path, Path]:
    """A folder with two of our files, and one for what is compressed; node_modules are the real ones."""
    static = tmp_path / "static"
    (static / "css").mkdir(parents=True)
    shutil.copy(STATIC / "css" / "style.css", static / "css")
    (static / "tiny.js").write_text("1\n")
    return static, tmp_path / "packed"


@pytest.fixture
def vendored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of node_modules: to compress that takes a minute."""
    monkeypatch.setattr("webapp.assets.VENDOR", {})
    monkeypatch.setattr("webapp.assets.HAND_MODELS", {})


@pytest.mark.usefixtures("vendored")
def test_what_is_packed_unpacks_to_the_same_and_what_has_gone_is_deleted(few: tuple[Path, Path]) -> None:
    Assets(*few).pack()
    style = Assets(*few)["css/style.css"]
    assert list(style.encoded) == ["br", "gzip"]
    assert len(style.encoded["br"]) < len(style.encoded["gzip"]) < style.length / 3
    assert brotli.decompress(style.encoded["br"]) == gzip.decompress(style.encoded["gzip"]) == style.data
    assert Assets(*few)["tiny.js"].encoded == {}, "it would only grow"
    (few[0] / "css" / "style.css").unlink()
    Assets(*few).pack()
    assert sorted(path.suffix for path in few[1].iterdir()) == sorted(ENCODINGS)


@pytest.mark.usefixtures("vendored")
def test_a_changed_file_is_another_version_and_is_not_sent_as_it_was(few: tuple[Path, Path]) -> None:
    before = Assets(*few)
    before.pack()
    with (few[0] / "css" / "style.css").open("a") as style:
        style.write("/* changed */")
    after = Assets(*few)
    assert after.version != before.version
    assert after["css/style.css"].encoded == {}
    assert before["css/style.css"].data != after["css/style.css"].data, "a server sends what was there when it started"


@pytest.fixture(scope="module")
def packed_server(packed: None, colour_models: Path) -> Iterator[Server]:
    """A server that was started after set-up."""
    server = Server(HANDSPELL_MODELS=str(colour_models))
    yield server
    server.stop()


def address(server: Server, name: str) -> str:
    """Where the pages find a file."""
    found = re.search(r"/static/v\w+/", requests.get(server.url, timeout=20).text)
    assert found
    return f"{server.url}{found[0]}{name}"


def test_the_page_can_load_all_it_needs_and_nothing_else(colour_server: Server) -> None:
    for name in (*VENDOR, *HAND_MODELS):
        reply = requests.get(address(colour_server, f"vendor/{name}"), timeout=20)
        assert reply.status_code == 200, name
        assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        again = requests.get(
            address(colour_server, f"vendor/{name}"), headers={"If-None-Match": reply.headers["ETag"]}, timeout=20
        )
        assert (again.status_code, again.content) == (304, b""), name
    for name in (
        "vendor/index.js",
        "vendor/hands.js",
        "vendor/..%2fpackage.json",
        "vendor/palm_detection_full",
        "../webapp/app.py",
    ):
        assert requests.get(address(colour_server, name), timeout=20).status_code == 404


@pytest.mark.parametrize("version", ["", "v000000000000/"], ids=["none", "of another day"])
def test_without_this_version_a_file_is_asked_for_anew(version: str, colour_server: Server) -> None:
    reply = requests.get(f"{colour_server.url}/static/{version}js/main.js", timeout=20)
    assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-cache")
    assert reply.text == (STATIC / "js" / "main.js").read_text("utf-8")


def test_every_encoding_gives_the_same_bytes(packed_server: Server) -> None:
    url = address(packed_server, "vendor/litert.js")
    plain = requests.get(url, headers={"Accept-Encoding": "identity"}, timeout=20)
    assert "Content-Encoding" not in plain.headers
    assert len(plain.content) == int(plain.headers["Content-Length"])
    tags = {plain.headers["ETag"]}
    for accepted, encoding in (("gzip", "gzip"), ("gzip, deflate, br", "br"), ("br;q=0, gzip", "gzip")):
        with requests.get(url, headers={"Accept-Encoding": accepted}, timeout=20, stream=True) as reply:
            assert reply.headers["Content-Encoding"] == encoding
            assert reply.headers["Vary"] == "Accept-Encoding"
            assert int(reply.headers["X-Unpacked-Length"]) == len(plain.content)
            sent = reply.raw.read(decode_content=False)
            tags.add(reply.headers["ETag"])
        unpack = brotli.decompress if encoding == "br" else gzip.decompress
        assert unpack(sent) == plain.content
    assert len(tags) == 3


def test_litert_asks_this_server_for_its_helper(colour_server: Server) -> None:
    text = requests.get(address(colour_server, "vendor/litert.js"), timeout=20).text
    assert 'from "@litertjs' not in text
    assert 'from "./litert_wasm_utils.js"' in text

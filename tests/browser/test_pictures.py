"""The page to try pictures: how they come, what is shown of them, and what leaves the browser."""

import base64
import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import clips
from tests.browser.conftest import OpenPage, wait_until
from tests.browser.test_page import AXE, violations
from tests.server import Server
from webapp.core.frames import decode_frame

READY = "document.querySelector('#intake').dataset.place === 'here'"
WITHOUT_FINDER = "document.querySelector('#intake').dataset.place === 'server'"
# Before anything else runs: as in a browser that has none.
NO_WORKERS = "delete window.Worker;"
# Chromium does not tell its debugger what is in a form of files.
LISTEN = """
const post = window.fetch;
const tell = async (value) => typeof value === "string" ? value : {
  name: value.name,
  bytes: btoa(String.fromCharCode(...new Uint8Array(await value.arrayBuffer()))),
};
window.sent = [];
window.fetch = (address, options) => {
  if (options?.body instanceof FormData) {
    const parts = [...options.body].map(async ([name, value]) => [name, await tell(value)]);
    window.sent.push(Promise.all(parts).then(Object.fromEntries));
  }
  return post(address, options);
};
"""
WALL = np.random.default_rng(0).normal(130, 4, (300, 400, 3)).clip(0, 255).astype(np.uint8)


@pytest.fixture
def wall(tmp_path: Path) -> Path:
    """A picture without a hand."""
    path = tmp_path / "wall.png"
    assert cv2.imwrite(str(path), WALL)
    return path


@pytest.fixture
def signed(hands: Path) -> dict[str, list[Path]]:
    """Whole webcam frames of several people, by the letter that they show; all are read rightly by what is served."""
    return {letter: sorted((hands / "frames").glob(f"*/{letter}/*.jpg")) for letter in "ALWY"}


OpenPictures = Callable[..., Page]


@pytest.fixture
def open_pictures(open_page: OpenPage) -> OpenPictures:
    """Opens the page once it can find hands, or has found that it cannot."""

    def open_(url: str = "", ready: str = READY, **context: Any) -> Page:
        return open_page(url=url, path="/pictures", ready=ready, finder=True, **context).page

    return open_


def wait_until_read(page: Page, cards: int) -> None:
    """Until so many cards stand there, and nothing more is to be done."""
    expect(page.locator(".picture")).to_have_count(cards)
    for state in ("waiting", "reading"):
        expect(page.locator(f".picture[data-state={state}]")).to_have_count(0, timeout=60_000)
    expect(page.locator("#progress")).to_be_hidden()


def signs(page: Page) -> list[str]:
    return page.locator(".picture-sign").all_text_contents()


def posted(page: Page) -> list[dict[str, Any]]:
    """The forms that the page has sent; a file is its name and its bytes in base 64."""
    return page.evaluate("Promise.all(sent)")


# --- pictures come ------------------------------------------------------------------------------------------------


@pytest.mark.hands
def test_a_chosen_picture_is_read_and_only_the_hand_leaves_the_browser(
    server: Server, open_pictures: OpenPictures, signed: dict[str, list[Path]]
) -> None:
    page = open_pictures(server.url, init=LISTEN)
    expect(page.locator("#privacy")).to_contain_text("Your pictures stay in this browser")
    page.set_input_files("#files", signed["L"][0])
    wait_until_read(page, 1)
    card = page.locator(".picture")
    expect(card).to_have_attribute("data-state", "read")
    assert signs(page) == ["L"]
    expect(card.locator(".picture-caption")).to_contain_text("Sure: ")
    expect(card.locator(".picture-reliability")).to_contain_text("for strangers")
    expect(card.locator(".picture-hand")).to_have_text(re.compile("(Right|Left) hand"))
    for line in ("square", "bones", "joints"):
        assert card.locator(f".over .outline-{line}").get_attribute("d")
    expect(card.locator(".picture-crop")).to_be_visible()
    shown = card.locator(".picture-bars .share-sign, .picture-rest li").all_text_contents()
    assert shown[0] == "L"
    assert len(shown) == len(set(shown)) == 29

    (form,) = posted(page)
    assert set(form) == {"model", "hand", "landmarks", "picture"}
    assert len(json.loads(form["landmarks"])) == 63
    assert decode_frame(base64.b64decode(form["picture"]["bytes"])).shape == (160, 160, 3)
    assert form["picture"]["name"] == "picture"  # a file's name may tell whose it is


@pytest.mark.hands
def test_dropped_and_pasted_pictures_are_read(
    server: Server, open_pictures: OpenPictures, signed: dict[str, list[Path]]
) -> None:
    page = open_pictures(server.url)
    coded = {letter: base64.b64encode(signed[letter][0].read_bytes()).decode() for letter in "AY"}
    page.evaluate(
        """({A, Y}) => {
          const holding = (text, name) => {
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], name, {type: "image/jpeg"}));
            return data;
          };
          const over = new DragEvent("dragover", {dataTransfer: holding(A, "a.jpg"), bubbles: true, cancelable: true});
          document.body.dispatchEvent(over);
          window.marked = [over.defaultPrevented, "over" in document.querySelector("#intake").dataset];
          const drop = new DragEvent("drop", {dataTransfer: holding(A, "a.jpg"), bubbles: true, cancelable: true});
          document.body.dispatchEvent(drop);
          window.marked.push(drop.defaultPrevented, "over" in document.querySelector("#intake").dataset);
          document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: holding(Y, "y.jpg"), bubbles: true}));
        }""",
        coded,
    )
    wait_until_read(page, 2)
    assert page.evaluate("marked") == [True, True, True, False]
    assert signs(page) == ["A", "Y"]
    assert page.locator(".picture-name").all_text_contents() == ["a.jpg", "y.jpg"]


def test_a_picture_on_the_clipboard_is_pasted_by_its_keys(open_pictures: OpenPictures) -> None:
    page = open_pictures(permissions=["clipboard-read", "clipboard-write"])
    page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(200, 150);
          canvas.getContext("2d").fillRect(0, 0, 200, 150);
          await navigator.clipboard.write([new ClipboardItem({"image/png": await canvas.convertToBlob()})]);
        }"""
    )
    page.keyboard.press("Control+v")
    wait_until_read(page, 1)
    expect(page.locator(".picture-caption")).to_have_text("No hand found")
    page.evaluate("navigator.clipboard.writeText('only words')")
    page.keyboard.press("Control+v")
    expect(page.locator("#said")).to_contain_text("That was no picture")


@pytest.mark.hands
def test_a_frame_of_the_camera_is_read(
    server: Server, open_pictures: OpenPictures, signed: dict[str, list[Path]], tmp_path: Path
) -> None:
    bgr = cv2.imread(str(signed["W"][0]))
    film = clips.write(tmp_path / "film.mjpeg", [(np.ascontiguousarray(bgr[..., ::-1]), 1.0)])
    page = open_pictures(server.url, film=film)
    page.keyboard.press("Tab")
    page.focus("#camera")
    page.keyboard.press("Enter")
    expect(page.locator("#take")).to_be_focused()
    wait_until(page, "document.querySelector('#video').videoWidth > 0")
    page.keyboard.press("Enter")
    wait_until_read(page, 1)
    assert signs(page) == ["W"]
    expect(page.locator(".picture-name")).to_have_text("Camera 1")
    page.click("#camera")
    expect(page.locator("#viewfinder")).to_be_hidden()
    expect(page.locator("#camera")).to_be_focused()
    assert page.evaluate("document.querySelector('#video').srcObject") is None


def test_a_camera_that_does_not_start_says_what_to_do(open_pictures: OpenPictures) -> None:
    page = open_pictures(
        init="navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotReadableError'));"
    )
    page.click("#camera")
    expect(page.locator("#said")).to_contain_text("The camera is busy")
    expect(page.locator("#said")).to_contain_text("press Use camera again")


# --- many, and what goes wrong ------------------------------------------------------------------------------------


@pytest.mark.hands
def test_many_pictures_are_read_in_turn_and_one_that_fails_stops_none(
    server: Server, open_pictures: OpenPictures, signed: dict[str, list[Path]], wall: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "=broken.jpg"
    broken.write_bytes(signed["A"][0].read_bytes()[:300])
    page = open_pictures(server.url)
    page.set_input_files("#files", [wall, broken, *(signed[letter][1] for letter in "ALWY")])
    expect(page.locator("#progress-words")).to_have_text(re.compile("[0-5] of 6 read"))
    wait_until_read(page, 6)
    assert signs(page) == ["", "", "A", "L", "W", "Y"]
    captions = page.locator(".picture-caption").all_text_contents()
    assert captions[:2] == ["No hand found", "Not read"]
    expect(page.locator(".picture-note").nth(0)).to_contain_text("Show the whole hand")
    expect(page.locator(".picture-note").nth(1)).to_contain_text("This browser cannot open it")
    expect(page.locator("#summary-words")).to_have_text("6 pictures: 4 with a sign")
    # Six in a row are told once, at their end.
    assert page.locator("#announcer p").all_text_contents() == ["All read. 6 pictures: 4 with a sign"]

    with page.expect_download() as saving:
        page.click("#save")
    rows = list(csv.DictReader(io.StringIO(saving.value.path().read_text("utf-8-sig"))))
    assert saving.value.suggested_filename == "handspell-pictures.csv"
    assert [row["Sign"] for row in rows] == signs(page)
    assert rows[1]["Picture"] == "'=broken.jpg"  # no spreadsheet runs it
    assert rows[2]["Model"].startswith("letters ")


def test_the_table_can_be_copied_and_everything_cleared(open_pictures: OpenPictures, wall: Path) -> None:
    page = open_pictures(permissions=["clipboard-read", "clipboard-write"])
    page.set_input_files("#files", [wall, wall])
    wait_until_read(page, 2)
    page.click("#copy")
    expect(page.locator("#said")).to_contain_text("Copied")
    lines = page.evaluate("navigator.clipboard.readText()").strip().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["Picture", "wall.png", "wall.png"]
    page.locator(".picture-remove").nth(0).click()
    expect(page.locator(".picture")).to_have_count(1)
    expect(page.locator(".picture-remove")).to_be_focused()
    expect(page.locator("#rows tr")).to_have_count(1)
    page.click("#clear")
    expect(page.locator(".picture")).to_have_count(0)
    expect(page.locator("#summary")).to_be_hidden()
    expect(page.locator(".empty")).to_be_visible()
    expect(page.locator("#choose")).to_be_focused()


@pytest.mark.hands
def test_what_was_chosen_to_be_read_can_be_changed_afterwards(
    server: Server, open_pictures: OpenPictures, signed: dict[str, list[Path]]
) -> None:
    page = open_pictures(server.url)
    page.set_input_files("#files", signed["W"][0])
    wait_until_read(page, 1)
    assert signs(page) == ["W"]
    page.check("input[name=model][value=digits]", force=True)
    expect(page.locator(".picture-sign")).to_have_text("6")  # the same shape
    expect(page.locator("#rows td").nth(5)).to_contain_text("digits ")


@pytest.mark.hands
def test_a_server_that_is_away_or_busy_is_told_and_asked_again(
    server: Server, open_pictures: OpenPictures, signed: dict[str, list[Path]]
) -> None:
    page = open_pictures(server.url, complaints_expected=True)
    page.route("**/api/predict", lambda route: route.abort())
    page.set_input_files("#files", signed["Y"][0])
    wait_until_read(page, 1)
    expect(page.locator(".picture-note")).to_contain_text("The server cannot be reached")
    page.unroute("**/api/predict")

    refusals = iter([True])

    def busy_once(route: Route) -> None:
        if not next(refusals, False):
            route.continue_()
            return
        error = {"error": {"code": "busy", "message": "Come again."}}
        route.fulfill(status=503, headers={"Retry-After": "1"}, json=error)

    page.route("**/api/predict", busy_once)
    page.click(".picture-retry")
    expect(page.locator(".picture-caption")).to_contain_text("The server is busy")
    wait_until_read(page, 1)
    assert signs(page) == ["Y"]


# --- where the browser cannot find hands --------------------------------------------------------------------------


@pytest.mark.hands
def test_no_whole_picture_is_sent_before_the_person_agrees(
    server: Server, open_pictures: OpenPictures, signed: dict[str, list[Path]]
) -> None:
    page = open_pictures(server.url, ready=WITHOUT_FINDER, init=NO_WORKERS + LISTEN)
    expect(page.locator("#privacy")).to_contain_text("Whole pictures go to this server")
    page.set_input_files("#files", signed["L"][0])
    expect(page.locator(".picture[data-state=waiting]")).to_have_count(1)
    expect(page.locator(".picture-caption")).to_contain_text("your word that it may be sent")
    page.wait_for_timeout(500)  # whatever would be sent would be under way by now
    assert posted(page) == []
    page.click("#allow")
    expect(page.locator("#consent")).to_be_hidden()
    wait_until_read(page, 1)
    assert signs(page) == ["L"]
    (form,) = posted(page)
    assert set(form) == {"model", "picture"}
    assert base64.b64decode(form["picture"]["bytes"]) == signed["L"][0].read_bytes()
    assert page.locator(".over .outline-joints").get_attribute("d")
    expect(page.locator(".picture-crop")).to_be_visible()
    page.set_input_files("#files", signed["Y"][0])  # asked once
    wait_until_read(page, 2)
    assert signs(page) == ["L", "Y"]


def test_a_finder_that_breaks_on_the_way_sends_nothing_by_itself(open_pictures: OpenPictures, wall: Path) -> None:
    page = open_pictures(
        init="""const post = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (message, transfer) {
          if (message.frame) this.dispatchEvent(new ErrorEvent("error", {message: "broken", cancelable: true}));
          else post.call(this, message, transfer);
        };"""
    )
    page.set_input_files("#files", wall)
    expect(page.locator("#allow")).to_be_visible()
    expect(page.locator(".picture[data-state=waiting]")).to_have_count(1)
    page.click("#allow")
    wait_until_read(page, 1)
    expect(page.locator(".picture-caption")).to_have_text("No hand found")


# --- for everybody ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_accessibility_faults_that_a_machine_can_see(
    scheme: str, open_pictures: OpenPictures, wall: Path, tmp_path: Path
) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core in node_modules; `npm ci` installs it")
    page = open_pictures(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    assert violations(page) == []
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    page.set_input_files("#files", [wall, broken])
    wait_until_read(page, 2)
    assert violations(page) == []
    page.click("#camera")
    expect(page.locator("#take")).to_be_visible()
    assert violations(page) == []


@pytest.mark.hands
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_answers_have_no_such_faults_either(
    scheme: str, server: Server, open_pictures: OpenPictures, signed: dict[str, list[Path]]
) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core in node_modules; `npm ci` installs it")
    page = open_pictures(server.url, color_scheme=scheme, bypass_csp=True)
    page.set_input_files("#files", [signed["A"][0], signed["W"][0]])
    wait_until_read(page, 2)
    assert violations(page) == []


@pytest.mark.parametrize("size", [(360, 740), (820, 1180), (1366, 768), (1920, 1080)], ids=str)
def test_nothing_reaches_over_the_sides(size: tuple[int, int], open_pictures: OpenPictures, wall: Path) -> None:
    page = open_pictures(viewport={"width": size[0], "height": size[1]})
    page.set_input_files("#files", [wall, wall, wall])
    wait_until_read(page, 3)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_every_control_is_reached_by_tab(open_pictures: OpenPictures, wall: Path) -> None:
    page = open_pictures()
    page.set_input_files("#files", wall)
    wait_until_read(page, 1)
    reached = set()
    for _ in range(25):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "document.activeElement.id || document.activeElement.name || document.activeElement.className"
            )
        )
    assert {"choose", "camera", "model", "copy", "save", "clear", "table"} <= reached
    assert "button button-icon picture-remove" in reached

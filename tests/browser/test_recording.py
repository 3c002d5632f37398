"""Captions on the picture, and recordings of it: made by the real browser, saved, and read again."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Dialog, Page, Playwright, expect

from tests.browser import clips
from tests.browser.conftest import FLAGS, OpenPage, finder_off, wait_for_notice, wait_for_text, wait_until
from tests.browser.test_finder import FOUND, frames_of
from tests.browser.test_page import AXE, violations
from tests.server import Server

ACCENT = (255, 198, 54)


def spelling(path: Path, word: str = "HI") -> Path:
    return clips.write(path / "film.mjpeg", clips.spelling(word, end_seconds=120))


def test_captions_show_the_last_words_and_hide_nothing_of_the_picture(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(spelling(tmp_path)).start()
    expect(page.locator("#subtitles")).to_be_hidden()
    page.keyboard.press("k")
    wait_for_text(page, "HI ", timeout_ms=60_000)
    captions = page.locator("#subtitles")
    expect(captions).to_have_text("HI")

    def edges(selector: str) -> tuple[float, float]:
        area = page.locator(selector).bounding_box()
        assert area
        return area["y"], area["y"] + area["height"]

    assert edges("#subtitles span")[0] > edges("#stage")[1]
    for width, height in ((1366, 768), (1920, 1080), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        assert edges("#board")[0] < edges("#stage")[0] < edges("#stage")[1] < edges("#subtitles")[0]
        assert edges("#subtitles")[1] < edges("#board")[1]
    page.reload()
    assert page.get_attribute("#captions", "aria-checked") == "true"
    page.click("#more-button")
    page.click("#captions")
    expect(page.locator("#subtitles")).to_be_hidden()


def pictures_of(film: Path) -> tuple[list[np.ndarray], float]:
    """Every tenth picture of a film, RGB, and the last one's time in seconds."""
    capture = cv2.VideoCapture(str(film))
    pictures, seconds, count = [], 0.0, 0
    while True:
        seen, picture = capture.read()
        if not seen:
            break
        seconds = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if count % 10 == 0:
            pictures.append(picture[..., ::-1])
        count += 1
    capture.release()
    assert count > 20, f"only {count} pictures in {film}"
    return pictures, seconds


def near(picture: np.ndarray, colour: tuple[int, int, int]) -> int:
    """How many pixels are like a colour; a film keeps no colour to the digit."""
    return int((np.abs(picture.astype(int) - colour).max(axis=-1) < 48).sum())


def finish(page: Page, folder: Path) -> Path:
    """Save the recording that the dialog shows."""
    expect(page.locator("#recording")).to_be_visible()
    with page.expect_download() as download:
        page.click("#recording-save")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


@pytest.mark.parametrize(
    ("others", "ending"),
    [("() => false", "mp4"), ("(type) => type.startsWith('video/mp4')", "webm")],
    ids=["mp4", "webm where there is no mp4"],
)
def test_a_recording_is_saved_with_the_picture_the_guess_and_the_text(
    others: str, ending: str, open_page: OpenPage, tmp_path: Path
) -> None:
    # Only what the browser says it can is changed here, so that both kinds are recorded on any machine that can both.
    init = f"""const can = MediaRecorder.isTypeSupported.bind(MediaRecorder);
        const not = {others};
        MediaRecorder.isTypeSupported = (type) => !not(type) && can(type);"""
    page = open_page(spelling(tmp_path), init=init).start()
    page.keyboard.press("r")
    expect(page.locator(".recording-badge")).to_contain_text("Recording 0:0")
    wait_for_text(page, "HI ", timeout_ms=60_000)
    page.wait_for_timeout(1500)
    said = page.inner_text(".recording-badge").split(":")[1]
    page.click("#record")
    path = finish(page, tmp_path)
    if path.suffix == ".webm" and ending == "mp4":
        pytest.skip("this browser records no MP4")
    assert path.name.startswith("handspell-20")
    assert path.suffix == f".{ending}"

    pictures, seconds = pictures_of(path)
    assert abs(seconds - int(said)) < 2.5, f"{seconds} s long, and the page said {said}"
    height, width, _ = pictures[0].shape
    assert (width, height) == (640, 600)
    preview = [picture[:480] for picture in pictures]
    assert all(picture.mean() > 40 for picture in preview), "a black picture"
    # The box is left in the camera's picture, and right in the mirror.
    left, top, side = clips.BOX
    in_mirror = slice(640 - left - side, 640 - left)
    assert near(preview[-1][top - 6 : top + 6, in_mirror], ACCENT) > side
    assert near(preview[-1][top - 6 : top + 6, :200], ACCENT) == 0
    dials = [near(picture[480:, :120], ACCENT) for picture in pictures]
    assert max(dials) > 20 * (min(dials) + 1), f"the guess is not drawn: {dials}"
    words = [int((picture[480:, 150:].min(axis=-1) > 180).sum()) for picture in pictures]
    assert words[0] == 0
    assert words[-1] > 300, f"the text is not drawn: {words}"

    expect(page.locator("#recording-state")).to_contain_text(f"Saved as {path.name}")
    page.keyboard.press("Escape")
    expect(page.locator("#record-label")).to_have_text("Record")
    expect(page.locator("#notice")).not_to_contain_text("recording")


@pytest.mark.hands
@pytest.mark.slow
def test_a_recording_shows_the_skeleton_of_a_real_hand(
    hands: Path, server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    held = next(frame.picture for frame in frames_of(hands, "ahmed_HELLO") if frame.box is not None)
    film = clips.write(tmp_path / "film.mjpeg", [(held, 5.0)])
    page = open_page(film, url=server.url, finder=True).start()
    wait_until(page, FOUND)
    page.keyboard.press("r")
    expect(page.locator(".recording-badge")).to_contain_text("Recording 0:03")
    joints = page.get_attribute("#joints", "d")
    assert joints
    page.keyboard.press("r")
    last = pictures_of(finish(page, tmp_path))[0][-1]
    height, width, _ = held.shape
    assert last.shape == (height * 5 // 4, width, 3)
    drawn = 0
    for x, y in re.findall(r"M([\d.]+) ([\d.]+)", joints):
        row, column = round(float(y) * height), round((1 - float(x)) * width)  # as in the mirror
        drawn += near(last[row - 2 : row + 3, column - 2 : column + 3], ACCENT) > 0
    assert drawn > 15, f"{drawn} of 21 joints are drawn"


def test_a_recording_outlives_its_camera_and_is_not_lost_by_leaving(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page().start()
    page.keyboard.press("r")
    expect(page.locator(".recording-badge")).to_contain_text("Recording 0:02")
    page.keyboard.press("v")
    wait_for_notice(page, "The recording has ended. It is not saved yet.")
    questions: list[str] = []

    def stay(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert questions == ["beforeunload"]
    page.click("#notice-action")
    page.keyboard.press("Escape")
    wait_for_notice(page, "waits here")
    page.keyboard.press("r")
    pictures, _ = pictures_of(finish(page, tmp_path))
    assert pictures[0].shape == (600, 640, 3)
    page.keyboard.press("Escape")
    page.close(run_before_unload=True)
    assert questions == ["beforeunload"], "what is saved may be left"


def test_a_recording_goes_on_with_another_camera(
    playwright: Playwright, chromium: str, page_server: Server, tmp_path: Path
) -> None:
    # A film is one camera; Chromium's own moving pictures can be several.
    flags = [f"{flag}=device-count=2" if "fake-device" in flag else flag for flag in FLAGS]
    browser = playwright.chromium.launch(executable_path=chromium, args=flags)
    try:
        page = browser.new_page(storage_state=finder_off(page_server.url))
        page.goto(page_server.url)
        page.click("#start")
        page.wait_for_selector("#board[data-camera=on]")
        page.keyboard.press("r")
        expect(page.locator(".recording-badge")).to_contain_text("Recording 0:01")
        devices = page.locator("#camera-device")
        expect(devices.locator("option")).to_have_count(2)
        old = "document.querySelector('#video').srcObject?.id"
        before = page.evaluate(old)
        devices.select_option(index=1 - devices.evaluate("devices => devices.selectedIndex"))
        wait_until(page, f"{old} !== undefined && {old} !== '{before}'")
        page.wait_for_selector("#board[data-camera=on]")
        changed = int(page.inner_text(".recording-badge").split(":")[1])
        wait_until(page, f"document.querySelector('.recording-badge').textContent === 'Recording 0:0{changed + 3}'")
        page.click("#record")
        pictures, seconds = pictures_of(finish(page, tmp_path))
    finally:
        browser.close()
    assert seconds > changed + 1
    assert np.abs(pictures[-1].astype(int) - pictures[-2])[:480].max() > 60, "the picture stands still"


def test_a_recording_ends_by_itself_at_its_limit(open_page: OpenPage) -> None:
    # The page's clock can be put forward, so that nobody waits ten minutes.
    init = """const now = performance.now.bind(performance);
        window.forward = 0;
        performance.now = () => now() + window.forward;"""
    page = open_page(init=init).start()
    page.keyboard.press("r")
    expect(page.locator(".recording-badge")).to_contain_text("Recording 0:01")
    page.evaluate("window.forward = 700_000")
    wait_for_notice(page, "The recording has ended. It is not saved yet.")
    expect(page.locator(".recording-badge")).to_be_hidden()
    page.click("#record")
    expect(page.locator("#recording-film")).to_be_visible()
    page.click("#recording-discard")
    expect(page.locator("#recording")).to_be_hidden()
    expect(page.locator("#record-label")).to_have_text("Record")


def test_a_hidden_page_records_nothing_and_goes_on_when_it_is_back(open_page: OpenPage) -> None:
    page = open_page().start()
    page.keyboard.press("r")
    expect(page.locator(".recording-badge")).to_contain_text("Recording 0:01")
    hide = """(hidden) => {
        Object.defineProperty(document, "hidden", {get: () => hidden, configurable: true});
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(hide, True)
    page.wait_for_selector("#board[data-camera=paused]")
    before = page.locator(".recording-badge").text_content()
    page.wait_for_timeout(2500)
    assert page.locator(".recording-badge").text_content() == before
    page.evaluate(hide, False)
    wait_until(page, f"document.querySelector('.recording-badge').textContent !== '{before}'")


def test_without_a_camera_or_a_recorder_the_page_says_so(open_page: OpenPage) -> None:
    page = open_page().page
    page.click("#record")
    wait_for_notice(page, "Start the camera first")
    page = open_page(init="delete window.MediaRecorder;").page
    expect(page.locator("#record")).to_be_hidden()
    page.keyboard.press("r")
    wait_for_notice(page, "This browser cannot record")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_captions_and_recording_have_no_accessibility_faults_that_a_machine_can_see(
    scheme: str, open_page: OpenPage, tmp_path: Path
) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core in node_modules; `npm ci` installs it")
    page = open_page(spelling(tmp_path), color_scheme=scheme, bypass_csp=True, reduced_motion="reduce").start()
    page.keyboard.press("k")
    page.keyboard.press("r")
    wait_for_text(page, "HI ", timeout_ms=60_000)
    assert violations(page) == []
    page.keyboard.press("r")
    expect(page.locator("#recording")).to_be_visible()
    assert violations(page) == []

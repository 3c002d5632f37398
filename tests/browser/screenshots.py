"""Take the pictures of the page that the documents show: the real page, the real models, a drawn hand.

    python -m tests.browser.screenshots              writes docs/page.png
    python -m tests.browser.screenshots --all FOLDER also writes every size, colour scheme and state there, to look at

What the pictures show is what the models made of the drawn hand; nothing is put there by this script.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import clips, drawn_hands
from tests.browser.conftest import FLAGS, find_chromium, finder_off, wait_until
from tests.server import ROOT, Server

# Letters of the drawn hand that the model believes; the last is still held when the picture is taken.
SPELLED = "WE ARE HAPPY"
SIZES = {"telephone": (360, 740), "tablet": (820, 1180), "laptop": (1366, 768), "projector": (1920, 1080)}


@contextmanager
def opened(browser: Browser, url: str, size: tuple[int, int], scheme: str) -> Iterator[Page]:
    # A drawn hand is none to the hand finder, which was made for real ones; it is held into the box.
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, storage_state=finder_off(url)
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(url)
    wait_until(page, "document.documentElement.dataset.connection === 'open'")
    yield page
    context.close()


def take_main_picture(browser: Browser, url: str, path: Path) -> None:
    with opened(browser, url, (1366, 768), "light") as page:
        page.click("#start")
        wait_until(page, f"document.querySelector('#text').textContent === '{SPELLED[:-1]}'", 60_000)
        wait_until(
            page,
            f"document.querySelector('#sign').textContent === '{SPELLED[-1]}'"
            " && document.querySelector('#reading').dataset.state === 'held'"
            " && parseFloat(document.querySelector('#progress').style.strokeDashoffset) < 45",
            60_000,
        )
        page.screenshot(path=path)


def take_every_state(browser: Browser, url: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, size in SIZES.items():
        for scheme in ("light", "dark"):
            with opened(browser, url, size, scheme) as page:

                def shoot(state: str, page: Page = page, stem: str = f"{name}-{scheme}") -> None:
                    page.screenshot(path=folder / f"{stem}-{state}.png")

                shoot("start")
                page.keyboard.press("?")
                shoot("keys")
                page.keyboard.press("Escape")
                page.click("#start")
                for state in ("none", "held", "spent"):
                    wait_until(page, f"document.querySelector('#reading').dataset.state === '{state}'", 60_000)
                    shoot(state)
                page.keyboard.press("k")
                page.click("#more-button")
                shoot("menu")
                page.keyboard.press("Escape")
                page.keyboard.press("p")
                page.wait_for_selector(".bar", state="hidden")
                shoot("large")
                page.keyboard.press("p")
                page.keyboard.press("r")
                wait_until(page, "document.querySelector('.recording-badge').textContent === 'Recording 0:01'")
                shoot("recording")
                page.keyboard.press("r")
                page.wait_for_selector("#recording")
                shoot("recorded")
                page.click("#recording-discard")
                page.click("#stop")
                page.evaluate(
                    "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotReadableError')); }"
                )
                page.click("#start")
                page.wait_for_selector("#board[data-camera=failed]")
                shoot("failed")


def main() -> None:
    parser = argparse.ArgumentParser(description="Take the pictures of the page that the documents show.")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="also take every size, colour scheme and state")
    arguments = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        parser.error("there is no Chromium on this machine; name one in CHROMIUM")
    server = Server()
    try:
        with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
            film = clips.write(Path(folder) / "film.mjpeg", drawn_hands.spelling(SPELLED))
            camera = f"--use-file-for-fake-video-capture={film}"
            browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, camera])
            take_main_picture(browser, server.url, ROOT / "docs" / "page.png")
            if arguments.all:
                take_every_state(browser, server.url, arguments.all)
            browser.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()

"""From the command to the first answered frame, and from the address to the first live letter on the page.

    python -m benchmarks.start

The server is started twice: first without compiled Python files, as after an installation, then with them. The page is opened
by a real Chromium, whose camera plays a hand; the second visit finds everything in the browser's cache.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.cameras import WORD, Line
from benchmarks.crops import DATA, Crop, spelled
from benchmarks.results import Result, finish, machine, options, progress
from tests.browser import clips, drawn_hands
from tests.browser.conftest import FLAGS, find_chromium, finder_off, wait_until
from tests.server import Server

SEQUENCE = "ahmed_HELLO"
DEADLINE_MS = 90_000


def server_seconds(compiled: Path, crop: Crop) -> tuple[float, float]:
    """From the command to the address being served, and to the first answered frame."""
    started = time.monotonic()
    server = Server(PYTHONPYCACHEPREFIX=str(compiled), PYTHONDONTWRITEBYTECODE="")
    try:
        ready = time.monotonic() - started
        asyncio.run(_one_frame(server.url, crop))
        return ready, time.monotonic() - started
    finally:
        server.stop()


async def _one_frame(url: str, crop: Crop) -> None:
    line = await Line.open(url)
    ack = await line.call("frame", '{"seq":0,"t":0,"jpeg":{"_placeholder":true,"num":0}}', crop.jpeg)
    assert "top" in ack, ack
    await line.close()


def film(folder: Path) -> tuple[Path, bool, str]:
    """What the camera plays, whether the page may look for the hand in it, and a sentence on it."""
    recorded = DATA / "sequences" / f"{SEQUENCE}.mjpeg"
    if recorded.is_file():
        return recorded, True, f"The camera plays {SEQUENCE}, and the page finds the hand."
    drawn = clips.write(folder / "drawn.mjpeg", [(drawn_hands.hand("L"), 1.0)])
    return drawn, False, f"The camera plays a drawn hand in the guide box, because {DATA} is absent."


def visit(context: BrowserContext, url: str, finder: bool) -> dict[str, float]:
    """One visit: seconds to each moment since the address was given, and what was transferred."""
    page = context.new_page()
    received: list[int] = []

    def count(request: object) -> None:
        received.append(_size(request))

    context.on("requestfinished", count)  # the page's own, and its worker's
    started = time.monotonic()
    page.goto(url)
    shown = time.monotonic() - started
    wait_until(page, "document.documentElement.dataset.connection === 'open'", DEADLINE_MS)
    connected = time.monotonic() - started
    before = sum(received)
    pressed = time.monotonic()
    page.click("#start")
    wait_until(page, "/^[A-Z]$/.test(document.querySelector('#sign').textContent)", DEADLINE_MS)
    letter = time.monotonic() - pressed
    if finder:
        wait_until(page, "document.querySelector('#joints').hasAttribute('d')", DEADLINE_MS)
    found = time.monotonic() - pressed
    page.wait_for_timeout(500)  # the sizes of what came last
    context.remove_listener("requestfinished", count)
    page.close()
    return {
        "page": shown,
        "connection": connected,
        "letter": letter,
        "hand": found if finder else float("nan"),
        "KiB": before / 1024,
        "KiB after the button": (sum(received) - before) / 1024,
    }


def _size(request: object) -> int:
    sizes = request.sizes()  # type: ignore[attr-defined]
    return int(sizes["responseBodySize"] + sizes["responseHeadersSize"])


def visits(browser: Browser, url: str, finder: bool) -> list[dict[str, float]]:
    """A first visit and a second one."""
    kept = {} if finder else {"storage_state": finder_off(url)}
    context = browser.new_context(viewport={"width": 1366, "height": 768}, **kept)
    context.set_default_timeout(DEADLINE_MS)
    found = [visit(context, url, finder) for _ in range(2)]
    context.close()
    return found


def main() -> None:
    given = options(__doc__).parse_args()
    crop = next(crop for crop in spelled(WORD)[0] if crop.jpeg)
    result = Result("start", ("what", "first", "second"), notes=[machine()])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        progress("the server, twice …")
        (ready, first), (ready_again, second) = (server_seconds(folder / "compiled", crop) for _ in range(2))
        result.rows.append(("server: command to ready, s", f"{ready:.2f}", f"{ready_again:.2f}"))
        result.rows.append(("server: command to the first answered frame, s", f"{first:.2f}", f"{second:.2f}"))
        chromium = find_chromium()
        if chromium is None:
            result.notes.append(
                "The page was not opened: there is no Chromium (apt-get install chromium, or set CHROMIUM)."
            )
        else:
            progress("the page, twice …")
            played, finder, words = film(folder)
            result.notes.append(words)
            server = Server()
            try:
                with sync_playwright() as playwright:
                    browser = playwright.chromium.launch(
                        executable_path=chromium, args=[*FLAGS, f"--use-file-for-fake-video-capture={played}"]
                    )
                    once, again = visits(browser, server.url, finder)
                    browser.close()
            finally:
                server.stop()
            for what, key, form in (
                ("page: address to page shown, s", "page", ".2f"),
                ("page: address to open connection, s", "connection", ".2f"),
                ("page: Start camera to the first live letter, s", "letter", ".2f"),
                ("page: Start camera to the hand found, s", "hand", ".2f"),
                ("page: transferred until the connection is open, KiB", "KiB", ".0f"),
                ("page: transferred from the button on, KiB", "KiB after the button", ".0f"),
            ):
                result.rows.append((what, f"{once[key]:{form}}", f"{again[key]:{form}}"))
    finish(result, given.out)


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main()

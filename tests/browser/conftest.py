"""A real Chromium with a fake camera, before a real server."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, StorageState, expect, sync_playwright

from tests.browser import clips
from tests.server import Server

# Generous: the tests' machine may have two cores and something else to do.
DEADLINE_MS = 30_000
expect.set_options(timeout=DEADLINE_MS)

FLAGS = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",  # the permission is given without asking
    "--autoplay-policy=no-user-gesture-required",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # Films play by the clock, before a browser and a server that have to keep up with them: what else the machine does
            # meanwhile can lose a frame that matters. The summary names whatever was played again.
            item.add_marker(pytest.mark.flaky(reruns=3))


def find_chromium() -> str | None:
    """The path of the machine's Chromium, or of the one that CHROMIUM names."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome", "chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the machine's Chromium; skips the test where there is none."""
    found = find_chromium()
    if found is None:
        pytest.skip(
            "no Chromium, so no page was opened: install it (Debian: apt-get install chromium) or name it in CHROMIUM"
        )
    return found


# Not for the whole session: while it lives, the thread counts as running an event loop, which other tests may need.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def page_server(colour_models: Path) -> Iterator[Server]:
    """A server whose models read colours: a test decides what is seen, and needs no photograph."""
    server = Server(HANDSPELL_MODELS=str(colour_models))
    yield server
    server.stop()


StartBrowser = Callable[[Path, Sequence[str]], Browser]


@pytest.fixture(scope="package")
def start_browser(chromium: str, playwright: Playwright) -> StartBrowser:
    """Starts a browser whose camera plays a film."""
    return lambda film, flags: playwright.chromium.launch(
        executable_path=chromium, args=[*flags, f"--use-file-for-fake-video-capture={film}"]
    )


@pytest.fixture(scope="package")
def grey_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.write(tmp_path_factory.mktemp("film") / "grey.mjpeg", [(clips.plain(), 1.0)])


@pytest.fixture(scope="package")
def grey_browser(start_browser: StartBrowser, grey_film: Path) -> Iterator[Browser]:
    """For all the tests that do not care what the camera sees."""
    browser = start_browser(grey_film, FLAGS)
    yield browser
    browser.close()


def finder_off(url: str) -> StorageState:
    """What a browser remembers of someone who has switched the hand finder off, and holds the hand in the box."""
    stored = [{"name": "handspell.find-hand", "value": "false"}]
    return {"origins": [{"origin": url, "localStorage": stored}]}


@dataclass
class Opened:
    """A page, and what it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def start(self) -> Page:
        """Press the button and wait for the camera's picture."""
        self.page.click("#start")
        self.page.wait_for_selector("#board[data-camera=on]")
        return self.page


OpenPage = Callable[..., Opened]


@pytest.fixture
def open_page(
    start_browser: StartBrowser, grey_browser: Browser, grey_film: Path, page_server: Server
) -> Iterator[OpenPage]:
    """Opens the page: `film` is what the camera plays, `init` a script that runs before it, further arguments make the
    browser's context. Without `finder` the hand finder is switched off, as a person would leave it, and the guide box
    is in use: what is painted there decides what is read. `path` is another page, open once `ready` holds in it.

    At the end the page must not have complained: a script error or a breach of the content policy fails the test.
    """
    to_close: list[Browser | BrowserContext] = []
    opened: list[Opened] = []

    def open_(
        film: Path | None = None,
        url: str = "",
        init: str = "",
        flags: Sequence[str] = FLAGS,
        complaints_expected: bool = False,
        finder: bool = False,
        path: str = "/",
        ready: str = "document.documentElement.dataset.connection === 'open'",
        **context: Any,
    ) -> Opened:
        browser = grey_browser
        if film or flags != FLAGS:
            browser = start_browser(film or grey_film, flags)
            to_close.append(browser)
        if not finder:
            context = {"storage_state": finder_off(url or page_server.url), **context}
        browser_context = browser.new_context(**{"viewport": {"width": 1366, "height": 768}, **context})
        to_close.append(browser_context)
        browser_context.set_default_timeout(DEADLINE_MS)
        if init:
            browser_context.add_init_script(init)
        page = browser_context.new_page()
        one = Opened(page)
        page.on("pageerror", lambda error: one.complaints.append(str(error)))
        page.on("console", lambda said: one.complaints.append(said.text) if said.type == "error" else None)
        page.goto((url or page_server.url) + path)
        wait_until(page, ready)
        if not complaints_expected:
            opened.append(one)
        return one

    try:
        yield open_
    finally:
        for thing in reversed(to_close):
            thing.close()
    for one in opened:
        assert one.complaints == []


def text_of(page: Page) -> str:
    """The text as the page shows it."""
    return page.evaluate("document.querySelector('#text').textContent")


def wait_until(page: Page, expression: str, timeout_ms: float = DEADLINE_MS) -> None:
    """Wait until an expression holds in the page.

    Playwright's own wait_for_function runs `eval` inside the page, which the content policy rightly forbids.
    """
    wait_for(page, lambda: page.evaluate(expression), expression, timeout_ms)


def wait_for(page: Page, condition: Callable[[], object], what: str = "", timeout_ms: float = DEADLINE_MS) -> None:
    """Wait until a condition holds here, while the page's events are heard."""
    deadline = time.monotonic() + timeout_ms / 1000
    while not condition():
        assert time.monotonic() < deadline, f"never true: {what or condition}; the page says: {described(page)}"
        page.wait_for_timeout(50)


def wait_for_text(page: Page, wanted: str, timeout_ms: float = DEADLINE_MS) -> None:
    """Wait until the page shows exactly this text."""
    wait_until(page, f"document.querySelector('#text').textContent === {json.dumps(wanted)}", timeout_ms)


def wait_for_notice(page: Page, words: str, timeout_ms: float = DEADLINE_MS) -> None:
    """Wait until the page says something that contains these words."""
    wait_until(page, f"document.querySelector('#notice').textContent.includes({json.dumps(words)})", timeout_ms)


def described(page: Page) -> dict[str, Any]:
    """What the page shows, for a failure to print."""
    return page.evaluate(
        """Object.fromEntries(["text", "sign", "caption", "notice", "figures", "announcer", "advice"].map(
          (id) => [id, document.getElementById(id).textContent]))"""
    )

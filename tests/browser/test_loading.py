"""What the page loads: how much, how often, over a slow line, and what it says where something does not arrive."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request, Route, expect

from tests.browser import clips
from tests.browser.conftest import DEADLINE_MS, OpenPage, wait_for_notice, wait_for_text, wait_until
from tests.server import Server
from tests.slow_line import SlowLine
from webapp.assets import STATIC

FINDER_ON = "document.documentElement.dataset.finder === 'on'"
# One megabit a second is a bad line, ten are a class's on one access point; a test cannot wait for the first.
LINE = {"bits_a_second": 4e6, "round_trip_seconds": 0.3}


@pytest.fixture(scope="module")
def light_server(packed: None, colour_models: Path) -> Iterator[Server]:
    """A server that was started after set-up."""
    server = Server(HANDSPELL_MODELS=str(colour_models))
    yield server
    server.stop()


def test_the_first_visit_is_sent_compressed_and_the_second_nearly_nothing(
    light_server: Server, grey_browser: Browser
) -> None:
    received: list[Request] = []
    context = grey_browser.new_context()
    context.set_default_timeout(DEADLINE_MS)
    context.on("requestfinished", lambda request: received.append(request))
    totals = []
    for _ in range(2):
        received.clear()
        visit = context.new_page()
        visit.goto(light_server.url)
        visit.click("#start")
        wait_until(visit, FINDER_ON)
        visit.wait_for_timeout(300)  # the sizes of what came last
        sizes = [(request.url, request.sizes()) for request in received]
        totals.append(sum(size["responseBodySize"] + size["responseHeadersSize"] for _, size in sizes))
        visit.close()
        if not totals[1:]:
            urls = [url for url, _ in sizes]
            assert len(urls) == len(set(urls)), "something was fetched twice"
            assert sum(url.endswith(".wasm") for url in urls) == 1, "the runtime of one kind of browser is enough"
    context.close()
    assert totals[0] < 8_000_000
    assert totals[1] < 200_000


@pytest.fixture
def line(light_server: Server) -> Iterator[SlowLine]:
    slow = SlowLine(int(light_server.port), **LINE)
    yield slow
    slow.stop()


# All that is said of how much has come, however late this process looks.
NOTE_SHARES = """() => {
  const loaded = document.querySelector("#find-loaded");
  window.shares = [];
  new MutationObserver(() => window.shares.push(loaded.textContent)).observe(loaded, {
    childList: true, characterData: true, subtree: true,
  });
}"""


def test_over_a_slow_line_the_box_spells_while_the_finder_is_on_its_way(
    line: SlowLine, open_page: OpenPage, tmp_path: Path
) -> None:
    film = clips.write(tmp_path / "film.mjpeg", [(clips.showing("L"), 2.0)])
    opened = open_page(film, url=line.url, finder=True)
    opened.page.evaluate(NOTE_SHARES)
    page = opened.start()
    wait_for_notice(page, "Loading the hand finder. Until then, hold your hand in the box.")
    wait_for_text(page, "L")
    assert page.evaluate("document.documentElement.dataset.finder") == "loading"
    wait_until(page, FINDER_ON)
    shares = page.evaluate("window.shares")
    assert len({share for share in shares if re.fullmatch(r"\d+%", share.strip())}) > 3, shares
    assert page.inner_text("#find-loaded") == ""
    expect(page.locator("#find")).to_have_accessible_name("Find my hand")


def test_the_camera_button_works_from_the_moment_it_can_be_pressed(open_page: OpenPage) -> None:
    held: list[Route] = []
    opened = open_page(path="/chart", ready="true")
    opened.page.context.route("**/js/station.js", lambda route: held.append(route))
    page = opened.page
    page.goto(page.url.replace("/chart", "/"), wait_until="commit")
    expect(page.locator("#start")).to_be_disabled()
    expect(page.locator("#notice")).to_have_text("Loading the page…")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    page.click("#start")
    page.wait_for_selector("#board[data-camera=on]")


@pytest.mark.parametrize("missing", ["js/main.js", "js/words.js"], ids=["the page's own", "one that others need"])
def test_a_page_that_does_not_arrive_in_full_says_so(missing: str, open_page: OpenPage) -> None:
    opened = open_page(path="/chart", ready="true", complaints_expected=True)
    page = opened.page
    expect(page.locator("#incomplete")).to_be_hidden()
    opened.page.context.route(f"**/{missing}", lambda route: route.abort())
    page.goto(page.url.replace("/chart", "/"))
    expect(page.locator("#incomplete")).to_have_text(
        "A part of this page did not arrive, so nothing on it works. Load it again"
    )
    opened.page.context.unroute(f"**/{missing}")
    page.click("#incomplete a")
    expect(page.locator("#incomplete")).to_be_hidden()
    expect(page.locator("#start")).to_be_enabled()


def as_an_old_browser(route: Route) -> None:
    """A style sheet as it is for a browser that does not know light-dark()."""
    css = (STATIC / "css" / route.request.url.rpartition("/")[2]).read_text("utf-8")
    route.fulfill(body=css.replace("light-dark(", "unknown-function("), content_type="text/css")


@pytest.mark.parametrize(
    ("path", "ready"),
    [("/", "document.documentElement.dataset.connection === 'open'"), ("/history", "true"), ("/pictures", "true")],
)
def test_a_browser_without_light_dark_gets_the_light_colours(path: str, ready: str, open_page: OpenPage) -> None:
    opened = open_page(path="/chart", ready="true", color_scheme="light")
    page = opened.page
    address = page.url.replace("/chart", path)
    looks = """[...document.querySelectorAll("body, body *")].map((element) => {
      const { color, backgroundColor, borderColor, outlineColor, boxShadow } = getComputedStyle(element);
      return [element.localName, element.id, color, backgroundColor, borderColor, outlineColor, boxShadow];
    }).filter(([name, id]) => name !== "fieldset" || id !== "theme")"""
    page.goto(address)
    wait_until(page, ready)
    new = page.evaluate(looks)
    page.context.route("**/*.css", as_an_old_browser)
    page.emulate_media(color_scheme="dark")
    page.goto(address)
    wait_until(page, ready)
    expect(page.locator("#theme")).to_be_hidden()
    assert page.evaluate(looks) == new

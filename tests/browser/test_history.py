"""Keeping switched on at the spelling page, and the history page: found, replayed, taken away and deleted."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import clips
from tests.browser.conftest import OpenPage, wait_for_notice, wait_for_text, wait_until
from tests.browser.test_page import AXE, violations
from tests.colours import DIGITS
from tests.postgres import Postgres
from tests.replay import Client
from tests.server import Server
from tests.visitor import Visitor
from tests.webapp.test_keeping import spell


@pytest.fixture(scope="module")
def history_server(colour_models: Path) -> Iterator[Server]:
    """A server of these tests' own: what is kept stays with it."""
    server = Server(HANDSPELL_MODELS=str(colour_models))
    yield server
    server.stop()


@pytest.fixture
def visitor(history_server: Server) -> Visitor:
    """Somebody with three transcripts: HELLO and BYE, a line each, 42, and NAME."""
    kept = Visitor(history_server.url)
    for word in ("HELLO", "42", "NAME"):
        with Client(kept.url) as client:
            kept.keep(client)
            if word.isdigit():
                client.mode(model="digits")
                spell(client, word, DIGITS)
                continue
            spell(client, word)
            if word == "HELLO":
                client.edit("clear")
                spell(client, "BYE")
    return kept


def open_history(open_page: OpenPage, server: Server, visitor: Visitor | None = None, **context: object) -> Page:
    """The history page, with the visitor's cookie."""
    page = open_page(url=server.url, **context).page
    if visitor:
        key = visitor.http.cookies["handspell_key"]
        page.context.add_cookies([{"name": "handspell_key", "value": key, "url": server.url}])
    page.goto(f"{server.url}/history")
    page.wait_for_selector("#history:not([data-state=loading])")
    return page


def texts(page: Page) -> list[str]:
    return page.locator(".item-text").all_text_contents()


def ask_to_keep(page: Page) -> None:
    page.click("#more-button")
    page.click("#keep")
    page.click("#keep-yes")
    expect(page.locator("#kept")).to_be_visible()


def test_keeping_is_off_until_it_is_asked_for_and_says_what_it_keeps(
    open_page: OpenPage, history_server: Server
) -> None:
    page = open_page(url=history_server.url).page
    page.click("#more-button")
    expect(page.locator("#keep")).to_have_attribute("aria-checked", "false")
    page.click("#keep")
    dialog = page.locator("#keep-dialog")
    for words in (
        "each letter with its time",
        "Pictures of you or your hand",
        "for 30 days after the last letter",
        "cookie",
    ):
        expect(dialog).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(page.locator("#keep")).to_have_attribute("aria-checked", "false")
    assert page.context.cookies() == []
    page.goto(f"{history_server.url}/history")
    expect(page.locator("#said-title")).to_have_text("Nothing is kept from this browser")
    assert page.context.cookies() == []


def test_what_is_spelled_while_it_is_on_appears_in_the_history_as_it_grows(
    open_page: OpenPage, history_server: Server, tmp_path: Path
) -> None:
    film = clips.write(tmp_path / "film.mjpeg", clips.spelling("HI", end_seconds=120))
    opened = open_page(film, url=history_server.url)
    ask_to_keep(opened.page)
    page = opened.start()
    wait_for_text(page, "HI ", timeout_ms=60_000)
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert page.evaluate("document.cookie") == ""

    history = page.context.new_page()
    history.goto(f"{history_server.url}/history")
    history.click(".transcripts a")
    expect(history.locator("#replayed")).to_have_text("HI ")
    expect(history.locator(".live")).to_have_text("Now")
    page.click("#delete")
    page.click("#delete")
    expect(history.locator("#replayed")).to_have_text("H")
    expect(history.locator("#step-what")).to_have_text("Deleted, by hand")

    page.click("#more-button")
    page.click("#keep")
    expect(page.locator("#kept")).to_be_hidden()
    wait_for_notice(page, "Nothing more is kept")
    page.click("#space")
    wait_for_text(page, "H ")
    history.wait_for_timeout(2500)  # longer than the page takes to look again
    expect(history.locator("#replayed")).to_have_text("H")


def test_a_server_that_was_restarted_is_asked_again(open_page: OpenPage, colour_models: Path) -> None:
    server = Server(HANDSPELL_MODELS=str(colour_models))
    try:
        page = open_page(url=server.url, complaints_expected=True).page
        ask_to_keep(page)
        page.click("#space")
        history = page.context.new_page()
        history.goto(f"{server.url}/history")
        expect(history.locator("#count")).to_have_text("1 transcript")
        server.kill()
        wait_for_notice(page, "The server is gone")
        server.restart()
        wait_until(page, "document.documentElement.dataset.connection === 'open'")
        expect(page.locator("#keep")).to_have_attribute("aria-checked", "true")
        page.click("#space")
        expect(history.locator("#count")).to_have_text("2 transcripts")
    finally:
        server.stop()


def test_a_browser_without_cookies_is_told_and_nothing_is_kept(open_page: OpenPage, history_server: Server) -> None:
    page = open_page(url=history_server.url).page

    # A browser's own refusal of cookies cannot be switched on from here: they are taken away as they come.
    def forget(route: Route) -> None:
        answer = route.fetch()
        page.context.clear_cookies()
        kept = {name: value for name, value in answer.headers.items() if name.lower() != "set-cookie"}
        route.fulfill(response=answer, headers=kept)

    page.route("**/api/keep", forget)
    page.click("#more-button")
    page.click("#keep")
    page.click("#keep-yes")
    wait_for_notice(page, "takes no cookies")
    expect(page.locator("#keep")).to_have_attribute("aria-checked", "false")


def test_a_database_that_is_away_is_said_and_comes_back(
    open_page: OpenPage, colour_models: Path, postgres: Postgres
) -> None:
    server = Server(HANDSPELL_MODELS=str(colour_models), HANDSPELL_DATABASE_URL=postgres.new_database())
    try:
        page = open_page(url=server.url, complaints_expected=True).page
        ask_to_keep(page)
        postgres.stop()
        try:
            page.click("#space")
            wait_for_notice(page, "your text waits in memory")
            page.click("#space")
            wait_for_text(page, "  ")
            history = page.context.new_page()
            history.goto(f"{server.url}/history")
            expect(history.locator("#said-title")).to_have_text("The history is away")
        finally:
            postgres.start()
        wait_for_notice(page, "your text is kept")
        expect(history.locator("#said")).to_be_hidden()
        expect(history.locator("#count")).to_have_text("1 transcript")
    finally:
        server.stop()


def test_search_day_and_signs_find_and_show_all_brings_back(
    open_page: OpenPage, history_server: Server, visitor: Visitor
) -> None:
    page = open_history(open_page, history_server, visitor)
    assert texts(page) == ["NAME", "42", "HELLO\nBYE"]
    page.fill("#search", "hell")
    expect(page.locator("#count")).to_have_text("1 transcript found")
    assert texts(page) == ["HELLO\nBYE"]
    page.fill("#search", "")
    page.check("#model input[value=digits]", force=True)
    expect(page.locator(".item-text")).to_have_text(["42"])
    page.check("#model input[value='']", force=True)
    today = page.evaluate("new Date().toLocaleDateString('sv')")
    page.fill("#day", today)
    expect(page.locator("#count")).to_have_text("3 transcripts found")
    page.fill("#day", "2020-02-02")
    expect(page.locator("#said-title")).to_have_text("Nothing matches")
    page.click("#said-button")
    expect(page.locator("#count")).to_have_text("3 transcripts")


def test_replay_by_keys_and_buttons(open_page: OpenPage, history_server: Server, visitor: Visitor) -> None:
    page = open_history(open_page, history_server, visitor)
    page.locator(".transcripts a").nth(2).press("Enter")
    expect(page.locator("#opened")).to_be_focused()
    expect(page.locator("#whole")).to_have_text("HELLO\nBYE")
    expect(page.locator("#replayed")).to_have_text("BYE")
    expect(page.locator("#step-what")).to_have_text("E, held")
    expect(page.locator("#step-why")).to_contain_text("sure")
    page.focus("#player")
    page.keyboard.press("Home")
    expect(page.locator("#replayed")).to_have_text("")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#replayed")).to_have_text("HE")
    expect(page.locator("#replayed .fresh")).to_have_text("E")
    expect(page.locator("#announcer p").last).to_contain_text("E, held")
    expect(page.locator("#position")).to_have_attribute("aria-valuetext", "Step 2 of 9")
    page.click("#back")
    expect(page.locator("#replayed")).to_have_text("H")
    page.select_option("#speed", "8")
    page.focus("#player")
    page.keyboard.press("Space")
    expect(page.locator("#play-label")).to_have_text("Pause")
    expect(page.locator("#play-label")).to_have_text("Play")  # it has come to its end
    expect(page.locator("#replayed")).to_have_text("BYE")
    page.go_back()
    expect(page.locator("#opened")).to_be_hidden()


def test_a_word_that_was_taken_says_what_had_been_read(open_page: OpenPage, history_server: Server) -> None:
    visitor = Visitor(history_server.url)
    with Client(visitor.url) as client:
        visitor.keep(client)
        spell(client, "HELO")
        assert client.call("edit", {"op": "take", "word": "HELLO"})["text"] == "HELLO "
    page = open_history(open_page, history_server, visitor)
    page.click(".transcripts a")
    expect(page.locator("#step-what")).to_have_text("Word taken")
    expect(page.locator("#step-why")).to_have_text("HELLO, in place of HELO.")
    page.focus("#player")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#replayed")).to_have_text("HELO")


def test_exports_are_downloaded_and_read_back(
    open_page: OpenPage, history_server: Server, visitor: Visitor, tmp_path: Path
) -> None:
    page = open_history(open_page, history_server, visitor)
    page.locator(".transcripts a").first.click()
    expect(page.locator("#whole")).to_have_text("NAME")

    def saved(selector: str) -> Path:
        with page.expect_download() as waiting:
            page.click(selector)
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    assert "NAME" in saved("#opened [data-export=txt]").read_text("utf-8")
    with saved("#opened [data-export=csv]").open(newline="", encoding="utf-8") as sheet:
        assert [row["text"] for row in csv.DictReader(sheet)][-1] == "NAME"
    assert json.loads(saved("#opened [data-export=json]").read_text("utf-8"))["text"] == "NAME"
    captions = saved("#opened [data-export=vtt]").read_text("utf-8")
    # What a browser makes of them is what counts.
    cues = page.evaluate(
        """(text) => new Promise((resolve) => {
          const video = document.createElement("video");
          const track = document.createElement("track");
          track.src = URL.createObjectURL(new Blob([text], { type: "text/vtt" }));
          track.default = true;
          track.onload = () => resolve([...track.track.cues].map((cue) => [cue.startTime, cue.text]));
          track.onerror = () => resolve("refused");
          video.append(track);
          document.body.append(video);
        })""",
        captions,
    )
    assert cues == [[0, "NAME"]]
    assert len(json.loads(saved("#everything a[href$=json]").read_text("utf-8"))) == 3
    assert saved("#everything a[href$=zip]").read_bytes()[:2] == b"PK"


def test_one_is_deleted_then_all_and_not_without_asking(
    open_page: OpenPage, history_server: Server, visitor: Visitor
) -> None:
    page = open_history(open_page, history_server, visitor)
    page.locator(".transcripts a").first.click()
    page.click("#delete-one")
    expect(page.locator("#confirm")).to_contain_text("nobody can bring it back")
    page.keyboard.press("Escape")
    assert len(visitor.transcripts()) == 3
    page.click("#delete-one")
    page.click("#confirm-yes")
    expect(page.locator(".item-text")).to_have_text(["42", "HELLO\nBYE"])
    expect(page.locator("#opened")).to_be_hidden()
    page.click("#delete-all")
    page.keyboard.press("Enter")  # the first answer is to keep it
    assert len(visitor.transcripts()) == 2
    page.click("#delete-all")
    page.click("#confirm-yes")
    expect(page.locator("#said-title")).to_have_text("Nothing is kept at present")
    assert visitor.transcripts() == []


def test_another_browser_sees_nothing_of_it_even_by_its_address(
    open_page: OpenPage, history_server: Server, visitor: Visitor
) -> None:
    id = visitor.transcripts()[0]["id"]
    page = open_page(url=history_server.url, complaints_expected=True).page  # the console tells of the 404
    page.goto(f"{history_server.url}/history#{id}")
    expect(page.locator("#said-title")).to_be_visible()
    expect(page.locator("#opened")).to_be_hidden()
    expect(page.locator(".item-text")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_history_has_no_accessibility_faults_that_a_machine_can_see(
    scheme: str, open_page: OpenPage, history_server: Server, visitor: Visitor
) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core in node_modules; `npm ci` installs it")
    context = {"color_scheme": scheme, "bypass_csp": True, "reduced_motion": "reduce"}
    assert violations(open_history(open_page, history_server, **context)) == []
    page = open_history(open_page, history_server, visitor, **context)
    assert violations(page) == []
    page.locator(".transcripts a").first.click()
    expect(page.locator("#opened")).to_be_visible()
    assert violations(page) == []
    page.click("#delete-one")
    assert violations(page) == []
    page.goto(history_server.url)
    page.click("#more-button")
    page.click("#keep")
    assert violations(page) == []
    page.click("#keep-yes")
    expect(page.locator("#kept")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("size", [(360, 740), (820, 1180), (1920, 1080)], ids=str)
def test_nothing_is_cut_off_at_any_size(
    size: tuple[int, int], open_page: OpenPage, history_server: Server, visitor: Visitor
) -> None:
    page = open_history(open_page, history_server, visitor, viewport={"width": size[0], "height": size[1]})
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    page.locator(".transcripts a").nth(2).click()
    expect(page.locator("#opened")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    small = size[0] < 900
    assert page.locator(".shelf").is_visible() is not small
    if small:
        page.click("#to-list")
        expect(page.locator(".shelf")).to_be_visible()
        expect(page.locator(".transcripts a").nth(2)).to_be_focused()

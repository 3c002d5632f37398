"""Words proposed, completed and taken, and a list of one's own, in a real browser."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import clips
from tests.browser.conftest import OpenPage, wait_for_text, wait_until
from tests.browser.test_page import AXE, violations
from tests.server import Server

FIRST = ".proposal-first"
OpenSpelling = Callable[..., Page]


@pytest.fixture
def spelled(open_page: OpenPage, tmp_path: Path) -> OpenSpelling:
    """Opens a page before which `letters` have been spelled; `ended`: and a pause has ended the word."""

    def open_(letters: str, ended: bool = True, **context: object) -> Page:
        end = 300.0 if ended else 1.5
        scenes = clips.spelling(letters, hold_seconds=0.9, gap_seconds=0.4, end_seconds=end)
        if not ended:  # the last letter is held on: no pause ends the word
            scenes = [*scenes[:-2], (scenes[-3][0], 300.0)]
        opened = open_page(clips.write(tmp_path / "film.mjpeg", scenes), **context)
        opened.page.keyboard.press("3")  # the fast pace
        page = opened.start()
        wait_for_text(page, f"{letters} " if ended else letters, timeout_ms=60_000)
        return page

    return open_


def words_in(page: Page, kind: str) -> list[str]:
    return [word for word in page.locator(f"[data-list={kind}] .proposal-word").all_inner_texts() if word]


def test_a_misread_word_is_mended_by_a_key_and_undo_brings_its_letters_back(spelled: OpenSpelling) -> None:
    page = spelled("HELO")
    expect(page.locator(FIRST)).to_have_text("⏎HELLO")
    expect(page.locator("#announcer")).to_contain_text("Perhaps HELLO. Enter takes it.")
    page.focus("#pace input[value=fast]")  # where a click on the pace leaves it
    page.keyboard.press("Enter")
    wait_for_text(page, "HELLO ")
    expect(page.locator(FIRST)).to_be_disabled()
    expect(page.locator("#announcer")).to_contain_text("taken: HELLO")
    page.keyboard.press("u")
    wait_for_text(page, "HELO ")
    expect(page.locator(FIRST)).to_have_text("⏎HELLO")


def test_a_word_is_taken_by_a_tap_and_the_focus_is_not_lost(spelled: OpenSpelling) -> None:
    page = spelled("HELO", has_touch=True, viewport={"width": 390, "height": 844})
    page.locator(FIRST).tap()
    wait_for_text(page, "HELLO ")
    page.click("#undo")
    wait_for_text(page, "HELO ")
    page.locator(FIRST).focus()
    page.keyboard.press("Enter")  # as a button's own key
    wait_for_text(page, "HELLO ")
    assert page.evaluate("document.activeElement.id") == "text"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390), (1920, 1080)])
def test_the_large_text_shows_the_likely_words_and_takes_them(width: int, height: int, spelled: OpenSpelling) -> None:
    page = spelled("HELO", viewport={"width": width, "height": height})
    page.keyboard.press("p")
    expect(page.locator(FIRST)).to_contain_text("HELLO")
    expect(page.locator("#own-words-open")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    text_at = "document.querySelector('#text').getBoundingClientRect().toJSON()"
    before = page.evaluate(text_at)
    page.keyboard.press("Enter")
    wait_for_text(page, "HELLO ")
    assert page.evaluate(text_at) == before, "the text has jumped"


def test_own_words_stand_in_one_place_at_any_size(open_page: OpenPage) -> None:
    page = open_page().page
    for width, in_row in ((1366, True), (390, False)):
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.locator("#own-words-open")).to_be_visible(visible=in_row)
        page.click("#more-button")
        expect(page.locator("#own-words-menu")).to_be_visible(visible=not in_row)
        page.keyboard.press("Escape")


def test_a_word_begun_is_completed_by_its_number(spelled: OpenSpelling) -> None:
    page = spelled("WEDN", ended=False)
    wait_until(page, "document.querySelectorAll('.completion:not(:disabled)').length > 0")
    assert words_in(page, "completions")[0] == "WEDNESDAY"
    expect(page.locator("#announcer")).not_to_contain_text("Perhaps")  # not at each letter
    page.keyboard.press("7")
    wait_for_text(page, "WEDNESDAY ")
    page.keyboard.press("8")
    expect(page.locator("#notice")).to_contain_text("no likely word in that place")


def test_the_focus_is_not_lost_with_a_likely_word(spelled: OpenSpelling) -> None:
    page = spelled("HELO")
    page.locator(FIRST).focus()
    page.evaluate("document.querySelector('#delete').click()")
    page.evaluate("document.querySelector('#clear').click()")
    expect(page.locator("#proposals")).to_have_attribute("data-empty", "true")
    expect(page.locator("#text")).to_be_focused()


def test_nothing_moves_when_words_come_and_go(spelled: OpenSpelling) -> None:
    page = spelled("HELO")
    places = "[...document.querySelectorAll('.proposal, #space, #text')].map((one) => JSON.stringify(one.getBoundingClientRect()))"
    before = page.evaluate(places)
    page.keyboard.press("Enter")
    wait_for_text(page, "HELLO ")
    expect(page.locator("#proposals")).to_have_attribute("data-empty", "true")
    assert page.evaluate(places) == before


def test_a_word_read_as_it_was_meant_asks_for_nothing(spelled: OpenSpelling) -> None:
    page = spelled("HELLO")
    expect(page.locator("#proposals")).to_have_attribute("data-as-read", "true")
    expect(page.locator(f"{FIRST} .proposal-tick")).to_be_visible()
    expect(page.locator("#announcer")).not_to_contain_text("Perhaps")


def test_an_own_list_is_the_only_one_and_outlives_reload_and_server(
    open_page: OpenPage, tmp_path: Path, colour_models: Path
) -> None:
    server = Server(HANDSPELL_MODELS=str(colour_models))
    try:
        film = clips.write(tmp_path / "film.mjpeg", clips.spelling("ZOR", hold_seconds=1.3, end_seconds=300))
        opened = open_page(film, url=server.url, complaints_expected=True)
        page = opened.page
        page.keyboard.press("o")
        page.fill("#own-words-text", "Zorblat\nphloem, 2x4")
        expect(page.locator("#own-words-count")).to_have_text("2 words")
        expect(page.locator("#own-words-problem")).to_contain_text("Left out: “2x4”")
        page.locator("input[value=only]").check(force=True)
        page.click("#own-words-save")
        expect(page.locator("#own-words-open")).to_have_text("Own words: only")

        server.kill()
        wait_until(page, "document.documentElement.dataset.connection === 'gone'")
        server.restart()
        wait_until(page, "document.documentElement.dataset.connection === 'open'")
        opened.start()
        wait_for_text(page, "ZOR ", timeout_ms=60_000)
        expect(page.locator(FIRST)).to_have_text("⏎ZORBLAT")

        page.reload()
        expect(page.locator("#own-words-open")).to_have_text("Own words: only")
        page.click("#own-words-open")
        assert page.input_value("#own-words-text") == "ZORBLAT\nPHLOEM"
        page.locator("input[value=off]").check(force=True)
        page.click("#own-words-save")
        expect(page.locator("#own-words-open")).to_have_text("Own words")
        stored = json.loads(page.evaluate("localStorage.getItem('handspell.own-words')"))
        assert stored == {"words": ["ZORBLAT", "PHLOEM"], "use": "off"}
    finally:
        server.stop()


def test_a_list_comes_from_a_file_and_what_is_no_list_is_said(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page().page
    page.click("#own-words-open")
    page.click("#own-words-save")
    expect(page.locator("#own-words-problem")).to_contain_text("no word to use yet")
    (tmp_path / "class.csv").write_text("Zoë,Amara\nO’Brien\n", encoding="utf-8")
    page.set_input_files("#own-words-file", tmp_path / "class.csv")
    expect(page.locator("#own-words-count")).to_have_text("3 words")
    (tmp_path / "photo.txt").write_bytes(b"\x89PNG\x00\x01\xff\xfe")
    page.set_input_files("#own-words-file", tmp_path / "photo.txt")
    expect(page.locator("#own-words-problem")).to_contain_text("photo.txt is no plain text")
    expect(page.locator("#own-words-count")).to_have_text("3 words")  # the list is still there
    page.click("#own-words-save")
    expect(page.locator("#own-words")).to_be_hidden()
    expect(page.locator("#own-words-open")).to_have_text("Own words: preferred")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_dialog_have_no_accessibility_faults_that_a_machine_can_see(
    scheme: str, spelled: OpenSpelling
) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core in node_modules; `npm ci` installs it")
    page = spelled("HELO", color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    assert violations(page) == []
    page.keyboard.press("o")
    page.fill("#own-words-text", "Amara 2x4")
    assert violations(page) == []

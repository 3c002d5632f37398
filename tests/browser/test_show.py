"""Showing the text to others: spoken, and large for a projector."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import clips
from tests.browser.conftest import OpenPage, text_of, wait_for_notice, wait_for_text, wait_until
from tests.browser.test_page import AXE, violations

# A machine for tests has no voice, and a browser without one says nothing: these two stand in for what the system would
# list, and write down what they are given to say, until they are told that it has been said.
VOICES = """
window.spoken = [];
window.saying = [];
const voice = (name, lang, localService, isDefault) => ({name, voiceURI: name, lang, localService, default: isDefault});
const listed = [voice("Afar", "en-US", false, true), voice("Anna", "de-DE", true, false), voice("Brian", "en-GB", true, false)];
const Utterance = window.SpeechSynthesisUtterance;
window.SpeechSynthesisUtterance = class extends Utterance {
  get voice() { return this.chosen; }
  set voice(voice) { this.chosen = voice; }
};
SpeechSynthesis.prototype.getVoices = () => listed;
SpeechSynthesis.prototype.speak = (utterance) => {
  window.spoken.push([utterance.text, utterance.voice.name, utterance.rate]);
  window.saying.push(utterance);
};
window.haveSaid = () => window.saying.splice(0).forEach((utterance) => utterance.dispatchEvent(new Event("end")));
"""


def said(page: Page) -> list[str]:
    return page.evaluate("spoken.map(([words]) => words)")


def test_the_text_is_spoken_in_words_and_can_be_hushed(open_page: OpenPage, tmp_path: Path) -> None:
    film = clips.write(tmp_path / "film.mjpeg", clips.spelling("HI", end_seconds=120))
    page = open_page(film, init=VOICES).start()
    page.click("#speak")
    wait_for_notice(page, "nothing to speak")
    wait_for_text(page, "HI ", timeout_ms=60_000)
    page.keyboard.press("s")
    wait_until(page, "spoken.length === 1")
    assert page.evaluate("spoken[0]") == ["hi", "Brian", pytest.approx(0.9)]
    assert page.get_attribute("#speak", "aria-pressed") == "true"
    page.keyboard.press("s")
    assert page.get_attribute("#speak", "aria-pressed") == "false"
    page.keyboard.press("s")
    wait_until(page, "spoken.length === 2")
    page.evaluate("haveSaid()")
    assert page.get_attribute("#speak", "aria-pressed") == "false"


def test_each_word_is_spoken_once_when_it_ends_if_that_is_switched_on(open_page: OpenPage, tmp_path: Path) -> None:
    film = clips.write(tmp_path / "film.mjpeg", clips.spelling("HI", end_seconds=4))
    page = open_page(film, init=VOICES).start()
    wait_for_text(page, "HI ", timeout_ms=60_000)
    assert said(page) == [], "off until it is switched on"
    page.click("#more-button")
    page.click("#speak-words")
    assert page.get_attribute("#speak-words", "aria-checked") == "true"
    page.keyboard.press("Escape")
    wait_for_text(page, "HI HI ", timeout_ms=60_000)
    page.keyboard.press("v")
    wait_until(page, "spoken.length > 0")
    page.click("#delete")
    page.click("#space")
    page.click("#undo")
    page.click("#undo")
    wait_for_text(page, "HI HI ")
    assert said(page) == ["hi"]
    page.keyboard.press("w")
    page.keyboard.press("w")
    page.reload()
    wait_until(page, "document.documentElement.dataset.connection === 'open'")
    wait_for_text(page, "HI HI ")
    assert page.get_attribute("#speak-words", "aria-checked") == "true"
    assert said(page) == [], "what was there before is not read out"


def test_a_word_that_is_put_right_by_a_proposal_is_not_spoken_again(open_page: OpenPage, tmp_path: Path) -> None:
    film = clips.write(tmp_path / "film.mjpeg", clips.spelling("HELO", end_seconds=120))
    opened = open_page(film, init=VOICES)
    opened.page.keyboard.press("w")
    wait_until(opened.page, "document.querySelector('#speak-words').getAttribute('aria-checked') === 'true'")
    page = opened.start()
    wait_for_text(page, "HELO ", timeout_ms=60_000)
    wait_until(page, "spoken.length === 1")
    expect(page.locator(".proposal-first")).to_be_enabled()
    page.keyboard.press("Enter")
    wait_for_text(page, "HELLO ")
    page.keyboard.press("u")
    wait_for_text(page, "HELO ")
    assert said(page) == ["helo"]


def test_speaking_stops_when_the_page_is_hidden(open_page: OpenPage, tmp_path: Path) -> None:
    film = clips.write(tmp_path / "film.mjpeg", clips.spelling("HI", end_seconds=120))
    page = open_page(film, init=VOICES).start()
    wait_for_text(page, "HI ", timeout_ms=60_000)
    page.keyboard.press("s")
    wait_until(page, "document.querySelector('#speak').getAttribute('aria-pressed') === 'true'")
    page.evaluate("""Object.defineProperty(document, "hidden", {get: () => true});
        document.dispatchEvent(new Event("visibilitychange"))""")
    assert page.get_attribute("#speak", "aria-pressed") == "false"


def test_voice_and_speed_are_chosen_and_remembered(open_page: OpenPage) -> None:
    page = open_page(init=VOICES).page
    page.click("#more-button")
    page.click("#voice-open")
    expect(page.locator("#voice")).to_be_visible()
    expect(page.locator("#voice-choice")).to_have_value(
        "Brian"
    )  # not the browser's own choice, which is not of this machine
    expect(page.locator("#voice-far")).to_be_visible()
    assert "Afar (over the internet)" in page.inner_text("#voice-choice")
    page.select_option("#voice-choice", "Anna")
    page.focus("#voice-rate")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#voice-rate-shown")).to_have_text("100%")
    page.click("#voice-try")
    wait_until(page, "spoken.length === 1")
    page.reload()
    page.click("#more-button")
    page.click("#voice-open")
    expect(page.locator("#voice-choice")).to_have_value("Anna")
    expect(page.locator("#voice-rate")).to_have_value("1")


def test_a_browser_without_a_voice_says_so(open_page: OpenPage) -> None:
    page = open_page(init="SpeechSynthesis.prototype.getVoices = () => [];").page
    page.click("#space")
    page.keyboard.press("w")
    wait_for_notice(page, "This browser has no voice")
    assert page.get_attribute("#speak-words", "aria-checked") == "false"
    page.click("#more-button")
    page.click("#voice-open")
    expect(page.locator("#voice-none")).to_be_visible()
    expect(page.locator("#voice-choice")).to_be_hidden()


LETTER_PX = "parseFloat(getComputedStyle(document.querySelector('#text')).fontSize)"


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1920, 1080)])
def test_large_text_fills_the_screen_and_goes_on_spelling(
    width: int, height: int, open_page: OpenPage, tmp_path: Path
) -> None:
    film = clips.write(tmp_path / "film.mjpeg", clips.spelling("HELLO"))
    page = open_page(film, viewport={"width": width, "height": height}).start()
    wait_until(page, "document.querySelector('#text').textContent.length >= 1")
    before = page.evaluate(LETTER_PX)
    page.keyboard.press("p")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator(".tools")).to_be_hidden()
    wait_for_text(page, "HELLO ", timeout_ms=60_000)
    assert page.evaluate(LETTER_PX) > before
    assert page.evaluate(LETTER_PX) > min(height, width) / 6
    assert page.get_attribute("#text", "data-fit") == "large"
    area, line = (
        page.evaluate(f"document.querySelector('{one}').offsetHeight") for one in ("#text .word", "#text .caret")
    )
    assert area < 1.6 * line, "the word is parted"
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator("#sign")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".bar")).to_be_visible()
    assert page.evaluate(LETTER_PX) == before


def test_large_text_keeps_to_its_end_and_takes_keys(open_page: OpenPage) -> None:
    page = open_page().page
    page.click("#large")
    for _ in range(400):
        page.keyboard.press("Space")
    wait_until(page, "document.querySelector('#text').textContent.length === 400")
    at_end = "document.querySelector('#text')"
    assert page.evaluate(f"{at_end}.scrollHeight - {at_end}.scrollTop - {at_end}.clientHeight") <= 1
    page.keyboard.press("Control+z")
    wait_until(page, "document.querySelector('#text').textContent.length === 399")
    page.click("#large")
    expect(page.locator(".bar")).to_be_visible()
    assert text_of(page) == " " * 399


def test_leaving_full_screen_leaves_the_large_text(open_page: OpenPage) -> None:
    page = open_page().page
    page.click("#large")
    wait_until(page, "document.fullscreenElement !== null")
    page.evaluate("document.exitFullscreen()")  # what the browser does with Escape
    expect(page.locator(".bar")).to_be_visible()


def test_without_full_screen_the_large_text_fills_the_page(open_page: OpenPage) -> None:
    page = open_page(init="Element.prototype.requestFullscreen = undefined;").page
    page.click("#large")
    expect(page.locator(".bar")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(".bar")).to_be_visible()


def test_the_menu_is_worked_by_keys(open_page: OpenPage) -> None:
    page = open_page().page
    page.focus("#more-button")
    page.keyboard.press("Enter")
    expect(page.locator("#more")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#clear")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#more")).to_be_hidden()
    expect(page.locator("#more-button")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_menu_voice_and_large_text_have_no_accessibility_faults_that_a_machine_can_see(
    scheme: str, open_page: OpenPage
) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core in node_modules; `npm ci` installs it")
    page = open_page(init=VOICES, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce").start()
    page.click("#more-button")
    page.click("#speak-words")
    assert violations(page) == []
    page.click("#voice-open")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.click("#large")
    assert violations(page) == []

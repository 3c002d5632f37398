"""The reference chart, practising a sign, and the game of words: real pages, a camera that shows colours or real hands."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import clips
from tests.browser.conftest import OpenPage, wait_until
from tests.browser.test_finder import frames_of, hold, spelled
from tests.browser.test_page import AXE, violations
from tests.colours import DIGITS, LETTERS, colour_of
from tests.server import Server

NOTHING = clips.plain(colour_of(LETTERS, "nothing"))


def film_of(path: Path, signs: Sequence[str], hold_seconds: float = 1.8, gap_seconds: float = 1.2) -> Path:
    """The camera shows these signs in the box one after the other, with nothing between, over and over."""
    scenes: clips.Scenes = []
    for sign in signs:
        labels = DIGITS if sign.isdigit() else LETTERS
        nothing = clips.plain(colour_of(labels, "nothing"))
        scenes += [(clips.showing(sign, labels), hold_seconds), (nothing, gap_seconds)]
    return clips.write(path, scenes)


@pytest.fixture
def practise(open_page: OpenPage) -> Any:
    """Opens /practice with what the camera shows, the hand held in the box."""

    def open_(film: Path | None = None, query: str = "", **more: Any) -> Page:
        return open_page(film, path=f"/practice{query}", **more).page

    return open_


def start(page: Page) -> None:
    page.click("#start")
    page.wait_for_selector("#board[data-camera=on]")


def wait_for_said(page: Page, title: str, timeout_ms: float = 30_000) -> None:
    wait_until(page, f"document.querySelector('#said-title').textContent === {json.dumps(title)}", timeout_ms)


def announced(page: Page) -> str:
    return " | ".join(page.locator("#announcer p").all_text_contents())


def play(page: Page, words: str, hints: str = "10") -> None:
    """Start a game of one's own words."""
    page.check("input[name=play][value=words]")
    page.check("input[name=list][value=own]")
    page.fill("#own", words)
    page.select_option("#hint-after", hints)
    page.click("#play-start")
    page.wait_for_selector("#board:is([data-play=game], [data-play=paused])")  # paused until the camera is there


def test_from_the_chart_to_a_sign_that_is_found(practise: Any, page_server: Server, tmp_path: Path) -> None:
    page = practise(film_of(tmp_path / "film.mjpeg", "L"))
    page.goto(f"{page_server.url}/chart")
    page.click(".chart-sign[data-sign=L]")
    expect(page).to_have_url(f"{page_server.url}/practice?sign=L")
    expect(page.locator("#target-sign")).to_have_text("L")
    expect(page.locator("#target-how")).to_contain_text("right angle")
    start(page)
    wait_for_said(page, "Found: L")
    expect(page.locator("#said-advice")).to_have_text("Lift your hand, and sign it again.")
    assert page.get_attribute("#target", "data-kind") == "found"
    assert page.locator("#rounds li[data-done]").count() == 1
    assert "Found: L" in announced(page)
    wait_for_said(page, "That is L")
    wait_until(page, "document.querySelector('#target-sign').textContent === 'M'")  # after three times
    assert page.evaluate("JSON.parse(localStorage.getItem('handspell.progress'))") == {"L": {"found": 3, "clean": 3}}
    expect(page.get_by_role("button", name="L, known well")).to_be_visible()


def test_it_is_told_what_a_wrong_sign_was_taken_for_and_what_to_change(practise: Any, tmp_path: Path) -> None:
    film = clips.write(tmp_path / "film.mjpeg", [(clips.showing("S"), 3.0)])
    page = practise(film, "?sign=A")
    start(page)
    wait_for_said(page, "Looks like S")
    advice = "Move the thumb from the front of the fist to its side."
    expect(page.locator("#said-advice")).to_have_text(advice)
    wait_until(page, f"document.querySelector('#announcer').textContent.includes({json.dumps(advice)})")
    assert page.locator("#announcer p").count() == 1  # once, while nothing changes
    assert page.locator("#rounds li[data-done]").count() == 0
    page.click("button[data-sign=S]")
    wait_for_said(page, "S again")  # the hand has been held already, and is to be lifted first


def test_without_a_hand_it_is_said_so(practise: Any, tmp_path: Path) -> None:
    page = practise(clips.write(tmp_path / "film.mjpeg", [(NOTHING, 1.0)]), "?sign=A")
    start(page)
    wait_for_said(page, "No hand in view")


def test_a_digit_is_read_as_a_digit(practise: Any, tmp_path: Path) -> None:
    page = practise(film_of(tmp_path / "film.mjpeg", "4"), "?sign=4")
    start(page)
    wait_for_said(page, "Found: 4")


def test_signs_are_gone_through_with_buttons_and_keys(practise: Any) -> None:
    page = practise()
    sign = page.locator("#target-sign")
    expect(sign).to_have_text("A")
    page.click("#next")
    expect(sign).to_have_text("B")
    page.keyboard.press("n")
    page.keyboard.press("b")
    page.keyboard.press("b")
    page.keyboard.press("b")
    expect(sign).to_have_text("9")
    expect(page.locator("button[data-sign='9']")).to_have_attribute("aria-current", "true")
    assert page.url.endswith("?sign=9")
    assert page.get_attribute("#target-hand use", "href") == "#hand-9"


def test_a_game_from_start_to_result(practise: Any, tmp_path: Path) -> None:
    page = practise(film_of(tmp_path / "film.mjpeg", "LO"))
    start(page)
    play(page, "lol")
    expect(page.locator("#tiles li")).to_have_text(["L", "O", "L"])
    assert page.get_attribute("#target", "data-hint") == "false"
    page.wait_for_selector("#board[data-play=result]", timeout=60_000)
    figures = page.locator("#result-figures").inner_text()
    assert re.search(r"3\s+letters found", figures)
    assert re.search(r"0\s+letters skipped", figures)
    expect(page.locator("#result-title")).to_be_focused()
    page.click("#again")
    page.wait_for_selector("#board[data-play=game]")
    expect(page.locator("#tiles li").first).to_have_attribute("data-state", "now")


def test_after_a_game_of_digits_letters_are_read_again(practise: Any, tmp_path: Path) -> None:
    page = practise(film_of(tmp_path / "film.mjpeg", "4L"))
    start(page)
    play(page, "4")
    page.wait_for_selector("#board[data-play=result]", timeout=60_000)
    page.check("input[name=play][value=letter]")
    page.click("button[data-sign=L]")
    wait_for_said(page, "Found: L")


def test_what_went_wrong_in_a_game_is_to_be_worked_on(practise: Any, tmp_path: Path) -> None:
    page = practise(film_of(tmp_path / "film.mjpeg", "SSA"))
    start(page)
    play(page, "A")
    wait_for_said(page, "Looks like S")
    expect(page.locator("#said-advice")).to_have_text("Not A yet. The hand can be shown.")
    page.keyboard.press("h")
    expect(page.locator("#target-hand")).to_be_visible()
    page.wait_for_selector("#board[data-play=result]", timeout=60_000)
    assert re.search(r"0%\s+at the first try", page.locator("#result-figures").inner_text())
    page.click("#work button[data-sign=A]")
    expect(page.locator("#target-sign")).to_have_text("A")
    assert page.get_attribute("#board", "data-play") == "letter"


def test_a_game_starts_the_camera_pauses_and_skips(practise: Any) -> None:
    page = practise()
    play(page, "AB", hints="-1")
    page.wait_for_selector("#board[data-camera=on]")
    page.keyboard.press("p")
    page.wait_for_selector("#board[data-play=paused]")
    wait_for_said(page, "Paused")
    time = page.inner_text("#clock")
    page.wait_for_timeout(1500)
    assert page.inner_text("#clock") == time
    page.click("#pause")
    page.wait_for_selector("#board[data-play=game]")
    page.click("#stop")  # without a camera there is nothing to play
    page.wait_for_selector("#board[data-play=paused]")
    page.keyboard.press("p")
    page.wait_for_selector("#board[data-play=game]")
    page.keyboard.press("n")
    expect(page.locator("#tiles li").first).to_have_attribute("data-state", "skipped")
    page.click("#skip")
    page.wait_for_selector("#board[data-play=result]")
    expect(page.locator("#result-title")).to_have_text("The game is over")
    assert page.locator("#work button").count() == 2


def test_the_drawing_is_shown_after_some_seconds(practise: Any) -> None:
    page = practise()
    play(page, "A", hints="5")
    page.wait_for_selector("#board[data-camera=on]")
    expect(page.locator("#hint-said")).to_contain_text("The hand is shown in")
    expect(page.locator("#target-hand")).to_be_hidden()
    expect(page.locator("#target-hand")).to_be_visible(timeout=15_000)
    assert "Fist, thumb straight up" in announced(page)


def test_words_that_cannot_be_spelled_are_refused_with_a_sentence(practise: Any) -> None:
    page = practise()
    page.check("input[name=play][value=words]")
    page.check("input[name=list][value=own]")
    page.fill("#own", "?! …")
    page.click("#play-start")
    expect(page.locator("#setup-error")).to_contain_text("no word to spell")
    assert page.get_attribute("#board", "data-play") == "setup"


def test_own_words_and_progress_stay_on_this_machine_until_they_are_forgotten(practise: Any) -> None:
    stored = json.dumps({"A": {"found": 4, "clean": 4}})
    page = practise(
        init=f"localStorage.getItem('handspell.progress') ?? localStorage.setItem('handspell.progress', {stored!r})"
    )
    expect(page.get_by_role("button", name="A, known well")).to_be_visible()
    page.click("#forget")
    expect(page.locator("button[data-sign=A]")).to_have_attribute("aria-label", "A")
    assert page.evaluate("localStorage.getItem('handspell.progress')") is None
    page.click("#notice-action")  # undo
    expect(page.get_by_role("button", name="A, known well")).to_be_visible()
    page.check("input[name=play][value=words]")
    page.check("input[name=list][value=own]")
    page.fill("#own", "kite")
    page.click("#play-start")
    page.reload()
    page.check("input[name=play][value=words]")
    assert page.input_value("#own") == "kite"


def test_a_game_s_own_words_and_the_spelling_page_s_list_leave_each_other_alone(open_page: OpenPage) -> None:
    page = open_page().page
    spelling = page.url
    page.click("#own-words-open")
    page.fill("#own-words-text", "PHLOEM")
    page.click("#own-words-save")
    expect(page.locator("#own-words-open")).to_have_text("Own words: preferred")
    page.goto(f"{spelling}practice")
    page.check("input[name=play][value=words]")
    page.check("input[name=list][value=own]")
    assert page.input_value("#own") == ""
    page.fill("#own", "kite")
    page.click("#play-start")
    page.goto(spelling)
    expect(page.locator("#own-words-open")).to_have_text("Own words: preferred")
    page.click("#own-words-open")
    assert page.input_value("#own-words-text") == "PHLOEM"


def test_the_chart_shows_every_sign_of_either_hand_from_either_side(practise: Any, page_server: Server) -> None:
    page = practise()
    page.goto(f"{page_server.url}/chart")
    assert page.locator(".chart-sign").count() == 38
    boxes = page.evaluate(
        "[...document.querySelectorAll('[data-group=letters] .hand use')].map((use) => use.getBBox().width)"
    )
    assert len(boxes) == 26
    assert min(boxes) > 30  # each has something in it
    hand = page.locator(".chart-sign[data-sign=L] .hand")
    expect(hand).to_have_attribute("data-mirrored", "false")
    page.check("input[name=hand][value=left]")
    expect(hand).to_have_attribute("data-mirrored", "true")
    page.check("input[name=view][value=mirror]")
    expect(hand).to_have_attribute("data-mirrored", "false")
    expect(page.locator("#view-said")).to_contain_text("left hand, as you see it in a mirror")
    page.check("input[name=group][value=digits]")
    expect(page.locator(".chart-sign[data-sign='7']")).to_be_visible()
    expect(page.locator(".chart-sign[data-sign=L]")).to_be_hidden()
    page.reload()
    assert page.is_checked("input[name=hand][value=left]")


def test_the_chart_prints_on_one_sheet(practise: Any, page_server: Server) -> None:
    page = practise()
    page.goto(f"{page_server.url}/chart")
    sheet = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1920, 1080)])
@pytest.mark.parametrize("path", ["chart", "practice"])
def test_nothing_is_cut_off(path: str, width: int, height: int, practise: Any, page_server: Server) -> None:
    page = practise(viewport={"width": width, "height": height})
    page.goto(f"{page_server.url}/{path}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if path == "practice":
        start(page)
        play(page, "ABCDEFGHIJKLMN", hints="0")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_neither_page_has_accessibility_faults_that_a_machine_can_see(
    scheme: str, practise: Any, page_server: Server, tmp_path: Path
) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core in node_modules; `npm ci` installs it")
    film = film_of(tmp_path / "film.mjpeg", "S", gap_seconds=0.1)
    page = practise(film, "?sign=J", color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    assert violations(page) == []
    start(page)
    wait_for_said(page, "Looks like S")
    assert violations(page) == []
    page.click("button[data-sign=S]")
    wait_until(page, "['found', 'lift'].includes(document.querySelector('#target').dataset.kind)")
    assert violations(page) == []
    page.check("input[name=play][value=words]")
    assert violations(page) == []
    play(page, "AS")
    page.keyboard.press("n")
    assert violations(page) == []
    assert page.evaluate("document.getAnimations().length") == 0
    page.click("#end")
    assert violations(page) == []
    page.goto(f"{page_server.url}/chart")
    assert violations(page) == []


@pytest.mark.hands
@pytest.mark.slow
def test_a_real_hand_is_found_and_the_drawing_is_turned_like_it(
    hands: Path, server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    film, _ = hold(hands, "L", tmp_path / "film.mjpeg")
    page = open_page(film, url=server.url, path="/practice?sign=L", finder=True).page
    start(page)
    wait_for_said(page, "Found: L", 60_000)
    assert page.locator(
        f"#target-hand[data-mirrored={'true' if page.is_checked('[name=hand][value=right]') else 'false'}]"
    ).count()
    page.click("button[data-sign=D]")
    wait_for_said(page, "Looks like L")
    expect(page.locator("#said-advice")).to_have_text("Bring the thumb in to meet the middle finger.")


@pytest.mark.hands
@pytest.mark.slow
def test_a_real_signer_plays_a_word(hands: Path, server: Server, open_page: OpenPage, tmp_path: Path) -> None:
    # The film begins anew after a few seconds: a letter that a busy machine missed comes again.
    scenes = spelled(frames_of(hands, "ahmed_HELLO"))
    film = clips.write(tmp_path / "film.mjpeg", [*scenes[:-1], (scenes[-1][0], 3.0)])
    fast = [{"name": "handspell.choices", "value": json.dumps({"pace": "fast", "hand": "right"})}]
    stored = {"origins": [{"origin": server.url, "localStorage": fast}]}
    page = open_page(film, url=server.url, path="/practice", finder=True, storage_state=stored).page
    play(page, "hello")
    page.wait_for_selector("#board[data-play=result]", timeout=120_000)
    assert re.search(r"5\s+letters found", page.locator("#result-figures").inner_text())

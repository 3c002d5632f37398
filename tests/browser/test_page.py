"""The text's buttons, the keys, the colours, and that everyone can use them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import clips
from tests.browser.conftest import OpenPage, text_of, wait_for_notice, wait_for_text, wait_until
from tests.colours import LETTERS
from tests.server import ROOT, Server

SIZES = [(360, 740), (820, 1180), (1366, 768), (1920, 1080)]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def test_the_buttons_edit_the_text(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(clips.write(tmp_path / "film.mjpeg", clips.spelling("HI", end_seconds=120))).start()
    wait_for_text(page, "HI ", timeout_ms=60_000)
    page.click("#delete")
    page.click("#delete")
    wait_for_text(page, "H")
    page.click("#undo")
    wait_for_text(page, "HI")
    page.click("#space")
    wait_for_text(page, "HI ")
    page.click("#more-button")
    page.click("#clear")
    wait_for_text(page, "")
    expect(page.locator("#more")).to_be_hidden()
    page.click("#undo")
    wait_for_text(page, "HI ")


def test_the_text_can_be_copied(open_page: OpenPage) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"]).page
    page.click("#copy")
    wait_for_notice(page, "nothing to copy")
    page.click("#space")
    wait_for_text(page, " ")
    page.click("#copy")
    wait_for_notice(page, "Copied")
    assert page.evaluate("navigator.clipboard.readText()") == " "


def test_everything_works_by_keys_alone(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(clips.write(tmp_path / "film.mjpeg", clips.spelling("HI", end_seconds=120))).page
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("v")
    page.wait_for_selector("#board[data-camera=on]")
    expect(page.locator("#guide")).to_be_focused()
    wait_for_text(page, "HI ", timeout_ms=60_000)
    page.keyboard.press("Space")
    wait_for_text(page, "HI  ")
    page.keyboard.press("Backspace")
    wait_for_text(page, "HI ")
    page.keyboard.press("x")
    wait_for_text(page, "")
    page.keyboard.press("Control+z")
    wait_for_text(page, "HI ")
    for key, name, value in (
        ("d", "model", "digits"),
        ("l", "model", "letters"),
        ("1", "pace", "slow"),
        ("4", "pace", "expert"),
        ("3", "pace", "fast"),
        ("2", "pace", "normal"),
        ("h", "hand", "left"),
    ):
        page.keyboard.press(key)
        wait_until(page, f"document.querySelector('input[name={name}][value={value}]').checked")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("x")  # behind the open list, keys do nothing
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    assert text_of(page) == "HI "
    page.keyboard.press("v")
    page.wait_for_selector("#board[data-camera=off]")


def test_a_space_that_is_held_down_is_one_space_and_does_not_scroll(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 390, "height": 500}).page
    for _ in range(10):
        page.keyboard.down("Space")  # from the second on as a keyboard repeats it
    page.keyboard.up("Space")
    wait_for_text(page, " ")
    page.wait_for_timeout(300)  # scrolling would be smooth
    assert page.evaluate("scrollY") == 0
    assert text_of(page) == " "


def test_every_control_is_reached_by_tab(open_page: OpenPage) -> None:
    page = open_page().start()
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.name"))
    controls = ["guide", "stop", "find", "smaller", "larger", "reset", "text", "help", "theme", "model", "pace", "hand"]
    assert {*controls, "space", "delete", "undo", "copy", "large", "speak", "more-button"} <= reached


def test_a_focused_button_keeps_its_own_keys(open_page: OpenPage) -> None:
    page = open_page().page
    page.focus("#help")
    page.keyboard.press("Space")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_focused()
    assert text_of(page) == ""


def test_the_help_says_how_letters_are_doubled_and_drawn(open_page: OpenPage) -> None:
    page = open_page().page
    page.keyboard.press("?")
    tips = page.locator("#keys .tips")
    expect(tips).to_contain_text("a small bounce of the hand")
    expect(tips).to_contain_text("Draw J and Z in the air")


def test_single_keys_can_be_switched_off_and_stay_off(open_page: OpenPage) -> None:
    page = open_page().page
    page.keyboard.press("?")
    page.click("#single-keys")
    page.keyboard.press("Escape")
    page.reload()
    wait_until(page, "document.documentElement.dataset.connection === 'open'")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    page.click("#help")
    assert not page.is_checked("#single-keys")


def test_committed_letters_and_finished_words_are_announced_and_the_guess_is_not(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(clips.write(tmp_path / "film.mjpeg", clips.spelling("HELLO", end_seconds=120))).start()
    wait_for_text(page, "HELLO ", timeout_ms=60_000)
    assert page.locator("#announcer p").all_text_contents() == ["H", "E", "L", "L", "O", "space. Word: HELLO"]
    assert page.get_attribute("#reading", "aria-hidden") == "true"
    assert page.get_attribute("#announcer", "aria-live") == "polite"


@pytest.fixture
def server_of_short_texts(colour_models: Path) -> Iterator[Server]:
    server = Server(HANDSPELL_MODELS=str(colour_models), HANDSPELL_TEXT_LIMIT="3")
    yield server
    server.stop()


def test_the_text_limit_is_announced_before_it_is_reached(
    server_of_short_texts: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    film = clips.write(tmp_path / "film.mjpeg", clips.spelling("HIJK", hold_seconds=2.5, end_seconds=120))
    page = open_page(film, url=server_of_short_texts.url).start()
    wait_for_notice(page, "Room for 2 more letters")
    wait_for_notice(page, "Room for one more letter")
    wait_for_notice(page, "The text is full")
    wait_for_text(page, "HIJ")
    page.wait_for_selector("#reading[data-state=unwritten]")  # the K that is held on is not shown as written
    expect(page.locator("#caption")).to_have_text("Not written: the text is full")
    expect(page.locator(".tick")).to_be_hidden()
    page.click("#delete")
    wait_for_notice(page, "Room for one more letter")


def test_signs_of_two_words_act_and_are_named(open_page: OpenPage, tmp_path: Path) -> None:
    nothing = (clips.showing("nothing"), 0.7)
    scenes = [nothing]
    for sign in ("A", "space", "B", "del"):
        scenes += [(clips.showing(sign, LETTERS), 1.3), nothing]
    page = open_page(clips.write(tmp_path / "film.mjpeg", [*scenes, (nothing[0], 60.0)])).start()
    wait_until(page, "document.querySelector('#sign').textContent === 'delete'", timeout_ms=60_000)
    wait_for_text(page, "A ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system_until_one_is_chosen(scheme: str, open_page: OpenPage) -> None:
    page = open_page(color_scheme=scheme).page
    other = "dark" if scheme == "light" else "light"

    def brightness() -> float:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(float(part) for part in colour.removeprefix("rgb(").rstrip(")").split(",")) / 3

    assert (brightness() > 128) == (scheme == "light")
    page.check(f"input[name=theme][value={other}]", force=True)
    assert (brightness() > 128) == (other == "light")
    page.reload()
    assert (brightness() > 128) == (other == "light")
    wait_until(page, "document.documentElement.dataset.connection === 'open'")
    page.keyboard.press("t")
    page.keyboard.press("t")
    page.keyboard.press("t")
    assert (brightness() > 128) == (other == "light")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_is_cut_off_at_any_width(width: int, height: int, open_page: OpenPage) -> None:
    opened = open_page(viewport={"width": width, "height": height})
    page = opened.page
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    opened.start()
    assert page.evaluate(overflow) == 0
    if width >= 1366:
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "a projector should not scroll"
        letters = page.evaluate(
            "parseFloat(getComputedStyle(document.querySelector('#text')).getPropertyValue('font-size'))"
        )
        assert letters > height / 20
    for selector in ("#stop", "#reset", "#space", "#copy", "#large", "#more-button", "#help", "#hand-setting"):
        area = page.locator(selector).bounding_box()
        assert area
        assert area["x"] >= 0
        assert area["x"] + area["width"] <= width


def test_reduced_motion_stills_everything(open_page: OpenPage) -> None:
    page = open_page(reduced_motion="reduce").start()
    wait_until(page, "Number(document.querySelector('#figures').dataset.answered) > 3")
    assert page.evaluate("document.getAnimations().length") == 0


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [
        f"{rule['id']}: {node['target']}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_accessibility_faults_that_a_machine_can_see(
    scheme: str, open_page: OpenPage, tmp_path: Path
) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core in node_modules; `npm ci` installs it")
    film = clips.write(tmp_path / "film.mjpeg", clips.spelling("HI", end_seconds=120))
    opened = open_page(film, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    assert violations(opened.page) == []
    page = opened.start()
    wait_for_text(page, "HI ", timeout_ms=60_000)
    assert violations(page) == []
    page.keyboard.press("?")
    assert violations(page) == []


def test_the_hand_finder_has_no_such_faults_either(open_page: OpenPage) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core in node_modules; `npm ci` installs it")
    page = open_page(finder=True, bypass_csp=True, reduced_motion="reduce").start()
    wait_until(page, "document.documentElement.dataset.finder === 'on'")
    wait_until(page, "document.querySelector('#no-hand').textContent !== ''")
    assert violations(page) == []
    assert page.evaluate("document.getAnimations().length") == 0


def test_the_page_loads_nothing_from_elsewhere(open_page: OpenPage, page_server: Server) -> None:
    opened = open_page()
    addresses: list[str] = []
    opened.page.on("request", lambda request: addresses.append(request.url))
    opened.page.reload()
    opened.start()
    assert addresses
    assert all(address.startswith((page_server.url, "data:", "blob:")) for address in addresses), addresses


def test_the_page_says_what_leaves_and_what_fingerspelling_is(open_page: OpenPage) -> None:
    page = open_page().page
    described = page.get_attribute("#start", "aria-describedby")
    assert "nothing is kept" in page.inner_text(f"#{described}")
    assert "Fingerspelling is not sign language" in page.inner_text("footer")

"""A race and a relay in real browsers: the choice, the countdown, places and wins, turns that are handed on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import clips
from tests.browser.conftest import DEADLINE_MS, FLAGS, StartBrowser
from tests.browser.test_class import Classroom, class_server
from tests.browser.test_page import AXE, violations
from tests.server import Server

__all__ = ["class_server"]  # a fixture

# The machine spells in its own time; a letter that is not due when the camera shows it comes again with the next playing.
SPELLED_MS = 90_000


@pytest.fixture(scope="module")
def looping_browser(start_browser: StartBrowser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Its camera spells HI again and again."""
    film = clips.write(tmp_path_factory.mktemp("film") / "film.mjpeg", clips.spelling("HI", end_seconds=1.0))
    browser = start_browser(film, FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def classroom(class_server: Server, looping_browser: Browser) -> Iterator[Classroom]:
    made = Classroom(class_server, looping_browser)
    yield made
    for context in made.contexts:
        context.close()
    assert made.complaints == []


def send(teacher: Page, words: str, mode: str) -> None:
    teacher.check(f"[name=mode][value={mode}]")
    teacher.fill("#task-text", words)
    teacher.keyboard.press("Enter")


def lane(board: Page, name: str) -> Locator:
    return board.locator(".lane", has=board.locator(".lane-name", has_text=name))


def test_a_race_from_the_countdown_to_the_next_round(classroom: Classroom) -> None:
    teacher = classroom.teacher()
    board = classroom.board(teacher)
    mia, ben = classroom.pupil("Mia"), classroom.pupil("Ben")
    expect(teacher.locator("[name=mode][value=each]")).to_be_checked()
    expect(teacher.locator("#team-choice")).to_be_hidden()
    mia.click("#start")
    send(teacher, "hi, i", "race")
    expect(teacher.locator("#task-name")).to_be_hidden()
    expect(board.locator("#countdown-word")).to_have_text("HI")
    expect(ben.locator("#task")).to_have_attribute("data-standing", "ready")
    expect(board.locator("#countdown")).to_be_visible()
    expect(board.locator("#countdown")).to_be_hidden(timeout=DEADLINE_MS)
    expect(ben.locator("#task-state")).to_have_text("Next: H.")
    expect(board.locator("#task-round")).to_have_text("Race, round 1: spell")
    expect(board.locator("#score-nobody")).to_be_visible()

    tile = board.locator(".tile", has_text="Mia")
    expect(tile).to_have_attribute("data-place", "1", timeout=SPELLED_MS)
    expect(tile.locator(".tile-state")).to_contain_text("1st")
    expect(board.locator("#task-first")).to_have_text("Mia is first!")
    expect(board.locator("#task-tally")).to_have_text("1 of 2 have it")
    expect(mia.locator("#task-state")).to_contain_text("You are first!")
    expect(ben.locator("#task-state")).to_have_text("Next: H.")
    expect(board.locator("#score-rows th")).to_have_text(["Mia"])
    expect(teacher.locator(".row", has_text="Mia").locator(".row-state")).to_contain_text("1st")

    board.keyboard.press("n")
    expect(board.locator("#task-first")).to_have_text("Pupil 1 is first!")
    expect(board.locator("#score-rows th")).to_have_text(["Pupil 1"])
    board.keyboard.press("f")
    expect(board.locator("#notice")).to_contain_text("Frozen")
    board.keyboard.press("n")
    expect(board.locator("#score-rows th")).to_have_text(["Mia"])
    board.keyboard.press("n")
    expect(board.locator("#score-rows th")).to_have_text(["Pupil 1"])
    expect(board.locator("#task-first")).to_have_text("Pupil 1 is first!")

    expect(teacher.locator("#next-round")).to_contain_text("I")
    teacher.click("#next-round")
    expect(mia.locator("#task-letters")).to_have_text("I")
    expect(board.locator("#task-round")).to_have_text("Race, round 1: spell")  # the board is frozen
    board.keyboard.press("f")
    expect(board.locator("#task-round")).to_have_text("Race, round 2: spell")
    expect(board.locator("#score-rows td").last).to_have_text("1")
    expect(teacher.locator("#next-round")).to_be_hidden()
    expect(teacher.locator("#contest-last")).to_be_visible()
    expect(board.locator("#score-rows td").last).to_have_text("2", timeout=SPELLED_MS)

    teacher.click("#task-end")
    expect(board.locator("#score")).to_be_hidden()
    expect(board.locator("#board-task")).to_be_hidden()
    send(teacher, "tea milk", "each")
    expect(mia.locator("#task-letters")).to_have_text("TEA MILK")
    expect(board.locator("#task-round")).to_have_text("Spell")
    expect(board.locator("#countdown")).to_be_hidden()


def test_a_relay_from_turn_to_turn(classroom: Classroom) -> None:
    teacher = classroom.teacher()
    board = classroom.board(teacher)
    mia, ben, zoe = classroom.pupil("Mia"), classroom.pupil("Ben"), classroom.pupil("Zoë")
    teacher.check("[name=mode][value=relay]")
    teacher.fill("#team-count", "9")
    send(teacher, "hi", "relay")
    expect(teacher.locator("#team-count:invalid")).to_be_visible()
    expect(board.locator("#board-task")).to_be_hidden()
    teacher.fill("#team-count", "2")
    send(teacher, "hi", "relay")
    expect(board.locator(".lane-name")).to_have_text(["Sun", "Moon"])
    expect(board.locator("#tiles")).to_be_hidden()
    expect(mia.locator("#task-team")).to_have_text("Team Sun")
    expect(mia.locator("#task-state")).to_have_text("Your turn: H.", timeout=DEADLINE_MS)
    expect(zoe.locator("#task-state")).to_have_text("Next: you. Get ready.")
    expect(lane(board, "Sun").locator(".lane-turn")).to_contain_text("Mia at H then Zoë")

    mia.click("#start")
    expect(zoe.locator("#task-state")).to_have_text("Your turn: I.", timeout=SPELLED_MS)
    expect(mia.locator("#task-state")).to_have_text("Your team has 1 of 2 letters.")
    expect(lane(board, "Sun").locator("[data-letter=done]")).to_have_text(["H"])
    board.keyboard.press("n")
    expect(lane(board, "Sun").locator(".lane-holder")).to_have_text("Pupil 3")
    board.keyboard.press("n")

    zoe.close()  # is skipped after some seconds
    expect(mia.locator("#task-state")).to_contain_text("Your team is first!", timeout=SPELLED_MS)
    expect(lane(board, "Sun")).to_have_attribute("data-place", "1")
    expect(lane(board, "Sun").locator(".lane-wins")).to_have_text("1 win")
    expect(board.locator("#task-first")).to_have_text("Team Sun is first!")
    expect(board.locator("#task-tally")).to_have_text("1 of 2 teams have it")
    expect(ben.locator("#task-state")).to_have_text("Your turn: H.")

    teacher.locator(".team", has_text="Moon").locator("button").click()
    expect(teacher.locator("#notice-text")).to_contain_text("Nobody else of this team is here")
    teacher.locator(".row", has_text="Zoë").locator("[data-act=remove]").click()
    teacher.click("#sure-ok")
    teacher.click("#shuffle")
    expect(board.locator(".lane-wins").first).to_have_text("")
    for pupil in (mia, ben):
        expect(pupil.locator("#task-state")).to_have_text("Your turn: H.", timeout=DEADLINE_MS)
    teacher.click("#task-end")
    expect(board.locator("#tiles")).to_be_visible()
    expect(board.locator("#lanes")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_a_contest_has_faults_that_a_machine_can_see(classroom: Classroom, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core in node_modules; `npm ci` installs it")
    look = {"color_scheme": scheme, "bypass_csp": True, "reduced_motion": "reduce"}
    teacher = classroom.teacher(**look)
    board = classroom.board(teacher)
    mia, ben = classroom.pupil("Mia", **look), classroom.pupil("Ben", **look)
    pages = (teacher, board, mia, ben)
    mia.click("#start")
    send(teacher, "i, hi", "race")
    expect(board.locator("#score-rows th")).to_have_text(["Mia"], timeout=SPELLED_MS)
    for page in pages:
        assert violations(page) == []
    teacher.check("[name=mode][value=relay]")
    teacher.fill("#team-count", "1")
    send(teacher, "hi, hihi", "relay")
    expect(board.locator("#countdown")).to_be_visible()
    assert violations(board) == []
    expect(ben.locator("#task-state")).to_have_text("Your turn: I.", timeout=SPELLED_MS)
    for page in pages:
        assert violations(page) == []
    teacher.locator(".team button").click()
    expect(lane(board, "Sun")).to_have_attribute("data-place", "1", timeout=SPELLED_MS)
    for page in pages:
        assert violations(page) == []

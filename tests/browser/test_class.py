"""A class in real browsers: a teacher, a board and pupils with cameras, over https."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser import clips
from tests.browser.conftest import DEADLINE_MS, FLAGS, StartBrowser, finder_off, wait_for_text, wait_until
from tests.browser.test_page import AXE, violations
from tests.server import Server
from webapp import network

WORD = "HI"


@pytest.fixture
def class_server(colour_models: Path, tmp_path: Path) -> Iterator[Server]:
    server = Server(
        HANDSPELL_CLASS_MODE="lan",
        HANDSPELL_CLASS_ADDRESS="localhost",
        HANDSPELL_MODELS=str(colour_models),
        HANDSPELL_DATA=str(tmp_path / "data"),
    )
    yield server
    server.stop()


@pytest.fixture(scope="module")
def spelling_browser(start_browser: StartBrowser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Its camera spells a word and then sees nothing for long."""
    film = clips.write(tmp_path_factory.mktemp("film") / "film.mjpeg", clips.spelling(WORD, end_seconds=120))
    browser = start_browser(film, FLAGS)
    yield browser
    browser.close()


class Classroom:
    """Browsers of one lesson; every page must stay without complaints while the server is there."""

    def __init__(self, server: Server, browser: Browser) -> None:
        self.server = server
        self._browser = browser
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.code = self._printed(r"Class code\s+(\S+)")

    def _printed(self, pattern: str) -> str:
        found = re.search(pattern, self.server.output)
        assert found, self.server.output
        return found[1]

    def page(self, **context: object) -> Page:
        """A browser of its own, which accepts the certificate as a pupil does."""
        made = self._browser.new_context(
            storage_state=finder_off(self.server.url),
            **{"ignore_https_errors": True, "viewport": {"width": 1366, "height": 768}, **context},
        )
        made.set_default_timeout(DEADLINE_MS)
        self.contexts.append(made)
        page = made.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def teacher(self, **context: object) -> Page:
        page = self.page(**context)
        page.goto(self.server.url + self._printed(r"(/teach/enter/\S+)"))
        expect(page.locator("#notice-text")).to_have_text("Connected")
        return page

    def board(self, teacher: Page) -> Page:
        with teacher.context.expect_page() as opened:
            teacher.click("#open-board")
        page = opened.value
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.wait_for_selector("#empty:not([hidden]), .tile")
        return page

    def pupil(self, name: str, **context: object) -> Page:
        page = self.page(**context)
        page.goto(f"{self.server.url}/join/{self.code}")
        page.fill("#name", name)
        page.click("#go")
        page.wait_for_selector("#class-bar")
        wait_until(page, "document.documentElement.dataset.connection === 'open'")
        return page


@pytest.fixture
def classroom(class_server: Server, spelling_browser: Browser) -> Iterator[Classroom]:
    made = Classroom(class_server, spelling_browser)
    yield made
    for context in made.contexts:
        context.close()
    assert made.complaints == []


def test_the_teacher_hides_names_spotlights_freezes_and_ends(classroom: Classroom) -> None:
    teacher = classroom.teacher()
    board = classroom.board(teacher)
    mia, ben = classroom.pupil("Mia"), classroom.pupil("Ben")
    expect(board.locator(".tile")).to_have_count(2)

    board.keyboard.press("n")
    expect(board.locator(".tile-name")).to_have_text(["Pupil 1", "Pupil 2"])
    expect(teacher.locator("[data-setting=names_hidden]")).to_have_attribute("aria-checked", "true")
    expect(teacher.locator(".row-name")).to_have_text(["Mia", "Ben"])
    teacher.click("[data-setting=names_hidden]")
    expect(board.locator(".tile-name")).to_have_text(["Mia", "Ben"])

    teacher.locator(".row", has_text="Ben").locator("[data-act=spotlight]").click()
    expect(board.locator(".tile:visible .tile-name")).to_have_text(["Ben"])
    board.click("#everyone")
    expect(board.locator(".tile:visible")).to_have_count(2)

    board.click("#freeze")
    expect(board.locator("#notice")).to_contain_text("Frozen")
    mia.keyboard.press("Space")
    wait_for_text(mia, " ")
    mia.close()
    board.wait_for_timeout(800)
    expect(board.locator(".tile", has_text="Mia")).to_have_attribute("data-connected", "true")
    board.click("#freeze")
    expect(board.locator(".tile", has_text="Mia")).to_have_attribute("data-connected", "false")
    expect(board.locator(".tile", has_text="Mia").locator(".presence")).to_have_text("Away")

    row = teacher.locator(".row", has_text="Ben")
    row.locator("[data-act=rename]").click()
    teacher.fill("#new-name", "Benjamin")
    teacher.keyboard.press("Enter")
    expect(ben.locator("#class-name")).to_have_text("Benjamin")
    expect(board.locator(".tile-name")).to_have_text(["Mia", "Benjamin"])

    teacher.locator(".row", has_text="Mia").locator("[data-act=remove]").click()
    teacher.click("#sure-ok")
    expect(board.locator(".tile-name")).to_have_text(["Benjamin"])

    teacher.click("#end")
    teacher.click("#sure-ok")
    expect(ben.locator("#class-shown")).to_contain_text("ended the class")
    expect(ben.locator("#announcer")).to_contain_text("ended the class")
    expect(board.locator("#notice")).to_contain_text("has ended")
    expect(teacher.locator("h1")).to_have_text("Open a class")
    teacher.click("#open-class")
    expect(teacher.locator("#nobody")).to_be_visible()
    assert classroom.code not in teacher.url


@pytest.mark.parametrize("name", ["<script>h=1</script>", "<img src onerror=h=1>"])
def test_a_script_in_a_name_is_read_and_not_run(classroom: Classroom, name: str) -> None:
    teacher = classroom.teacher()
    board = classroom.board(teacher)
    pupil = classroom.pupil(name)
    expect(board.locator(".tile-name")).to_have_text(name)
    expect(teacher.locator(".row-name")).to_have_text(name)
    expect(pupil.locator("#class-name")).to_have_text(name)
    board.click(".tile-spotlight")  # the name also goes into labels and announcements
    expect(board.locator(".tile-spotlight")).to_have_attribute("aria-pressed", "true")
    pupil.goto(f"{classroom.server.url}/join/{classroom.code}")  # and onto the door
    expect(pupil.locator(".door-already")).to_contain_text(name)
    for page in (teacher, board, pupil):
        assert page.evaluate("typeof h") == "undefined"


def test_a_pupil_leaves_and_takes_nothing_along(classroom: Classroom) -> None:
    teacher = classroom.teacher()
    mia = classroom.pupil("Mia")
    mia.keyboard.press("Space")
    wait_for_text(mia, " ")
    mia.click("#more-button")
    expect(mia.locator("#captions")).to_be_visible()
    expect(mia.locator("#keep")).to_be_hidden()
    mia.keyboard.press("Escape")
    mia.click("#class-leave")
    mia.click("#leave-dialog .button-bad")
    mia.wait_for_selector("#join")
    expect(teacher.locator(".row")).to_have_count(0)
    expect(mia.locator("#name")).to_have_value("")
    mia.goto(classroom.server.url)
    wait_until(mia, "document.documentElement.dataset.connection === 'open'")
    wait_for_text(mia, "")
    assert mia.locator("#class-bar").count() == 0


def test_the_door_says_what_is_wrong_and_what_to_do(classroom: Classroom) -> None:
    page = classroom.page()
    page.goto(f"{classroom.server.url}/join")
    page.click("#go")
    expect(page.locator("#problem")).to_contain_text("code that the board shows")
    page.fill("#code", "aaa aaa")
    page.click("#go")
    expect(page.locator("#problem")).to_contain_text("Write your name")
    page.fill("#name", "Mia")
    page.click("#go")
    expect(page.locator("#problem")).to_contain_text("No class has this code")
    expect(page.locator("#code")).to_be_focused()
    expect(page.locator("#where-code")).to_be_visible()
    page.fill("#code", classroom.code.lower())
    page.fill("#name", "!!!")
    page.click("#go")
    expect(page.locator("#problem")).to_contain_text("at least one letter")
    expect(page.locator("#where-code")).to_be_hidden()
    expect(page.locator("#name")).to_be_focused()
    page.fill("#name", "Mia")
    page.keyboard.press("Enter")
    expect(page.locator("#class-name")).to_have_text("Mia")


def test_who_joins_before_the_door_has_wholly_come_is_let_in_as_soon_as_it_has(classroom: Classroom) -> None:
    held: list[Route] = []
    page = classroom.page()
    page.context.route("**/js/class/join.js", lambda route: held.append(route))
    page.goto(f"{classroom.server.url}/join", wait_until="commit")
    page.fill("#code", classroom.code)
    page.fill("#name", "Mia")
    page.press("#name", "Enter")
    while not held:
        page.wait_for_timeout(20)
    expect(page.locator("#name")).to_have_value("Mia")
    held[0].continue_()
    expect(page.locator("#class-name")).to_have_text("Mia")


def test_an_old_browser_is_told_so(classroom: Classroom) -> None:
    page = classroom.page()
    page.add_init_script("delete window.WebSocket;")
    for path in ("/join", "/", "/practice", "/secure"):
        page.goto(classroom.server.url + path)
        expect(page.locator("#old-browser")).to_contain_text("lacks WebSocket")
        expect(page.locator("#old-browser svg")).to_be_visible()
    fresh = classroom.page()
    fresh.goto(f"{classroom.server.url}/join")
    fresh.wait_for_timeout(200)
    assert fresh.locator("#old-browser").is_hidden()


def test_whoever_types_http_is_led_to_the_class(classroom: Classroom) -> None:
    addresses = network.lan_addresses()
    if not addresses:
        pytest.skip("this machine has no address on a network, so nobody else can ask")
    address = f"http://{addresses[0]}:{classroom.server.port}/join/{classroom.code}"
    wary = classroom.page(ignore_https_errors=False)
    wary.goto(address)
    expect(wary.locator("h1")).to_have_text("One step to the class")
    expect(wary.locator("#browsers li").first).to_contain_text("Chrome")
    wary.wait_for_timeout(500)
    expect(wary.locator("#go-on")).to_have_attribute("href", address.replace("http", "https"))
    accepted = classroom.page()  # has accepted the certificate, and need not be told again
    accepted.goto(address)
    expect(accepted.locator("#code")).to_have_value(classroom.code)
    assert accepted.url.startswith("https://")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_a_class_has_faults_that_a_machine_can_see(classroom: Classroom, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core in node_modules; `npm ci` installs it")
    look = {"color_scheme": scheme, "bypass_csp": True, "reduced_motion": "reduce"}
    stranger = classroom.page(**look)
    for path in ("/join", "/teach", "/secure"):
        stranger.goto(classroom.server.url + path)
        assert violations(stranger) == [], path
    teacher = classroom.teacher(**look)
    board = classroom.board(teacher)
    assert violations(board) == []
    assert violations(teacher) == []
    mia = classroom.pupil("Mia", **look)
    ben = classroom.pupil("Ben", **look)
    assert violations(mia) == []
    ben.close()
    expect(board.locator(".tile[data-connected=false]")).to_have_count(1)
    assert violations(board) == []
    assert violations(teacher) == []
    board.click("#freeze")
    teacher.click("#end")
    assert violations(board) == []
    assert violations(teacher) == []
    teacher.click("#sure-ok")
    teacher.wait_for_selector("#open-class")
    assert violations(teacher) == []

"""A pupil's page that is opened while the classes cannot be reached."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, finder_off, wait_for_notice, wait_for_text
from tests.browser.test_page import AXE, violations
from tests.redis import PROGRAM, Redis
from tests.replay import Client
from tests.server import Server
from tests.webapp.test_classes import Lesson
from tests.webapp.test_several_servers import shown
from tests.webapp.test_sockets import spelled

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs redis-server (apt-get install redis-server)")


@pytest.fixture
def redis() -> Iterator[Redis]:
    made = Redis()
    yield made
    made.remove()


@pytest.fixture
def sharing_server(redis: Redis, colour_models: Path, tmp_path: Path) -> Iterator[Server]:
    server = Server(
        HANDSPELL_CLASS_MODE="proxy",
        HANDSPELL_MODELS=str(colour_models),
        HANDSPELL_DATA=str(tmp_path / "data"),
        HANDSPELL_REDIS_URL=redis.url,
        HANDSPELL_TEACHER_KEY="the-key-that-all-servers-were-given-01",
    )
    yield server
    server.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_opened_meanwhile_says_so_and_is_back_in_the_class_by_itself(
    open_page: OpenPage, sharing_server: Server, redis: Redis, scheme: str
) -> None:
    lesson = Lesson(sharing_server)
    cookie = lesson.cookie("Mia")
    with lesson.board() as board:
        with Client(sharing_server.url, cookie=cookie) as before:
            before.play(spelled("HI"))
        board.wait(lambda now: shown(now, "Mia")["text"] == "HI" and not shown(now, "Mia")["connected"])
    redis.stop()
    sharing_server.kill()
    sharing_server.restart()  # and has never heard of the class
    name, _, value = cookie.partition("=")
    known = {"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "expires": -1}
    known |= {"httpOnly": True, "secure": False, "sameSite": "Lax"}
    page = open_page(
        url=sharing_server.url,
        storage_state={**finder_off(sharing_server.url), "cookies": [known]},
        complaints_expected=True,  # leaving is refused meanwhile, which the browser's console notes
        color_scheme=scheme,
        reduced_motion="reduce",
        bypass_csp=True,
    ).page
    expect(page.locator("#class-shown")).to_contain_text("The class cannot be reached just now.")
    expect(page.locator(".class-who")).to_have_text(f"You in class {lesson.code}")
    wait_for_notice(page, "Go on spelling")
    if AXE.is_file():
        assert violations(page) == []
    page.click("#class-leave")
    page.click("#leave-dialog button[value=leave]")
    expect(page.locator("#class-shown")).to_contain_text("try again in a moment")
    page.click("#space")
    wait_for_text(page, " ")
    redis.start()
    expect(page.locator("#class-name")).to_have_text("Mia")
    expect(page.locator("#class-shown")).to_contain_text("Name and text are kept until the class ends.")
    wait_for_text(page, "HI ")
    with lesson.board() as board:
        board.wait(lambda now: shown(now, "Mia")["connected"] and shown(now, "Mia")["text"] == "HI ")
    lesson.teacher.close()

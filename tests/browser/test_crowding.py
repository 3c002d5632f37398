"""A crowd before a real server, as a pupil's page and the board tell it."""

import asyncio
import threading

from playwright.sync_api import expect

from tests.browser.test_class import Classroom, class_server, classroom, spelling_browser
from tests.webapp.test_crowding import crowd

__all__ = ["class_server", "classroom", "spelling_browser"]  # fixtures

SENTENCE = "Many are spelling at once: letters come a little slower."


def test_page_and_board_say_that_many_spell_at_once_and_take_it_back(classroom: Classroom) -> None:
    board = classroom.board(classroom.teacher())
    mia = classroom.pupil("Mia")
    enough = threading.Event()
    crowding = threading.Thread(target=lambda: asyncio.run(crowd(classroom.server.url, enough)))
    crowding.start()
    try:
        expect(board.locator("#notice")).to_have_text(SENTENCE, timeout=60_000)
        expect(mia.locator("#notice-text")).to_have_text(SENTENCE, timeout=60_000)
    finally:
        enough.set()
        crowding.join()
    expect(board.locator("#notice")).to_have_text("", timeout=60_000)
    expect(mia.locator("#notice-text")).to_have_text("Connected", timeout=60_000)

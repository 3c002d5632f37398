"""A demo class in a real browser: the teacher is alone, and the board is full of life."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_class import Classroom, classroom, spelling_browser
from tests.browser.test_page import AXE, violations
from tests.server import Server

__all__ = ["classroom", "spelling_browser"]  # fixtures


@pytest.fixture
def class_server(tmp_path: Path) -> Iterator[Server]:
    """A class server on the models that the repository carries: drawn hands are no colours."""
    data = str(tmp_path / "data")
    server = Server(HANDSPELL_CLASS_MODE="lan", HANDSPELL_CLASS_ADDRESS="localhost", HANDSPELL_DATA=data)
    yield server
    server.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_teacher_alone_sees_a_class_at_work(classroom: Classroom, scheme: str) -> None:
    teacher = classroom.teacher(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    lesson = teacher.url
    assert classroom.code in lesson
    if AXE.is_file():
        assert violations(teacher) == []
    teacher.fill("#demo-pupils", "31")
    teacher.keyboard.press("Enter")
    assert teacher.url == lesson, "the field itself says how many there may be"
    teacher.fill("#demo-pupils", "3")
    teacher.keyboard.press("Enter")
    expect(teacher.locator(".demo-mark")).to_have_text("Demo class: simulated pupils")
    expect(teacher.locator(".row-name")).to_have_text(["Ada", "Ben", "Cleo"])
    board = classroom.board(teacher)
    expect(board.locator(".demo-mark")).to_be_visible()
    expect(board.locator(".tile[data-connected=true]")).to_have_count(3)
    for tile in board.locator(".tile-text").all():
        expect(tile).not_to_be_empty()
    teacher.fill("#task-text", "hi")
    teacher.keyboard.press("Enter")
    expect(board.locator(".tile[data-task=done]").first).to_be_visible(timeout=60_000)
    if AXE.is_file():
        assert violations(board) == []
        assert violations(teacher) == []

    teacher.goto(f"{classroom.server.url}/teach")
    expect(teacher.locator(".class-list a")).to_contain_text(["0 pupils", "3 pupils, demo"])
    expect(teacher.locator(".demo-door")).to_contain_text("A demo class is open")
    if AXE.is_file():
        assert violations(teacher) == []
    teacher.click(".demo-door a")
    teacher.click("#end")
    teacher.click("#sure-ok")
    expect(board.locator("#notice")).to_contain_text("has ended")
    teacher.wait_for_url(lesson)
    expect(teacher.locator("#demo-form")).to_be_visible()

"""Kept lessons in real browsers: the teacher's switch, what the pupil's page says, progress, and deletion."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_class import Classroom, classroom, spelling_browser
from tests.browser.test_page import AXE, violations
from tests.server import ROOT, Server
from tests.webapp.test_lessons import NOON, portion
from webapp.storage.database import database_url, open_engine
from webapp.storage.lessons import LessonStore

__all__ = ["classroom", "spelling_browser"]  # fixtures


@pytest.fixture
def class_server(colour_models: Path, tmp_path: Path) -> Iterator[Server]:
    """A class server with a lesson of 7b from before."""
    database = f"sqlite:///{tmp_path}/kept.sqlite3"
    engine = open_engine(database_url(database, ROOT))
    store = LessonStore(engine)
    store.begin("before", "7b", NOON)
    store.write([portion("before", "Mia", right=4, slips=6)])
    engine.dispose()
    server = Server(
        HANDSPELL_CLASS_MODE="lan",
        HANDSPELL_CLASS_ADDRESS="localhost",
        HANDSPELL_MODELS=str(colour_models),
        HANDSPELL_DATA=str(tmp_path / "data"),
        HANDSPELL_DATABASE_URL=database,
        HANDSPELL_LESSON_DAYS="3650",
    )
    yield server
    server.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_lesson_is_kept_compared_and_deleted(classroom: Classroom, scheme: str) -> None:
    look = {"color_scheme": scheme, "bypass_csp": True, "reduced_motion": "reduce"}
    teacher = classroom.teacher(**look)
    mia = classroom.pupil("Mia", **look)
    expect(mia.locator("#class-kept")).to_be_hidden()
    expect(teacher.locator("#keep-state")).to_contain_text("Off")
    teacher.click("#keep")
    expect(teacher.locator("#keep-problem")).to_contain_text("Write the class’s name first")
    expect(teacher.locator("#keep-name")).to_be_focused()
    expect(teacher.locator("#keep-names option")).to_have_attribute("value", "7b")
    teacher.keyboard.type("7b")
    teacher.keyboard.press("Enter")
    expect(teacher.locator("#keep")).to_have_attribute("aria-checked", "true")
    expect(teacher.locator("#keep-state")).to_contain_text("Kept as 7b")
    expect(mia.locator("#class-kept")).to_be_visible()

    teacher.fill("#task-text", "hi")
    teacher.keyboard.press("Enter")
    mia.click("#start")
    expect(mia.locator("#task-state")).to_contain_text("Well done!", timeout=60_000)
    report = teacher.context.new_page()
    report.goto(f"{classroom.server.url}/teach/{classroom.code}/report")
    row = report.locator(".report-trends tbody tr").first
    expect(row).to_contain_text("1 of 1")
    expect(row).to_contain_text("last time 4 of 10")
    expect(report.locator(".trend li")).to_have_count(2)
    if AXE.is_file():
        assert violations(teacher) == []
        assert violations(mia) == []
        assert violations(report) == []

    report.goto(f"{classroom.server.url}/teach/lessons")
    expect(report.locator(".shelf li")).to_have_count(2)
    if AXE.is_file():
        assert violations(report) == []
    report.locator(".shelf button").last.click()
    report.click("#sure-dialog [value=cancel]")
    expect(report.locator(".shelf li")).to_have_count(2)
    report.locator(".shelf button").last.click()
    report.click("#sure-ok")
    expect(report.locator(".shelf li")).to_have_count(1)
    report.locator(".shelf a").click()
    expect(report.locator("h1")).to_have_text("Lesson of 7b")

    teacher.click("#keep")
    teacher.click("#sure-ok")
    expect(teacher.locator("#keep-state")).to_contain_text("Off")
    expect(mia.locator("#class-kept")).to_be_hidden()
    report.goto(f"{classroom.server.url}/teach/lessons")
    expect(report.locator("main")).to_contain_text("No lesson is kept")

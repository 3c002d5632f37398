"""A task in real browsers: from the teacher to the pupils, their letters on the board, and the report."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DEADLINE_MS, wait_for_text
from tests.browser.test_class import Classroom, class_server, classroom, spelling_browser
from tests.browser.test_page import AXE, violations

__all__ = ["class_server", "classroom", "spelling_browser"]  # fixtures


def test_a_task_from_the_teacher_to_the_board(classroom: Classroom) -> None:
    teacher = classroom.teacher()
    board = classroom.board(teacher)
    mia, ben = classroom.pupil("Mia"), classroom.pupil("Ben")
    teacher.fill("#task-text", "!")
    teacher.keyboard.press("Enter")
    expect(teacher.locator("#task-problem")).to_contain_text("None of this can be spelled")
    teacher.fill("#task-text", "hí")
    teacher.keyboard.press("Enter")
    expect(teacher.locator("#task-problem")).to_be_empty()
    expect(board.locator("#task-words")).to_have_text("HI")
    expect(board.locator("#task-tally")).to_have_text("0 of 2 have it")
    for pupil in (mia, ben):
        expect(pupil.locator("#task-letters")).to_have_text("HI")
        expect(pupil.locator("#task-state")).to_contain_text("Next: H.")
        expect(pupil.locator("#task-hint")).to_be_hidden()

    teacher.click("[data-setting=hints]")
    hint = ben.locator("#task-hint")
    expect(hint).to_be_visible(timeout=DEADLINE_MS)
    expect(ben.locator("#task-hand")).to_have_attribute("href", "#hand-H")
    # As the preview shows one's own hand: a right one turned over, a left one as it is drawn, which is remembered.
    drawing = ben.locator("#task-drawing")
    expect(drawing).to_have_attribute("data-mirrored", "true")
    ben.keyboard.press("h")
    expect(drawing).to_have_attribute("data-mirrored", "false")
    expect(hint).to_contain_text("Your left hand")
    expect(ben.locator("#task-hint-how")).not_to_be_empty()
    expect(board.locator(".tile", has_text="Ben")).to_have_attribute("data-task", "stuck", timeout=DEADLINE_MS)
    expect(board.locator(".tile", has_text="Ben").locator(".tile-state")).to_contain_text("At H for")

    mia.click("#start")
    tile = board.locator(".tile", has_text="Mia")
    expect(tile.locator("[data-letter=done]")).to_have_text(["H"], timeout=60_000)
    expect(tile).to_have_attribute("data-task", "done", timeout=60_000)
    expect(tile.locator(".tile-state")).to_contain_text("Done in")
    expect(board.locator("#task-tally")).to_have_text("1 of 2 have it")
    expect(mia.locator("#task-state")).to_contain_text("Well done!")
    expect(teacher.locator(".row", has_text="Mia").locator(".row-state")).to_contain_text("Done in")
    wait_for_text(mia, "HI ", timeout_ms=60_000)

    report = teacher.context.new_page()
    report.goto(f"{classroom.server.url}/teach/{classroom.code}/report")
    expect(report.locator(".report-pupils tbody th")).to_have_text(["Mia"])
    expect(report.locator(".report-letter")).to_have_count(2)
    expect(report.locator(".report-rounds tbody tr").first).to_contain_text("1. HI")

    teacher.click("#task-name")
    expect(mia.locator("#task-letters")).to_have_text("MIA")
    expect(ben.locator("#task-letters")).to_have_text("BEN")
    expect(tile.locator(".tile-letters")).to_have_text("MIA")
    board.click("#names")  # hidden; what is spelled would tell them
    expect(tile).to_have_count(0)
    for hidden in board.locator(".tile").all():
        expect(hidden.locator(".tile-letters")).to_be_empty()
        expect(hidden.locator(".tile-text span")).to_be_empty()
        expect(hidden.locator(".tile-state")).to_have_text("0 of 3 letters")
    board.click("#names")
    expect(tile.locator(".tile-letters")).to_have_text("MIA")
    board.click("#freeze")  # what stands still is hidden, too
    expect(board.locator("html")).to_have_attribute("data-frozen", "true")
    board.click("#names")
    expect(tile).to_have_count(0)
    expect(board.locator(".tile-letters").first).to_be_empty()
    board.click("#names")
    board.click("#freeze")
    expect(tile.locator(".tile-letters")).to_have_text("MIA")
    mia.reload()
    expect(mia.locator("#task-letters")).to_have_text("MIA")
    ben.goto(f"{classroom.server.url}/chart")
    assert ben.is_checked("input[name=hand][value=left]")
    ben.goto(f"{classroom.server.url}/practice")
    assert ben.is_checked("input[name=hand][value=left]")
    teacher.click("#task-end")
    expect(mia.locator("#task")).to_be_hidden()
    expect(board.locator("#board-task")).to_be_hidden()
    expect(tile.locator(".tile-task")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_with_a_task_has_faults_that_a_machine_can_see(classroom: Classroom, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core in node_modules; `npm ci` installs it")
    look = {"color_scheme": scheme, "bypass_csp": True, "reduced_motion": "reduce"}
    teacher = classroom.teacher(**look)
    board = classroom.board(teacher)
    mia = classroom.pupil("Mia", **look)
    teacher.click("[data-setting=hints]")
    teacher.fill("#task-text", "tea milk")
    teacher.keyboard.press("Enter")
    expect(mia.locator("#task-hint")).to_be_visible(timeout=DEADLINE_MS)
    for page in (teacher, board, mia):
        assert violations(page) == []
    expect(board.locator(".tile")).to_have_attribute("data-task", "stuck", timeout=DEADLINE_MS)
    assert violations(board) == []
    mia.click("#start")
    expect(board.locator(".tile [data-letter=due]")).to_have_text("T")
    wait_for_text(mia, "HI ", timeout_ms=60_000)  # two slips for the report
    teacher.click("text=Report")
    expect(teacher.locator(".confusions li")).to_have_count(2)
    assert violations(teacher) == []

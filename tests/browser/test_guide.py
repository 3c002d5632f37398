"""The guide box: by mouse, touch and keys, and remembered."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import clips
from tests.browser.conftest import OpenPage, wait_for_text, wait_until
from tests.colours import LETTERS, colour_of


def box_of(page: Page) -> dict[str, float]:
    """The box in fractions of the unmirrored picture, as the page publishes it."""
    return {
        side: float(page.get_attribute("#guide", f"data-box-{side}") or "nan")
        for side in ("left", "top", "width", "height")
    }


def middle_of(page: Page, selector: str) -> tuple[float, float]:
    area = page.locator(selector).bounding_box()
    assert area
    return area["x"] + area["width"] / 2, area["y"] + area["height"] / 2


def drag(page: Page, selector: str, right: float, down: float) -> None:
    x, y = middle_of(page, selector)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2)
    page.mouse.move(x + right, y + down)
    page.mouse.up()


def test_the_default_box_is_where_films_hold_their_hands(open_page: OpenPage) -> None:
    box = box_of(open_page().start())
    left, top, side = clips.BOX
    assert box["left"] * clips.WIDTH == pytest.approx(left, abs=1)
    assert box["top"] * clips.HEIGHT == pytest.approx(top, abs=1)
    assert box["width"] * clips.WIDTH == pytest.approx(side, abs=1)
    assert box["height"] * clips.HEIGHT == pytest.approx(side, abs=1)


def test_the_preview_is_a_mirror(open_page: OpenPage) -> None:
    page = open_page().start()
    stage, guide = page.locator("#stage").bounding_box(), page.locator("#guide").bounding_box()
    assert stage
    assert guide
    assert guide["x"] + guide["width"] / 2 > stage["x"] + stage["width"] / 2  # a right hand is on the right
    assert box_of(page)["left"] + box_of(page)["width"] / 2 < 0.5
    assert page.evaluate("getComputedStyle(document.querySelector('#video')).transform").startswith("matrix(-1")


def test_the_mouse_moves_and_resizes_it_and_a_double_click_puts_it_back(open_page: OpenPage) -> None:
    page = open_page().start()
    default = box_of(page)
    drag(page, "#guide", -80, -30)
    moved = box_of(page)
    assert moved["left"] > default["left"]  # to the left as seen is to the right in the picture
    assert moved["top"] < default["top"]
    assert moved["width"] == pytest.approx(default["width"])
    drag(page, "#guide [data-corner='left bottom']", 50, -40)
    resized = box_of(page)
    assert resized["width"] < moved["width"]
    assert resized["left"] == pytest.approx(moved["left"], abs=0.005)  # the opposite corner stays
    assert resized["top"] == pytest.approx(moved["top"], abs=0.005)
    x, y = middle_of(page, "#guide")
    page.mouse.dblclick(x, y)
    assert box_of(page) == default


def test_a_finger_moves_it(open_page: OpenPage) -> None:
    page = open_page(has_touch=True, viewport={"width": 390, "height": 844}).start()
    before = box_of(page)
    x, y = middle_of(page, "#guide")
    touch = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x - 30, "y": y}]),
        ("touchMove", [{"x": x - 60, "y": y}]),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert box_of(page)["left"] > before["left"] + 0.1


def test_keys_move_resize_and_reset_it(open_page: OpenPage) -> None:
    page = open_page().start()
    default = box_of(page)
    page.keyboard.press("b")
    page.keyboard.press("ArrowLeft")
    assert box_of(page)["left"] > default["left"]
    page.keyboard.press("Shift+ArrowRight")
    assert box_of(page)["left"] < default["left"]
    page.keyboard.press("ArrowUp")
    assert box_of(page)["top"] < default["top"]
    page.keyboard.press("-")
    assert box_of(page)["width"] < default["width"]
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert box_of(page)["width"] > default["width"]
    page.keyboard.press("Home")
    assert box_of(page) == default
    page.keyboard.press("-")
    page.keyboard.press("Tab")
    page.keyboard.press("0")  # from anywhere
    assert box_of(page) == default


def test_buttons_resize_and_reset_it(open_page: OpenPage) -> None:
    page = open_page().start()
    default = box_of(page)
    page.click("#smaller")
    page.click("#smaller")
    assert box_of(page)["width"] < default["width"]
    page.click("#larger")
    page.click("#reset")
    assert box_of(page) == default


def test_it_never_leaves_the_picture(open_page: OpenPage) -> None:
    page = open_page().start()
    drag(page, "#guide", 2000, 2000)
    box = box_of(page)
    assert box["left"] == pytest.approx(0, abs=1e-3)
    assert box["top"] + box["height"] == pytest.approx(1, abs=1e-3)


def test_it_is_remembered_and_a_reset_forgets_it(open_page: OpenPage) -> None:
    opened = open_page()
    page = opened.start()
    default = box_of(page)
    page.keyboard.press("b")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("-")
    moved = box_of(page)
    page.reload()
    assert box_of(opened.start()) == moved
    page.keyboard.press("0")
    page.reload()
    assert box_of(opened.start()) == default


def test_a_box_left_alone_changes_sides_with_the_hand(open_page: OpenPage) -> None:
    page = open_page().start()
    right = box_of(page)
    page.keyboard.press("h")
    wait_until(page, "document.querySelector('input[name=hand][value=left]').checked")
    left = box_of(page)
    assert left["left"] == pytest.approx(1 - right["left"] - right["width"], abs=1e-3)
    page.keyboard.press("b")
    page.keyboard.press("ArrowUp")
    chosen = box_of(page)
    page.keyboard.press("h")
    wait_until(page, "document.querySelector('input[name=hand][value=right]').checked")
    assert box_of(page) == chosen


def test_what_is_read_is_what_is_in_the_moved_box(open_page: OpenPage, tmp_path: Path) -> None:
    # L where the box is at first, Y in the upper corner where it is moved to.
    picture = clips.showing("L")
    picture[0:230, 400:640] = colour_of(LETTERS, "Y")
    page = open_page(clips.write(tmp_path / "film.mjpeg", [(picture, 2.0)])).start()
    wait_for_text(page, "L")
    for _ in range(4):
        page.click("#smaller")
    drag(page, "#guide", -2000, -2000)
    wait_for_text(page, "LY")

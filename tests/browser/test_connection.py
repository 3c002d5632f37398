"""A server that goes, comes back, forgets, refuses or is slow."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import clips
from tests.browser.conftest import OpenPage, text_of, wait_for_notice, wait_for_text, wait_until
from tests.server import Server


@pytest.fixture
def frail_server(colour_models: Path) -> Iterator[Server]:
    """A server that a test may kill."""
    server = Server(HANDSPELL_MODELS=str(colour_models))
    yield server
    server.stop()


def test_a_killed_server_is_said_and_the_text_survives_its_restart(
    open_page: OpenPage, frail_server: Server, tmp_path: Path
) -> None:
    film = clips.write(tmp_path / "film.mjpeg", clips.spelling("HI", end_seconds=120))
    opened = open_page(film, url=frail_server.url, complaints_expected=True)
    page = opened.start()
    wait_for_text(page, "HI ", timeout_ms=60_000)
    page.keyboard.press("4")
    wait_until(page, "document.querySelector('input[name=pace][value=expert]').checked")
    frail_server.kill()
    wait_for_notice(page, "The server is gone")
    assert text_of(page) == "HI "
    page.keyboard.press("x")
    wait_for_notice(page, "The server is gone")  # and an edit that cannot be made does not lose it
    assert text_of(page) == "HI "
    frail_server.restart()
    wait_for_notice(page, "The server is back", timeout_ms=60_000)
    assert text_of(page) == "HI "
    wait_until(page, "document.querySelector('input[name=pace][value=expert]').checked")
    page.click("#space")
    wait_for_text(page, "HI  ")
    page.keyboard.press("x")  # Clear is behind More
    wait_for_text(page, "")
    page.click("#undo")
    wait_for_text(page, "HI  ")
    answered = int(page.get_attribute("#figures", "data-answered") or 0)
    wait_until(page, f"Number(document.querySelector('#figures').dataset.answered) > {answered + 3}")


def test_a_reloaded_page_takes_its_text_and_settings_up_again(open_page: OpenPage, tmp_path: Path) -> None:
    film = clips.write(tmp_path / "film.mjpeg", clips.spelling("HI", end_seconds=120))
    opened = open_page(film)
    page = opened.start()
    wait_for_text(page, "HI ", timeout_ms=60_000)
    page.keyboard.press("3")
    page.keyboard.press("d")
    wait_until(page, "document.querySelector('input[name=model][value=digits]').checked")
    page.reload()
    wait_for_text(page, "HI ")
    wait_until(page, "document.querySelector('input[name=model][value=digits]').checked")
    assert page.is_checked("input[name=pace][value=fast]")
    page.keyboard.press("u")  # the undo history is the server's, and was resumed
    wait_for_text(page, "HI")


def test_a_second_tab_has_a_text_of_its_own(open_page: OpenPage, page_server: Server) -> None:
    page = open_page().page
    page.keyboard.press("Space")
    wait_for_text(page, " ")
    page.reload()  # a reload hands the session on by the storage that tabs copy
    wait_for_text(page, " ")
    with page.context.expect_page() as popup:
        page.evaluate(
            "window.open(location.href)"
        )  # an opened tab copies the storage of its opener, as a duplicated one does
    other = popup.value
    wait_until(other, "document.documentElement.dataset.connection === 'open'")
    other.keyboard.press("Space")
    other.keyboard.press("Space")
    wait_for_text(other, "  ")
    wait_for_text(page, " ")
    assert page.evaluate("document.documentElement.dataset.connection") == "open"


def test_a_dropped_connection_is_resumed(open_page: OpenPage, tmp_path: Path) -> None:
    film = clips.write(tmp_path / "film.mjpeg", clips.spelling("HI", end_seconds=120))
    # The page's WebSockets are kept where the test can cut them.
    keep = "const Plain = WebSocket; window.sockets = []; window.WebSocket = class extends Plain { constructor(...given) { super(...given); window.sockets.push(this); } };"
    # A picture may be on its way into the socket as it is cut, and then the browser complains.
    page = open_page(film, init=keep, complaints_expected=True).start()
    wait_for_text(page, "HI ", timeout_ms=60_000)
    page.evaluate("sockets.at(-1).close()")
    wait_for_notice(page, "Nothing was lost")
    assert text_of(page) == "HI "
    page.click("#undo")
    wait_for_text(page, "HI")


def test_a_session_taken_over_elsewhere_is_said_and_can_be_taken_back(
    open_page: OpenPage, page_server: Server, tmp_path: Path
) -> None:
    from tests.replay import Client

    page = open_page().page
    page.keyboard.press("Space")
    wait_for_text(page, " ")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")  # puts the token where another page finds it
    stored = page.evaluate("sessionStorage.getItem('handspell.tab')")
    token = re.search(r'"token":"([^"]+)"', stored)
    assert token
    with Client(page_server.url, token=token[1]):
        wait_for_notice(page, "another tab")
        page.click("text=Connect here")
        wait_until(page, "document.documentElement.dataset.connection === 'open'")
    wait_for_text(page, " ")


def test_refused_frames_are_said_and_sending_goes_on(open_page: OpenPage) -> None:
    # The page cannot be brought to send a bad picture, so its pictures are spoilt on the way.
    spoil = """
    window.spoil = false;
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) {
      send.call(this, window.spoil && typeof data !== "string" ? new Uint8Array([1, 2, 3]) : data);
    };
    """
    page = open_page(init=spoil).start()
    wait_until(page, "Number(document.querySelector('#figures').dataset.answered) > 3")
    page.evaluate("window.spoil = true")
    wait_for_notice(page, "could not use a picture")
    page.evaluate("window.spoil = false")
    expect(page.locator("#notice")).to_have_text("Connected", timeout=30_000)


def test_an_answer_that_never_comes_is_given_up(open_page: OpenPage) -> None:
    # One answer is swallowed on its way to the page.
    swallow = """
    window.swallow = 0;
    const Plain = WebSocket;
    window.WebSocket = class extends Plain {
      set onmessage(handler) {
        super.onmessage = (event) => {
          if (window.swallow > 0 && typeof event.data === "string" && event.data.startsWith("43")) window.swallow -= 1;
          else handler(event);
        };
      }
    };
    """
    page = open_page(init=swallow).start()
    wait_until(page, "Number(document.querySelector('#figures').dataset.answered) > 3")
    page.evaluate("window.swallow = 1")
    wait_for_notice(page, "no answer for five seconds")
    answered = int(page.get_attribute("#figures", "data-answered") or 0)
    wait_until(page, f"Number(document.querySelector('#figures').dataset.answered) > {answered + 3}")


def test_a_slow_server_is_said(open_page: OpenPage) -> None:
    delay = """
    const Plain = WebSocket;
    window.WebSocket = class extends Plain {
      set onmessage(handler) {
        super.onmessage = (event) => setTimeout(() => handler(event), 900);
      }
    };
    """
    page = open_page(init=delay).start()
    wait_for_notice(page, "answers slowly")
    page.click("#stop")
    wait_for_notice(page, "Connected")


def test_what_is_chosen_without_a_server_is_chosen_when_it_is_back(open_page: OpenPage, frail_server: Server) -> None:
    page = open_page(url=frail_server.url, complaints_expected=True).page
    frail_server.kill()
    wait_for_notice(page, "The server is gone")
    page.keyboard.press("d")
    page.keyboard.press("4")
    frail_server.restart()
    wait_for_notice(page, "The server is back", timeout_ms=60_000)
    page.reload()  # what the server had is what a reloaded page takes up
    wait_until(page, "document.documentElement.dataset.connection === 'open'")
    wait_until(page, "document.querySelector('input[name=model][value=digits]').checked")
    assert page.is_checked("input[name=pace][value=expert]")


def test_a_server_that_cannot_be_reached_is_said_and_found_again(open_page: OpenPage, frail_server: Server) -> None:
    page = open_page(url=frail_server.url, complaints_expected=True).page
    frail_server.kill()
    wait_for_notice(page, "The server is gone")
    frail_server.restart()
    expect(page.locator("#notice")).to_contain_text("The server is back", timeout=60_000)

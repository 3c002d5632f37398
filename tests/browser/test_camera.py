"""Starting, stopping and losing the camera."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser import clips
from tests.browser.conftest import FLAGS, OpenPage, wait_for_text, wait_until
from tests.server import Server

# getUserMedia fails as it does on machines that are not at hand.
FAILING = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '{name}'));"
# Keeps the tracks that the page is given, so that a test can look at them.
WATCHING = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.tracks = [];
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await open(wanted);
  window.tracks.push(...stream.getTracks());
  return stream;
};
"""
# A headless browser shows every tab it has; the page asks nothing but this.
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def expect_advice(page: Page, title: str, words: str) -> None:
    expect(page.locator("#invitation-title")).to_have_text(title, timeout=30_000)
    expect(page.locator("#advice")).to_contain_text(words)
    expect(page.locator("#start")).to_be_enabled()


def test_a_refused_camera_is_explained_and_can_be_tried_again(open_page: OpenPage) -> None:
    page = open_page(flags=[flag for flag in FLAGS if "fake-ui" not in flag]).page
    page.click("#start")
    expect_advice(page, "The camera was refused", "Allow the camera")
    page.context.grant_permissions(["camera"])
    page.click("#start")
    page.wait_for_selector("#board[data-camera=on]")


PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1"


@pytest.mark.parametrize(
    ("name", "agent", "words"),
    [
        ("NotAllowedError", None, "at the left of the address. Switch Camera on"),
        ("NotAllowedError", PHONE, "Website Settings"),
        ("NotFoundError", None, "shutter"),
        ("NotReadableError", None, "Close the video call"),
    ],
)
def test_a_drawing_shows_what_to_do_in_this_very_browser(
    name: str, agent: str | None, words: str, open_page: OpenPage
) -> None:
    page = open_page(init=FAILING.format(name=name), user_agent=agent).page
    expect(page.locator("#camera-help")).to_be_hidden()
    page.click("#start")
    drawing = page.locator("#camera-help > div:visible")
    expect(drawing).to_have_count(1)
    expect(drawing.locator("svg.steps")).to_be_visible()
    assert words in " ".join(drawing.locator("li").all_inner_texts())


def test_a_machine_without_a_camera_is_told_so(open_page: OpenPage) -> None:
    page = open_page(flags=[flag for flag in FLAGS if "fake-device" not in flag]).page
    page.click("#start")
    expect_advice(page, "No camera was found", "Plug one in")


@pytest.mark.parametrize(
    ("name", "title", "words"),
    [
        ("NotAllowedError", "The camera was refused", "privacy settings"),
        ("NotFoundError", "No camera was found", "Plug one in"),
        ("NotReadableError", "The camera is busy", "Close video calls"),
        ("OverconstrainedError", "The camera does not fit", "another camera"),
        ("UnheardOfError", "The camera did not start", "UnheardOfError"),
    ],
)
def test_every_trouble_has_its_own_advice(name: str, title: str, words: str, open_page: OpenPage) -> None:
    page = open_page(init=FAILING.format(name=name)).page
    page.click("#start")
    expect_advice(page, title, words)


def test_an_insecure_address_is_explained_before_anyone_presses(open_page: OpenPage, page_server) -> None:
    address = page_server.url.replace("127.0.0.1", "handspell.test")
    page = open_page(url=address, flags=[*FLAGS, "--host-resolver-rules=MAP handspell.test 127.0.0.1"]).page
    expect_advice(page, "This address cannot use a camera", "https://")
    page.click("#start")
    expect_advice(page, "This address cannot use a camera", "https://")


def test_stop_stops_the_camera_and_leaves_the_text(open_page: OpenPage, tmp_path: Path) -> None:
    film = clips.write(tmp_path / "film.mjpeg", [(clips.showing("L"), 2.0)])
    page = open_page(film, init=WATCHING).start()
    wait_for_text(page, "L")
    page.click("#stop")
    page.wait_for_selector("#board[data-camera=off]")
    assert page.evaluate("tracks.map((track) => track.readyState)") == ["ended"]
    assert page.evaluate("document.querySelector('#video').srcObject") is None
    sent = page.get_attribute("#figures", "data-sent")
    expect(page.locator("#start")).to_be_focused()
    wait_for_text(page, "L")
    page.click("#start")
    page.wait_for_selector("#board[data-camera=on]")
    assert page.evaluate("tracks.map((track) => track.readyState)") == ["ended", "live"]
    assert sent != "0"


def test_leaving_the_page_stops_the_camera(open_page: OpenPage) -> None:
    page = open_page(init=WATCHING).start()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert page.evaluate("tracks[0].readyState") == "ended"


def test_a_camera_that_is_pulled_out_is_said_and_the_text_stays(open_page: OpenPage, tmp_path: Path) -> None:
    film = clips.write(tmp_path / "film.mjpeg", [(clips.showing("L"), 2.0)])
    page = open_page(film, init=WATCHING).start()
    wait_for_text(page, "L")
    page.evaluate("tracks[0].dispatchEvent(new Event('ended'))")
    expect_advice(page, "The camera went away", "Your text is still here")
    wait_for_text(page, "L")


def test_a_camera_that_goes_away_while_it_starts_is_said_to_have_gone(open_page: OpenPage) -> None:
    unplug = """
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
      const playing = play.call(this);
      tracks[0].dispatchEvent(new Event("ended"));
      return playing;
    };
    """
    page = open_page(init=WATCHING + unplug).page
    page.click("#start")
    expect_advice(page, "The camera went away", "Your text is still here")
    page.wait_for_timeout(500)  # what comes of the start must not say otherwise
    expect_advice(page, "The camera went away", "Your text is still here")


def chosen_device(page: Page) -> str:
    return page.evaluate("document.querySelector('#video').srcObject.getVideoTracks()[0].getSettings().deviceId")


def test_of_two_cameras_one_is_chosen_and_remembered(
    playwright: Playwright, chromium: str, page_server: Server
) -> None:
    # A film is one camera; Chromium's own moving pictures can be several.
    flags = [f"{flag}=device-count=2" if "fake-device" in flag else flag for flag in FLAGS]
    browser = playwright.chromium.launch(executable_path=chromium, args=flags)
    try:
        page = browser.new_page()
        page.goto(page_server.url)
        page.click("#start")
        page.wait_for_selector("#board[data-camera=on]")
        choice = page.get_by_label("Camera", exact=True)
        expect(choice.locator("option")).to_have_count(2)
        first = chosen_device(page)
        assert choice.input_value() == first
        other = next(
            value
            for value in choice.locator("option").evaluate_all("all => all.map((one) => one.value)")
            if value != first
        )
        choice.select_option(other)
        page.wait_for_selector("#board[data-camera=on]")
        wait_until(
            page,
            f"document.querySelector('#video').srcObject?.getVideoTracks()[0].getSettings().deviceId === '{other}'",
        )
        page.reload()
        page.click("#start")
        page.wait_for_selector("#board[data-camera=on]")
        assert chosen_device(page) == other
        expect(choice).to_have_value(other)
        page.evaluate("localStorage.setItem('handspell.camera', '\"unplugged\"')")
        page.reload()
        page.click("#start")
        page.wait_for_selector("#board[data-camera=on]")
    finally:
        browser.close()


@pytest.mark.parametrize("name", ["NotReadableError", "AbortError"])
def test_a_chosen_camera_that_cannot_be_opened_makes_room_for_another(name: str, open_page: OpenPage) -> None:
    fails = """
        localStorage.setItem("handspell.camera", JSON.stringify("broken"));
        const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = (wanted) =>
          wanted.video.deviceId ? Promise.reject(new DOMException("no", "{name}")) : open(wanted);
    """.replace("{name}", name)
    page = open_page(init=fails).page
    page.click("#start")
    page.wait_for_selector("#board[data-camera=on]")


def test_the_large_text_says_that_the_camera_has_failed(open_page: OpenPage) -> None:
    page = open_page(init=WATCHING).start()
    page.keyboard.press("p")
    page.evaluate("window.tracks[0].dispatchEvent(new Event('ended'))")
    expect(page.locator("#notice-text")).to_contain_text("Leave the large text to see what to do.")
    page.keyboard.press("p")
    expect(page.locator("#notice-text")).not_to_contain_text("Leave the large text")
    expect(page.locator("#advice")).to_be_visible()


def test_one_camera_is_no_choice(open_page: OpenPage) -> None:
    page = open_page().start()
    wait_until(page, "document.querySelectorAll('#camera-device option').length === 1")
    expect(page.locator("#camera-device")).to_be_hidden()


def test_a_hidden_tab_sends_nothing_and_goes_on_when_seen(open_page: OpenPage) -> None:
    page = open_page(init=WATCHING).start()
    wait_until(page, "Number(document.querySelector('#figures').dataset.answered) > 3")
    page.evaluate(HIDE, True)
    page.wait_for_selector("#board[data-camera=paused]")
    assert page.evaluate("tracks[0].enabled") is False
    answered = sent_frames(page)
    page.wait_for_timeout(1500)  # long enough for thirty frames
    assert sent_frames(page) <= answered + 1  # the one that was under way
    page.evaluate(HIDE, False)
    page.wait_for_selector("#board[data-camera=on]")
    wait_until(page, f"Number(document.querySelector('#figures').dataset.answered) > {answered + 5}")


def sent_frames(page: Page) -> int:
    return int(page.get_attribute("#figures", "data-sent") or 0)


def test_a_camera_that_arrives_after_leaving_is_closed_again(open_page: OpenPage) -> None:
    # The person goes away while the browser still asks for permission.
    late = WATCHING.replace("const stream", "await new Promise((go) => (window.go = go)); const stream")
    page = open_page(init=late).page
    page.click("#start")
    page.wait_for_selector("#board[data-camera=starting]")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    page.evaluate("go()")
    wait_until(page, "tracks.length === 1 && tracks[0].readyState === 'ended'")
    page.wait_for_selector("#board[data-camera=off]")

"""The hand is found in the whole picture: real frames before the camera, and what happens where finding does not work."""

import csv
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, Route, WebSocket, expect

from tests.browser import clips
from tests.browser.conftest import OpenPage, text_of, wait_for, wait_for_notice, wait_for_text, wait_until
from tests.browser.test_camera import HIDE
from tests.server import Server
from webapp.core.protocol import PACES

WALL = np.full((360, 480, 3), 110, np.uint8)
# While the finder loads, nobody shows anything.
LOADING_SECONDS = 6.0
FRAME_SECONDS = 0.1  # as the sequences were recorded
FOUND = "document.querySelector('#joints').hasAttribute('d')"


@dataclass(frozen=True)
class Shown:
    """One frame of a sequence: its picture, its label, and the hand's box in pixels where there is a hand."""

    picture: clips.Picture
    label: str
    box: np.ndarray | None  # (4,): left, top, width, height


def frames_of(hands: Path, name: str) -> list[Shown]:
    """A sequence of real webcam frames in spelling order."""
    folder = hands / "sequences" / name
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        labels = list(csv.DictReader(file))
    with (folder / "boxes.csv").open(newline="", encoding="utf-8") as file:
        found = [row for row in csv.DictReader(file) if row["box_x"]]
    boxes = {row["frame"]: np.array([float(row[f"box_{side}"]) for side in "xywh"]) for row in found}
    shown = []
    for row in labels:
        bgr = cv2.imread(str(folder / row["frame"]))
        assert bgr is not None, row["frame"]
        shown.append(Shown(bgr[..., ::-1], row["label"], boxes.get(row["frame"])))
    return shown


def spelled(frames: list[Shown], frame_seconds: float = FRAME_SECONDS) -> clips.Scenes:
    """The sequence as a film, with a wall before it while the finder loads and a wall after it."""
    return [(WALL, LOADING_SECONDS), *((frame.picture, frame_seconds) for frame in frames), (WALL, 60.0)]


@pytest.mark.hands
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "model", "word", "pace", "frame_seconds"),
    [
        ("ahmed_HELLO", "letters", "HELLO", "fast", FRAME_SECONDS),
        # For a third of its time the D is held so that it looks like an X: it has to be held long enough, and the X not. A
        # fifth more time leaves room for both where few frames are read.
        ("rjpushp_WORD_with_gaps", "letters", "WORD", "normal", 1.2 * FRAME_SECONDS),
        ("nithi_digits_0_9", "digits", "0123456789", "fast", FRAME_SECONDS),
    ],
)
def test_a_signer_anywhere_in_the_picture_spells(
    name: str,
    model: str,
    word: str,
    pace: str,
    frame_seconds: float,
    hands: Path,
    server: Server,
    open_page: OpenPage,
    tmp_path: Path,
) -> None:
    film = clips.write(tmp_path / "film.mjpeg", spelled(frames_of(hands, name), frame_seconds))
    opened = open_page(film, url=server.url, finder=True)
    opened.page.keyboard.press(model[0])  # L or D
    opened.page.keyboard.press(str(1 + list(PACES).index(pace)))
    page = opened.start()
    wait_until(page, "document.documentElement.dataset.finder === 'on'")
    wait_until(page, "document.querySelector('#text').textContent.endsWith(' ')", timeout_ms=60_000)
    assert text_of(page).replace(" ", "") == word


def nothing_film(hands: Path, path: Path, seconds: float) -> Path:
    """A room with a person and no hand."""
    pictures = [frame.picture for frame in frames_of(hands, "rjpushp_WORD_with_gaps") if frame.label == "nothing"]
    return clips.write(path, [(picture, 0.1) for picture in islice(cycle(pictures), round(seconds * 10))])


@pytest.mark.hands
@pytest.mark.slow
def test_two_minutes_without_a_hand_write_nothing(
    hands: Path, server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    opened = open_page(nothing_film(hands, tmp_path / "film.mjpeg", 20), url=server.url, finder=True)
    opened.page.keyboard.press("4")
    page = opened.start()
    wait_until(page, "document.documentElement.dataset.finder === 'on'")
    page.keyboard.press("x")  # what the box may have seen while the finder was loading is not this test's question
    before = page.locator("#announcer p").all_text_contents()
    page.wait_for_timeout(120_000)  # the time itself is what is tested
    assert text_of(page) == ""
    assert page.locator("#announcer p").all_text_contents()[len(before) :] in ([], ["cleared"])
    expect(page.locator("#caption")).to_have_text("No hand in view")
    expect(page.locator("#no-hand")).to_have_text("No hand in view")


@dataclass
class Traffic:
    """What a page's socket sends: the frames' fields, and the pictures that go with them."""

    frames: list[dict[str, Any]] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)

    def watch(self, socket: WebSocket) -> None:
        socket.on("framesent", self._sent)

    def _sent(self, payload: str | bytes) -> None:
        if isinstance(payload, bytes):
            self.pictures.append(payload)
        elif found := re.fullmatch(r'4(?:2|51-)\d*(\["frame",.*\])', payload):
            self.frames.append(json.loads(found[1])[1])

    def forget(self) -> None:
        self.frames.clear()
        self.pictures.clear()


@pytest.fixture
def open_watched(open_page: OpenPage) -> Callable[..., tuple[Page, Traffic]]:
    """Opens the page with the finder, starts it, and listens to its socket from when the hand is looked for."""

    def open_(film: Path, url: str = "") -> tuple[Page, Traffic]:
        opened = open_page(film, url=url, finder=True)
        traffic = Traffic()
        opened.page.on("websocket", traffic.watch)
        opened.page.reload()
        wait_until(opened.page, "document.documentElement.dataset.connection === 'open'")
        page = opened.start()
        wait_until(page, "document.documentElement.dataset.finder === 'on'")
        page.wait_for_timeout(500)  # the last picture of the box may still be under way
        traffic.forget()
        return page, traffic

    return open_


@pytest.mark.hands
def test_without_a_hand_no_picture_leaves_and_little_is_said(
    hands: Path, open_watched: Callable[..., tuple[Page, Traffic]], tmp_path: Path
) -> None:
    page, traffic = open_watched(nothing_film(hands, tmp_path / "film.mjpeg", 20))
    wait_until(page, "document.querySelector('#no-hand').textContent !== ''")
    page.wait_for_timeout(6000)
    assert traffic.frames
    assert traffic.pictures == []
    assert all(frame.keys() == {"seq", "t", "nothing"} and frame["nothing"] is True for frame in traffic.frames)
    times = [frame["t"] for frame in traffic.frames]
    assert all(later - earlier > 900 for earlier, later in zip(times[-3:], times[-2:], strict=False))


def hold(hands: Path, label: str, path: Path, mirrored: bool = False) -> tuple[Path, Shown]:
    """A film of one frame of the signer of HELLO, and the frame."""
    frame = [frame for frame in frames_of(hands, "ahmed_HELLO") if frame.label == label][5]
    picture = frame.picture[:, ::-1] if mirrored else frame.picture
    return clips.write(path, [(picture, 3.0)]), frame


def joints_of(page: Page) -> np.ndarray:
    """The joints that are drawn, in fractions of the unmirrored picture.  # (21, 2)"""
    drawn = page.get_attribute("#joints", "d") or ""
    return np.array([[float(number) for number in joint] for joint in re.findall(r"M(\S+) (\S+?)h0", drawn)])


@pytest.mark.hands
def test_the_skeleton_lies_on_the_hand_and_the_crop_is_sent_with_its_joints(
    hands: Path, open_watched: Callable[..., tuple[Page, Traffic]], tmp_path: Path
) -> None:
    film, frame = hold(hands, "L", tmp_path / "film.mjpeg")
    page, traffic = open_watched(film)
    wait_until(page, FOUND)
    expect(page.locator("#guide")).to_be_hidden()
    assert frame.box is not None
    x, y, w, h = frame.box
    joints = joints_of(page) * [480, 360]
    assert joints.shape == (21, 2)
    assert joints.min(0) == pytest.approx([x, y], abs=0.15 * max(w, h))
    assert joints.max(0) == pytest.approx([x + w, y + h], abs=0.15 * max(w, h))

    stage, bones = page.locator("#stage").bounding_box(), page.locator(".over use[href='#bones']").bounding_box()
    assert stage
    assert bones
    as_seen = 1 - (bones["x"] + bones["width"] / 2 - stage["x"]) / stage["width"]
    assert as_seen == pytest.approx((x + w / 2) / 480, abs=0.05)  # mirrored, as the preview is

    # The page was heard of again a moment ago only: the next frame may still be on its way.
    wait_for(page, lambda: any("landmarks" in frame for frame in traffic.frames) and traffic.pictures)
    sent = traffic.frames[-1]
    assert sent.keys() == {"seq", "t", "jpeg", "landmarks", "hand", "crop"}
    assert (len(sent["landmarks"]), sent["hand"]) == (63, "right")
    assert sent["crop"][:2] == pytest.approx([(x + w / 2) / 360, (y + h / 2) / 360], abs=0.08)
    assert sent["crop"][2] == pytest.approx(1.5 * max(w, h) / 360, rel=0.2)
    jpeg = cv2.imdecode(np.frombuffer(traffic.pictures[-1], np.uint8), cv2.IMREAD_COLOR)
    assert jpeg is not None
    assert jpeg.shape == (160, 160, 3)


@pytest.mark.hands
def test_which_hand_it_is_is_found_and_a_left_hand_is_read(
    hands: Path, server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    film, _ = hold(hands, "L", tmp_path / "film.mjpeg", mirrored=True)
    page = open_page(film, url=server.url, finder=True).start()
    wait_until(page, "document.querySelector('#hand-found').textContent === 'left'")
    page.keyboard.press("x")
    expect(page.locator("#hand-setting label").first).to_be_hidden()
    wait_until(page, "document.querySelector('#sign').textContent === 'L'")
    page.keyboard.press("h")
    wait_for_notice(page, "found automatically")
    assert page.is_checked("input[name=hand][value=right]")


def refuse(route: Route) -> None:
    route.fulfill(status=404, body="")


@pytest.mark.parametrize("missing", ["*.tflite", "*.wasm"])
def test_where_the_finder_cannot_load_the_box_works_and_it_is_said(
    missing: str, open_page: OpenPage, tmp_path: Path
) -> None:
    film = clips.write(tmp_path / "film.mjpeg", [(clips.showing("L"), 2.0)])
    opened = open_page(film, finder=True, complaints_expected=True)
    opened.page.context.route(f"**/vendor/{missing}", refuse)
    page = opened.start()
    wait_for_notice(page, "The hand finder could not be loaded. Hold it in the box instead.")
    expect(page.locator("#guide")).to_be_visible()
    expect(page.locator("#find")).to_have_attribute("aria-checked", "false")
    wait_for_text(page, "L")
    opened.page.context.unroute(f"**/vendor/{missing}")
    page.click("#find")  # and it can be tried again
    expect(page.locator("#guide")).to_be_hidden(timeout=30_000)


def test_a_browser_without_workers_uses_the_box(open_page: OpenPage, tmp_path: Path) -> None:
    film = clips.write(tmp_path / "film.mjpeg", [(clips.showing("L"), 2.0)])
    page = open_page(film, finder=True, init="delete window.Worker;").start()
    wait_for_notice(page, "in the box")
    wait_for_text(page, "L")


def test_a_machine_that_is_too_slow_falls_back_to_the_box(open_page: OpenPage) -> None:
    # The worker's own clock is what it measures itself by: here it runs a hundred times too fast.
    hurry = "const real = performance.now.bind(performance); performance.now = () => real() * 100;\n"

    def hurried(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=hurry + response.text())

    opened = open_page(finder=True)
    opened.page.context.route("**/tracker/worker.js", hurried)
    page = opened.start()
    wait_until(page, "document.documentElement.dataset.finder === 'on'")
    wait_for_notice(page, "too slow to find your hand")
    expect(page.locator("#guide")).to_be_visible()
    answered = int(page.get_attribute("#figures", "data-answered") or 0)
    wait_until(page, f"Number(document.querySelector('#figures').dataset.answered) > {answered + 5}")


def test_it_is_switched_off_and_on_and_the_choice_is_remembered(open_page: OpenPage) -> None:
    opened = open_page(finder=True)
    page = opened.start()
    wait_until(page, "document.documentElement.dataset.finder === 'on'")
    expect(page.locator("#stage")).to_be_focused()
    expect(page.locator("#smaller")).to_be_hidden()
    page.keyboard.press("b")
    wait_for_notice(page, "There is no box")
    page.click("#find")
    expect(page.locator("#guide")).to_be_visible()
    expect(page.locator("#smaller")).to_be_visible()
    wait_for_notice(page, "Hold your hand in the box")
    page.reload()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened.start()
    expect(page.locator("#find")).to_have_attribute("aria-checked", "false")
    wait_until(page, "Number(document.querySelector('#figures').dataset.answered) > 3")
    assert not any("tflite" in url for url in asked)
    page.keyboard.press("f")
    wait_until(page, "document.documentElement.dataset.finder === 'on'")
    page.reload()
    opened.start()
    expect(page.locator("#find")).to_have_attribute("aria-checked", "true")


def test_without_a_camera_there_is_no_finder_to_switch(open_page: OpenPage) -> None:
    opened = open_page()  # a page whose finder was switched off
    opened.page.keyboard.press("f")
    wait_for_notice(opened.page, "Start the camera first")
    page = opened.start()
    expect(page.locator("#find")).to_have_attribute("aria-checked", "false")


@pytest.mark.hands
def test_what_was_being_looked_at_when_the_page_was_hidden_is_not_shown(
    hands: Path, open_page: OpenPage, tmp_path: Path
) -> None:
    late = (
        "const tell = postMessage.bind(self); self.postMessage = (...told) => setTimeout(() => tell(...told), 1000);\n"
    )

    def delayed(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=late + response.text())

    film, _ = hold(hands, "L", tmp_path / "film.mjpeg")
    opened = open_page(film, finder=True)
    opened.page.context.route("**/tracker/worker.js", delayed)
    page = opened.start()
    wait_until(page, FOUND)
    answered = int(page.get_attribute("#figures", "data-answered") or 0)
    wait_until(page, f"Number(document.querySelector('#figures').dataset.answered) > {answered}")
    page.wait_for_timeout(300)  # the next look is under way, and takes a second
    page.evaluate(HIDE, True)
    for _ in range(40):  # at no time: a black picture may come after it and wipe it
        assert not page.evaluate(FOUND)
        page.wait_for_timeout(50)
    expect(page.locator("#hand-found")).to_have_text("either")


def test_stopping_the_camera_ends_the_finder(open_page: OpenPage) -> None:
    page = open_page(finder=True).start()
    wait_until(page, "document.documentElement.dataset.finder === 'on'")
    assert len(page.workers) == 1
    page.click("#stop")
    wait_until(page, "document.documentElement.dataset.finder === 'off'")
    wait_for(page, lambda: page.workers == [])


@pytest.fixture
def measured_server(colour_models: Path, tmp_path: Path) -> Iterator[Server]:
    """A server that says how far an L can be relied on; it stops after the page has been closed."""
    models = shutil.copytree(colour_models, tmp_path / "models")
    card = models / "letters" / "card.json"
    fields = {**json.loads(card.read_text(encoding="utf-8")), "reliability": {"L": 0.9}}
    card.write_text(json.dumps(fields), encoding="utf-8")
    server = Server(HANDSPELL_MODELS=str(models))
    yield server
    server.stop()


def test_how_far_a_letter_can_be_relied_on_is_said_where_it_is_known(
    measured_server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    film = clips.write(tmp_path / "film.mjpeg", [(clips.showing("L"), 5.0), (clips.showing("nothing"), 5.0)])
    page = open_page(film, url=measured_server.url).start()
    expect(page.locator("#reliability")).to_have_text("right 9 times in 10 for strangers", timeout=30_000)
    assert page.inner_text("#sign") == "L"
    expect(page.locator("#reliability")).to_have_text("", timeout=30_000)
    page.keyboard.press("d")  # of whose digits nothing is known
    expect(page.locator("#reliability")).to_be_hidden()

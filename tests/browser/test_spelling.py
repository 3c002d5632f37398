"""From the camera to words on the page, in a real browser."""

from itertools import cycle, islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.browser import clips
from tests.browser.conftest import OpenPage, wait_for_text, wait_until
from tests.colours import DIGITS, LETTERS, colour_of
from tests.hands import NOTHING, strangers
from tests.server import Server
from webapp.config import ROOT
from webapp.core.frames import decode_frame, prepare
from webapp.inference import Network

# A stranger's letter must be read in this many of its pictures to be shown: no test hangs on one lucky frame.
FEWEST_READ = 4


def test_held_signs_become_letters_and_a_pause_ends_the_word(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(clips.write(tmp_path / "film.mjpeg", clips.spelling("HELLO"))).start()
    wait_for_text(page, "HELLO ", timeout_ms=60_000)


def test_digits_are_read_in_digits_mode(open_page: OpenPage, tmp_path: Path) -> None:
    opened = open_page(clips.write(tmp_path / "film.mjpeg", clips.spelling("2059", DIGITS)))
    opened.page.keyboard.press("d")
    page = opened.start()
    wait_for_text(page, "2059 ", timeout_ms=60_000)


def test_a_sign_held_on_is_written_once_and_shown_as_written(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(clips.write(tmp_path / "film.mjpeg", [(clips.showing("L"), 5.0)])).start()
    page.wait_for_selector("#reading[data-state=held]")
    page.wait_for_selector("#reading[data-state=spent]")
    assert page.inner_text("#sign") == "L"
    assert page.locator(".tick").is_visible()
    wait_until(page, "Number(document.querySelector('#figures').dataset.answered) > 40")
    wait_for_text(page, "L")


def test_an_unsure_reading_shows_its_candidates(open_page: OpenPage, tmp_path: Path) -> None:
    # A film does not keep colours to the digit: somewhere on the way from A to B is the middle.
    scenes = []
    for share in np.linspace(0.3, 0.7, 11):
        colour = (1 - share) * colour_of(LETTERS, "A") + share * colour_of(LETTERS, "B")
        scenes += [(clips.in_box(colour, clips.plain()), 0.6)]
    page = open_page(clips.write(tmp_path / "film.mjpeg", scenes)).start()
    page.wait_for_selector("#reading[data-state=unsure]")
    shown = page.evaluate("document.querySelector('.dial').innerText + document.querySelector('#candidates').innerText")
    assert shown[0] == "?"
    assert {"A", "B"} <= set(shown)


def test_only_the_box_leaves_the_page_and_it_is_not_mirrored(open_page: OpenPage, tmp_path: Path) -> None:
    # Red on the left of the box and blue on its right, green around it: none of the green may leave.
    box = np.zeros((200, 200, 3), np.uint8)
    box[:, :100], box[:, 100:] = (220, 30, 30), (30, 30, 220)
    picture = clips.in_box(box, clips.plain((30, 200, 30)))
    opened = open_page(clips.write(tmp_path / "film.mjpeg", [(picture, 2.0)]))
    sent: list[bytes] = []

    opened.page.reload()  # so that the socket is seen from its beginning
    opened.page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(data)))
    opened.page.reload()
    page = opened.start()
    wait_until(page, "Number(document.querySelector('#figures').dataset.answered) > 5")
    jpegs = [data for data in sent if isinstance(data, bytes) and data[:2] == b"\xff\xd8"]
    assert len(jpegs) > 5
    crop = cv2.imdecode(np.frombuffer(jpegs[-1], np.uint8), cv2.IMREAD_COLOR)[..., ::-1].astype(int)
    assert crop.shape == (160, 160, 3)
    assert len(jpegs[-1]) < 20_000
    left, right = crop[8:-8, 8:70].mean((0, 1)), crop[8:-8, 90:-8].mean((0, 1))
    assert left[0] > 150 > left[2], f"the left of the crop is {left}"
    assert right[2] > 150 > right[0], f"the right of the crop is {right}"
    assert crop[4:-4, 4:-4, 1].max() < 120, "something from outside the box was sent"


def test_a_left_hand_is_read_mirrored_by_the_server(open_page: OpenPage, tmp_path: Path) -> None:
    # The colour models look at the left half of what they get.
    def both(left: str, right: str) -> np.ndarray:
        content = np.zeros((200, 200, 3), np.uint8)
        content[:, :100], content[:, 100:] = colour_of(LETTERS, left), colour_of(LETTERS, right)
        return content

    nothing = clips.plain(colour_of(LETTERS, "nothing"))
    picture = clips.in_box(both("A", "B"), nothing)
    # A box that was left alone changes sides with the hand: the film shows the same in both places.
    left, top, side = clips.BOX
    other = clips.WIDTH - left - side
    picture[top : top + side, other : other + side] = picture[top : top + side, left : left + side]
    page = open_page(clips.write(tmp_path / "film.mjpeg", [(picture, 3.0), (nothing, 1.0)])).start()
    wait_until(page, "document.querySelector('#text').textContent.endsWith('A')")
    page.keyboard.press("h")
    wait_until(page, "document.querySelector('#text').textContent.endsWith('B')")
    assert page.is_checked("input[name=hand][value=left]")


def as_sent(crop: Path) -> np.ndarray:
    """What the server gets of a crop that is held into the guide box."""
    left, top, side = clips.BOX
    seen = clips.in_box(decode_frame(crop.read_bytes()), clips.plain())[top : top + side, left : left + side]
    encoded, jpeg = cv2.imencode(".jpg", cv2.resize(seen, (160, 160), interpolation=cv2.INTER_AREA)[..., ::-1])
    assert encoded
    return decode_frame(jpeg.tobytes())


def film_of_a_stranger(hands: Path, model: str, word: str, path: Path) -> Path:
    """A film of one real person spelling `word` into the guide box of a room without a hand.

    It is the person whose letters the model reads best, and of each letter only pictures that it reads are shown: how
    many people it reads is not this test's question.
    """
    network = Network(ROOT / "models" / model)
    card = network.card

    def read(crop: Path, label: str) -> bool:
        answer = network.probabilities([prepare(as_sent(crop), card.input)])[0]
        return card.labels[int(answer.argmax())] == label and float(answer.max()) >= card.floors_of(None)[label]

    labels = {*word, NOTHING}
    shown = {
        signer: {label: [crop for crop in crops[label] if read(crop, label)] for label in labels}
        for signer, crops in strangers(hands).items()
        if labels <= crops.keys()
    }
    poorest = {signer: min((len(crops[label]), label) for label in labels) for signer, crops in shown.items()}
    best = max(poorest, key=lambda signer: poorest[signer])
    assert poorest[best][0] >= FEWEST_READ, f"the {model} model reads no stranger well enough for {word}: {poorest}"

    def scene(label: str, seconds: float) -> clips.Scenes:
        # Ten different pictures a second, as a webcam in a dim room gives.
        pictures = islice(cycle(shown[best][label]), round(seconds * 10))
        return [(clips.in_box(decode_frame(crop.read_bytes()), clips.plain((96, 92, 88))), 0.1) for crop in pictures]

    scenes = scene(NOTHING, 0.8)
    for letter in word:
        scenes += scene(letter, 1.6) + scene(NOTHING, 0.9)
    return clips.write(path, [*scenes, *scene(NOTHING, 6.0)])


@pytest.mark.hands
@pytest.mark.slow
@pytest.mark.parametrize(("model", "word"), [("letters", "HELLO"), ("letters", "FABRIC"), ("digits", "2059")])
def test_real_hands_before_the_camera_spell(
    model: str, word: str, hands: Path, server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    film = film_of_a_stranger(hands, model, word, tmp_path / "film.mjpeg")
    opened = open_page(film, url=server.url)
    opened.page.keyboard.press(model[0])  # L or D
    page = opened.start()
    wait_for_text(page, f"{word} ", timeout_ms=90_000)

"""Pictures over plain HTTP: read as the page reads its camera, refused one by one, and never in the live visitors' way."""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import requests
from openapi_spec_validator import validate

from tests.colours import DIGITS, LETTERS, colour_jpeg, colour_of, jpeg_of, unsure_jpeg
from tests.core.test_pictures import encoded, png_claiming, turned
from tests.described import description_of, hold
from tests.hands import strangers
from tests.replay import Client
from tests.server import ROOT, Server
from webapp.api import LONGEST_NAME, STATUS, clean_name

File = tuple[str, bytes]
NOISE = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
NOISE_JPEG = cv2.imencode(".jpg", NOISE)[1].tobytes()


def ask(server: Server, *pictures: File, headers: dict[str, str] | None = None, **fields: str) -> requests.Response:
    """Send pictures; whatever is answered must be as the description says."""
    files = [("picture", picture) for picture in pictures]
    answer = requests.post(f"{server.url}/api/predict", files=files, data=fields, headers=headers, timeout=120)
    hold(answer, description_of(server.url), "/api/predict")
    return answer


def refused(answer: requests.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["message"].endswith(".")
    return answer.status_code, error["code"]


def crop(label: str, labels: tuple[str, ...] = LETTERS) -> File:
    return f"{label}.jpg", colour_jpeg(label, labels)


# --- what is read -------------------------------------------------------------------------------------------------


def test_crops_are_read_in_order_with_every_probability(colour_server: Server) -> None:
    answer = ask(colour_server, crop("H"), crop("I"), cropped="true")
    assert answer.status_code == 200
    assert answer.json()["model"] == {"name": "letters", "version": "colours"}
    first, second = answer.json()["pictures"]
    assert (first["name"], first["sign"], first["believed"], first["reason"]) == ("H.jpg", "H", True, None)
    assert (second["name"], second["sign"]) == ("I.jpg", "I")
    assert set(first["probabilities"]) == set(LETTERS)
    assert sum(first["probabilities"].values()) == pytest.approx(1, abs=0.01)
    assert first["crop"] == {"left": 0, "top": 0, "width": 1, "height": 1}
    assert answer.headers["Cache-Control"] == "no-store"


def test_digits_are_another_model(colour_server: Server) -> None:
    answer = ask(colour_server, crop("7", DIGITS), cropped="true", model="digits").json()
    assert (answer["model"]["name"], answer["pictures"][0]["sign"]) == ("digits", "7")


def test_a_left_hand_is_read_in_the_mirror(colour_server: Server) -> None:
    picture = np.empty((96, 96, 3))
    picture[:, :48], picture[:, 48:] = colour_of(LETTERS, "A"), colour_of(LETTERS, "B")
    halves = ("halves.jpg", jpeg_of(picture))  # the network looks at the left half only
    read = {hand: ask(colour_server, halves, cropped="true", hand=hand).json() for hand in ("right", "left")}
    assert {hand: answer["pictures"][0]["sign"] for hand, answer in read.items()} == {"right": "A", "left": "B"}
    assert {hand: answer["pictures"][0]["hand"] for hand, answer in read.items()} == {"right": "right", "left": "left"}


def test_an_unsure_picture_has_a_likeliest_sign_that_is_not_believed(colour_server: Server) -> None:
    one = ask(colour_server, ("between.jpg", unsure_jpeg()), cropped="true").json()["pictures"][0]
    assert one["sign"] in "AB"
    assert (one["believed"], one["reason"]["code"], one["reliability"]) == (False, "unsure", None)


def test_a_crop_without_a_sign_has_none(colour_server: Server) -> None:
    one = ask(colour_server, crop("nothing"), cropped="true").json()["pictures"][0]
    assert (one["sign"], one["believed"], one["reason"]["code"]) == (None, False, "no_sign")
    assert one["probabilities"]["nothing"] > 0.9


def test_a_request_of_no_stated_length_is_read(colour_server: Server) -> None:
    address = f"{colour_server.url}/api/predict"
    whole = requests.Request("POST", address, files={"picture": crop("C")}, data={"cropped": "true"}).prepare()
    assert isinstance(whole.body, bytes)
    halves = iter([whole.body[:500], whole.body[500:]])
    answer = requests.post(address, data=halves, headers={"Content-Type": whole.headers["Content-Type"]}, timeout=20)
    assert answer.json()["pictures"][0]["sign"] == "C"


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_where_no_hand_is_found_nothing_is_read(colour_server: Server, kind: str) -> None:
    one = ask(colour_server, (f"wall.{kind}", encoded(kind))).json()["pictures"][0]
    assert (one["sign"], one["reason"]["code"]) == (None, "no_hand")
    assert one["probabilities"] is one["hand"] is one["crop"] is one["landmarks"] is None


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("C:\\pictures\\hand.jpg", "hand.jpg"),
        ("../../etc/passwd", "passwd"),
        ("Händ  eins.jpg", "Händ eins.jpg"),
        ("a\r\nb\u202egpj.exe", "a b gpj.exe"),
        ("x" * 300, "x" * LONGEST_NAME),
        ("", "picture"),
        (None, "picture"),
    ],
)
def test_a_name_is_made_fit_to_be_shown(given: str | None, clean: str) -> None:
    assert clean_name(given) == clean


@pytest.mark.hands
def test_whole_photographs_are_read_as_predict_reads_them(server: Server, hands: Path) -> None:
    from training.prediction import Reader, message_of
    from webapp.core.pictures import decode_picture
    from webapp.inference import Network
    from webapp.tracker import HandTracker

    paths = sorted((hands / "frames").glob("*/[ALWY]/*.jpg"))[::4]
    paths += sorted((hands / "kaggle_asl/kaggle1").glob("[CB]/*.jpg"))[:4]
    assert len(paths) >= 10
    reader = Reader(Network(ROOT / "models" / "letters"), HandTracker())
    answers = ask(server, *[(path.name, path.read_bytes()) for path in paths]).json()["pictures"]
    right = 0
    for path, answer in zip(paths, answers, strict=True):
        message = message_of(reader, decode_picture(path.read_bytes()))
        reading = reader.read(message)
        assert answer["hand"] == message.get("hand"), path
        if answer["hand"] is None:
            continue
        assert answer["probabilities"] == pytest.approx(dict(reading.ranked()), abs=0.002), path
        assert (answer["sign"] if answer["believed"] else None) == reading.observed
        assert answer["believed"] == (answer["reliability"] is not None)
        right += answer["sign"] == path.parent.name
    assert right >= 0.8 * len(paths)


@pytest.mark.hands
def test_the_crop_holds_the_landmarks_and_a_turned_photograph_is_read_upright(server: Server, hands: Path) -> None:
    path = sorted((hands / "frames").glob("*/L/*.jpg"))[0]
    upright = path.read_bytes()
    bgr = cv2.imread(str(path))
    on_its_side = cv2.imencode(".jpg", cv2.rotate(bgr, cv2.ROTATE_90_COUNTERCLOCKWISE), [cv2.IMWRITE_JPEG_QUALITY, 98])
    first, second = ask(server, ("upright.jpg", upright), ("turned.jpg", turned(on_its_side[1].tobytes(), 6))).json()[
        "pictures"
    ]
    for one in (first, second):
        assert (one["sign"], one["hand"]) == (first["sign"], first["hand"]) != (None, None)
        crop, joints = one["crop"], np.array(one["landmarks"])
        assert joints[:, 0].min() > crop["left"] > first["crop"]["left"] - 0.02
        assert joints[:, 0].max() < crop["left"] + crop["width"]
        assert joints[:, 1].min() > crop["top"]
        assert joints[:, 1].max() < crop["top"] + crop["height"]
    np.testing.assert_allclose(first["landmarks"], second["landmarks"], atol=0.03)
    height, width = bgr.shape[:2]
    assert first["crop"]["width"] * width == pytest.approx(first["crop"]["height"] * height, rel=0.01)


@pytest.mark.hands
def test_a_photograph_of_many_pixels_is_read_like_a_smaller_one(server: Server, hands: Path) -> None:
    path = sorted((hands / "frames").glob("*/Y/*.jpg"))[0]
    large = cv2.resize(cv2.imread(str(path)), None, fx=7, fy=7, interpolation=cv2.INTER_CUBIC)
    small, big = ask(
        server, (path.name, path.read_bytes()), ("large.jpg", cv2.imencode(".jpg", large)[1].tobytes())
    ).json()["pictures"]
    assert (small["sign"], small["hand"]) == (big["sign"], big["hand"]) == ("Y", small["hand"])
    np.testing.assert_allclose(small["landmarks"], big["landmarks"], atol=0.03)


@pytest.mark.hands
def test_a_crop_with_its_landmarks_is_read_by_both(server: Server, hands: Path) -> None:
    crops = next(labels["W"] for labels in strangers(hands).values() if "W" in labels)
    alone = ask(server, ("w.jpg", crops[0].read_bytes()), cropped="true").json()["pictures"][0]
    found = ask(server, ("w.jpg", crops[0].read_bytes())).json()["pictures"][0]
    flat = [number for joint in found["landmarks"] for number in joint]
    joined = ask(server, ("w.jpg", crops[0].read_bytes()), landmarks=json.dumps(flat)).json()["pictures"][0]
    assert alone["landmarks"] is None
    assert joined["landmarks"] == found["landmarks"]
    assert joined["probabilities"] != alone["probabilities"]


# --- what is refused ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def strict_server(colour_models: Path) -> Iterator[Server]:
    """A server with small limits."""
    limits = {"PREDICT_PICTURES": "2", "PREDICT_BYTES": "400000", "PREDICT_PIXELS": "1000000"}
    server = Server(
        HANDSPELL_MODELS=str(colour_models), **{f"HANDSPELL_{name}": value for name, value in limits.items()}
    )
    yield server
    server.stop()


def test_what_is_no_request_for_a_reading_is_refused(colour_server: Server) -> None:
    address = f"{colour_server.url}/api/predict"
    assert refused(ask(colour_server, model="letters")) == (400, "no_picture")
    assert refused(requests.post(address, data={"picture": "hand.jpg"}, timeout=20)) == (400, "no_picture")
    assert refused(requests.post(address, json={"picture": "hand.jpg"}, timeout=20)) == (400, "no_picture")
    assert refused(requests.get(address, timeout=20)) == (405, "method_not_allowed")
    assert refused(requests.get(f"{colour_server.url}/api/unknown", timeout=20)) == (404, "not_found")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"model": "words"}, 422, "unknown_model"),
        ({"hand": "both"}, 422, "bad_field"),
        ({"cropped": "yes"}, 422, "bad_field"),
        ({"landmarks": "none"}, 422, "bad_field"),
        ({"landmarks": "[1, 2, 3]"}, 422, "bad_field"),
        ({"landmarks": json.dumps([0.5] * 62 + ["x"])}, 422, "bad_field"),
        ({"landmarks": json.dumps([0.5] * 62) + "," * 3}, 422, "bad_field"),
        ({"landmarks": "[" * 50_000}, 422, "bad_field"),
        ({"landmarks": "[" + ", ".join(["1e999"] * 63) + "]"}, 422, "bad_field"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_field_that_cannot_be_used_is_named(
    colour_server: Server, fields: dict[str, str], status: int, code: str
) -> None:
    answer = ask(colour_server, crop("A"), **fields)
    assert refused(answer) == (status, code)
    assert next(iter(fields)) in answer.json()["error"]["message"]


def test_landmarks_belong_to_one_picture(colour_server: Server) -> None:
    assert refused(ask(colour_server, crop("A"), crop("B"), landmarks=json.dumps([0.5] * 63))) == (422, "bad_field")


@pytest.mark.parametrize(
    ("data", "cropped", "status", "code"),
    [
        pytest.param(b"GIF89a" + bytes(100), False, 415, "not_a_picture", id="another format"),
        pytest.param(b"", False, 415, "not_a_picture", id="empty"),
        pytest.param(encoded("png")[:-40], False, 422, "truncated", id="cut off"),
        pytest.param(encoded("png", 47, 90), False, 422, "too_small", id="too small"),
        pytest.param(encoded("png", 1001, 1000), False, 413, "too_large", id="just too many pixels"),
        pytest.param(png_claiming(60_000, 60_000), False, 413, "too_large", id="a bomb"),
        pytest.param(encoded("png"), True, 415, "not_jpeg", id="a crop that is no JPEG"),
        pytest.param(encoded("jpeg"), True, 422, "not_square", id="a crop that is not square"),
        pytest.param(encoded("jpeg", 700, 700), True, 413, "too_large", id="a crop that is too large"),
        pytest.param(encoded("jpeg", 96, 96)[:-30], True, 422, "truncated", id="a crop that is cut off"),
    ],
)
def test_one_bad_picture_refuses_the_request_by_its_name(
    strict_server: Server, data: bytes, cropped: bool, status: int, code: str
) -> None:
    good = crop("A") if cropped else ("good.png", encoded("png"))
    answer = ask(strict_server, good, ("the bad one.jpg", data), cropped=str(cropped).lower())
    assert refused(answer) == (status, code)
    assert answer.json()["error"]["message"].startswith("the bad one.jpg: ")


def test_too_many_pictures_and_too_many_bytes_are_refused(strict_server: Server) -> None:
    assert refused(ask(strict_server, *[crop("A")] * 3)) == (413, "too_many_pictures")
    # Far above the limit, too, the answer arrives and no broken connection.
    for size in (400_001, 1_500_000, 8_000_000):
        assert refused(ask(strict_server, ("large.jpg", bytes(size)))) == (413, "too_many_bytes")
    assert ask(strict_server, crop("A"), cropped="true").status_code == 200


def test_every_code_has_a_status_and_is_described(colour_server: Server) -> None:
    responses = description_of(colour_server.url)["paths"]["/api/predict"]["post"]["responses"]
    for code, status in STATUS.items():
        assert f"`{code}`" in responses[str(status)]["description"]


def test_pages_of_other_sites_are_let_in_by_the_setting_alone(colour_models: Path) -> None:
    server = Server(HANDSPELL_MODELS=str(colour_models), HANDSPELL_ALLOWED_ORIGINS="https://school.example")
    try:
        for origin, status in (("https://school.example", 200), (server.url, 200), ("https://other.example", 403)):
            answer = ask(server, crop("A"), headers={"Origin": origin}, cropped="true")
            shared = answer.headers.get("Access-Control-Allow-Origin")
            assert (answer.status_code, shared) == (status, origin if "school" in origin else None)
    finally:
        server.stop()


def test_without_the_tracker_s_models_only_crops_are_read(colour_models: Path, tmp_path: Path) -> None:
    for folder in ("webapp", "static", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    server = Server(root=tmp_path, HANDSPELL_MODELS=str(colour_models))
    try:
        assert refused(ask(server, ("wall.png", encoded("png")))) == (503, "no_tracker")
        assert ask(server, crop("A"), cropped="true").json()["pictures"][0]["sign"] == "A"
    finally:
        server.stop()


def test_nothing_of_a_picture_is_logged(colour_models: Path) -> None:
    server = Server(HANDSPELL_MODELS=str(colour_models))
    try:
        ask(server, ("private-name.png", encoded("png")))
        ask(server, ("private-name.gif", b"GIF89a"))
    finally:
        server.stop()
    assert "private-name" not in server.output


# --- beside the live visitors -------------------------------------------------------------------------------------


def test_live_visitors_are_answered_while_a_pile_of_pictures_is_read(colour_server: Server) -> None:
    requests_under_way, pictures_each = 8, 4  # noise is looked at in every way, half a second each
    finished: list[int] = []

    def send() -> None:
        answer = ask(colour_server, *[("noise.jpg", NOISE_JPEG)] * pictures_each)
        finished.append(answer.status_code)

    threads = [threading.Thread(target=send) for _ in range(requests_under_way)]
    for thread in threads:
        thread.start()
    with Client(colour_server.url) as client:
        frames = [colour_jpeg(sign) for sign in "HELO" for _ in range(12)]
        assert client.play(frames)[-1]["text"] == "HELO"
        assert len(finished) < requests_under_way, "the pile was read before the visitor had spelt a word"
    for thread in threads:
        thread.join(120)
    assert finished == [200] * requests_under_way


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_who_comes_when_all_places_are_taken_is_told_when_to_come_again(colour_models: Path, mode: str) -> None:
    server = Server(HANDSPELL_MODELS=str(colour_models), HANDSPELL_ASYNC_MODE=mode, HANDSPELL_PREDICT_REQUESTS="1")
    try:
        answers: list[requests.Response] = []
        threads = [
            threading.Thread(target=lambda: answers.append(ask(server, *[("noise.jpg", NOISE_JPEG)] * 8)))
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert sorted(answer.status_code for answer in answers) == [200, 503, 503]
        busy = next(answer for answer in answers if answer.status_code == 503)
        assert refused(busy) == (503, "busy")
        assert int(busy.headers["Retry-After"]) >= 1
        assert ask(server, crop("A"), cropped="true").status_code == 200
    finally:
        server.stop()


# --- the description ----------------------------------------------------------------------------------------------


def test_the_description_is_valid_and_tells_the_limits_in_force(strict_server: Server) -> None:
    description = description_of(strict_server.url)
    validate(description)
    form = description["paths"]["/api/predict"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["properties"]["picture"]["maxItems"] == 2
    assert "400,000 bytes" in form["properties"]["picture"]["description"]
    assert form["properties"]["model"]["enum"] == ["digits", "letters"]


def test_the_other_calls_are_as_described(colour_server: Server) -> None:
    for path in ("/healthz", "/api/openapi.json"):
        answer = requests.get(colour_server.url + path, timeout=20)
        hold(answer, description_of(colour_server.url), path)

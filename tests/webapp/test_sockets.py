"""The protocol over a real socket, with a real server in each async mode and a network whose answers are known."""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import requests
import socketio

from tests.colours import DIGITS, LETTERS, colour_jpeg, colour_of, jpeg_of, unsure_jpeg
from tests.core.drawn import I_HAND, POINTING, Take, frames, hook, message, zigzag
from tests.core.test_frames import NOISE, claiming, jpeg
from tests.replay import Client
from tests.server import Server
from webapp.core.motion import INDEX, LITTLE

HELD = 9  # frames at ten a second until the normal pace of 0.8 s is reached
GAP = [colour_jpeg("nothing")] * 5


def held(sign: str, labels: tuple[str, ...] = LETTERS, frames: int = HELD + 2) -> list[bytes]:
    return [colour_jpeg(sign, labels)] * frames


def spelled(word: str) -> list[bytes]:
    return [frame for letter in word for frame in held(letter) + GAP]


@pytest.fixture
def client(colour_server: Server) -> Iterator[Client]:
    with Client(colour_server.url) as connected:
        yield connected


def test_hello_says_what_a_client_needs(client: Client) -> None:
    hello = client.hello
    assert hello["protocol"] == 1
    assert set(hello["models"]) == {"letters", "digits"}
    assert hello["models"]["digits"]["labels"] == list(DIGITS)
    assert hello["labels"] == list(LETTERS)
    assert hello["settings"] == {"model": "letters", "pace": "normal", "hold_seconds": 0.8, "hand": "right"}
    assert hello["paces"] == {"slow": 1.2, "normal": 0.8, "fast": 0.5, "expert": 0.3}
    assert (hello["text"], hello["text_limit"], hello["resumed"]) == ("", 2000, False)
    assert len(hello["token"]) >= 32


def test_a_word_with_a_doubled_letter_is_read(client: Client) -> None:
    acks = client.play(spelled("HELLO"))
    assert [ack["committed"] for ack in acks if ack["committed"]] == list("HELLO")
    assert acks[-1]["text"] == "HELLO"
    assert [ack["seq"] for ack in acks] == list(range(1, len(acks) + 1))


def test_an_acknowledgement_has_every_field(client: Client) -> None:
    ack = client.frame(colour_jpeg("A"), landmarks=[0.5] * 63, crop=[0.5, 0.5, 0.3], colour="blue")
    assert set(ack) == {"seq", "sign", "confidence", "top", "progress", "committed", "text", "words"}
    assert ack["sign"] == ack["top"][0][0] == "A"
    assert ack["top"][0][1] > 0.9
    assert len(ack["top"]) == 3


def test_an_unsure_reading_has_no_sign(client: Client) -> None:
    ack = client.play([unsure_jpeg()] * 20)[-1]
    assert (ack["sign"], ack["text"]) == (None, "")
    assert {sign for sign, _ in ack["top"][:2]} == {"A", "B"}


def test_digits_are_another_model(client: Client) -> None:
    settings = client.mode(model="digits", pace="fast")
    assert settings == {
        "model": "digits",
        "pace": "fast",
        "hold_seconds": 0.5,
        "hand": "right",
        "labels": list(DIGITS),
    }
    gap = [colour_jpeg("nothing", DIGITS)] * 5
    acks = client.play([frame for digit in "2059" for frame in held(digit, DIGITS, 8) + gap])
    assert acks[-1]["text"] == "2059"


def test_the_signs_space_and_del_act_as_their_names(client: Client) -> None:
    signs = ["H", "I", "space", "A", "del", "B"]
    acks = client.play([frame for sign in signs for frame in held(sign)])
    assert acks[-1]["text"] == "HI B"
    assert [ack["committed"] for ack in acks if ack["committed"]] == signs


def test_edits_and_undo(client: Client) -> None:
    client.play(spelled("HI"))
    assert client.edit("space")["text"] == "HI "
    assert client.edit("delete")["text"] == "HI"
    assert client.edit("clear")["text"] == ""
    assert client.edit("undo")["text"] == "HI"


def test_a_left_hand_is_mirrored_before_it_is_read(client: Client) -> None:
    picture = np.zeros((96, 96, 3))
    picture[:, :48], picture[:, 48:] = colour_of(LETTERS, "A"), colour_of(LETTERS, "B")
    assert client.frame(jpeg_of(picture))["top"][0][0] == "A"
    assert client.mode(hand="left")["hand"] == "left"
    assert client.frame(jpeg_of(picture))["top"][0][0] == "B"


def test_a_frame_s_own_hand_goes_before_the_mode_s_and_drops_nothing(client: Client) -> None:
    picture = np.zeros((96, 96, 3))
    picture[:, :48], picture[:, 48:] = colour_of(LETTERS, "A"), colour_of(LETTERS, "B")
    first, second = jpeg_of(picture), jpeg_of(picture[:, ::-1])
    assert client.frame(first, hand="left")["top"][0][0] == "B"
    client.mode(hand="left")
    half = [client.frame(second, hand="left") for _ in range(5)][-1]
    assert (half["sign"], client.frame(first, hand="right")["progress"] > half["progress"]) == ("A", True)


def test_without_a_hand_letters_are_released_and_words_end_as_with_a_picture_of_nothing(client: Client) -> None:
    away: list[bytes | None] = [None] * len(GAP)
    acks = client.play([*held("L"), *away, *held("L")])
    assert acks[-1]["text"] == "LL"
    gone = client.play([None] * 15, step_milliseconds=200)
    assert [ack["committed"] for ack in gone if ack["committed"]] == ["space"]
    assert (gone[-1]["sign"], gone[-1]["top"][0], gone[-1]["text"]) == (None, ["nothing", 1.0], "LL ")
    assert client.call("frame", {"seq": client.seq, "t": 0, "nothing": True})["error"]["code"] == "seq_backwards"


def test_hello_tells_what_the_card_measured_of_strangers(colour_models: Path, tmp_path: Path) -> None:
    models = shutil.copytree(colour_models, tmp_path / "models")
    card = models / "letters" / "card.json"
    measured = {"reliability": {"A": 0.97}, "confusions": {"A": {"A": 0.9, "S": 0.1}}}
    card.write_text(json.dumps({**json.loads(card.read_text()), **measured}))
    server = Server(HANDSPELL_MODELS=str(models))
    try:
        with Client(server.url) as client:
            told = {name: model["reliability"] for name, model in client.hello["models"].items()}
            assert told == {"letters": {"A": 0.97}, "digits": {}}
            told = {name: model["confusions"] for name, model in client.hello["models"].items()}
            assert told == {"letters": {"A": [["S", 0.1]]}, "digits": {}}
    finally:
        server.stop()


@pytest.mark.parametrize("hand", ["right", "left"])
def test_j_and_z_are_written_when_they_have_been_drawn(client: Client, hand: str) -> None:
    text = ""
    for sign, pose, movement in (("J", "I", (I_HAND, LITTLE, hook())), ("Z", "D", (POINTING, INDEX, zigzag()))):
        # A flat colour is its own mirror image.
        for _, seen in frames(*movement, Take(rate=10, after=2.0, left_hand=hand == "left")):
            assert seen is not None
            ack = client.frame(colour_jpeg(pose), hand=hand, **message(seen))
        text += sign
        assert ack["text"] == text
        client.play(GAP)


def test_a_movement_is_nothing_without_the_place_of_its_crop(client: Client) -> None:
    for _, seen in frames(I_HAND, LITTLE, hook(), Take(rate=10, after=1.0)):
        assert seen is not None
        ack = client.frame(colour_jpeg("I"), landmarks=message(seen)["landmarks"])
    assert ack["text"] == "I"


def test_two_visitors_never_mix(colour_server: Server) -> None:
    words = ["HELLO", "WORLD", "QUIZ", "JAZZ"]
    texts: dict[str, str] = {}
    foreign: list[str] = []

    def spell(word: str) -> None:
        with Client(colour_server.url) as client:
            acks = client.play(spelled(word))
            foreign.extend(ack["text"] for ack in acks if not word.startswith(ack["text"]))
            texts[word] = acks[-1]["text"]

    threads = [threading.Thread(target=spell, args=(word,)) for word in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert texts == {word: word for word in words}
    assert foreign == []


BAD_PICTURES = {
    "not_jpeg": NOISE,
    "truncated": jpeg(96, 96)[:-60],
    "too_small": jpeg(1, 1),
    "too_large": claiming(20_000, 20_000),
    "not_square": jpeg(96, 64),
    "too_many_bytes": bytes(1_500_000),
}


@pytest.mark.parametrize("code", BAD_PICTURES)
def test_a_bad_picture_gets_a_reply_and_the_connection_lives(client: Client, code: str) -> None:
    client.play(spelled("HI"))
    ack = client.frame(BAD_PICTURES[code])
    assert ack["seq"] == client.seq
    assert ack["error"]["code"] == code
    assert ack["error"]["message"]
    assert client.frame(colour_jpeg("A"))["text"] == "HI"


@pytest.mark.parametrize(
    "data",
    [
        None,
        "frame",
        7,
        [],
        {},
        {"seq": "1", "t": 1.0, "jpeg": b"x"},
        {"seq": 1, "t": 1.0},
        {"seq": 1, "t": None, "jpeg": b"x"},
        {"seq": 1, "t": 1.0, "jpeg": b"x", "landmarks": [0.5]},
        {"seq": 10**120, "t": 1.0, "jpeg": b"x"},
        {"seq": 1, "t": -(10**120), "jpeg": b"x"},
    ],
    ids=repr,
)
def test_a_malformed_frame_gets_a_reply_and_the_connection_lives(client: Client, data: object) -> None:
    ack = client.call("frame", data)
    assert ack["error"]["code"] == "bad_frame"
    assert client.frame(colour_jpeg("A"))["sign"] == "A"


def test_a_message_without_or_with_too_many_arguments_gets_a_reply(client: Client) -> None:
    assert client.call("frame", ()).get("error", {}).get("code") == "bad_frame"
    good = {"seq": 1, "t": 0.0, "jpeg": colour_jpeg("A")}
    assert client.call("frame", (good, "more", 3))["sign"] == "A"
    assert client.call("edit", ())["error"]["code"] == "bad_edit"
    assert client.call("mode", ())["error"]["code"] == "bad_mode"


def test_a_seq_that_goes_backwards_gets_a_reply(client: Client) -> None:
    client.play(held("A", frames=3))
    for seq in (3, 2, 0):
        ack = client.call("frame", {"seq": seq, "t": 400.0, "jpeg": colour_jpeg("A")})
        assert (ack["seq"], ack["error"]["code"]) == (seq, "seq_backwards")
    assert "error" not in client.frame(colour_jpeg("A"))


def test_a_bad_edit_or_mode_changes_nothing(client: Client) -> None:
    client.play(spelled("HI"))
    edit = client.edit("shout")
    assert (edit["text"], edit["error"]["code"]) == ("HI", "bad_edit")
    mode = client.mode(model="words", pace="fast")
    assert (mode["model"], mode["pace"], mode["error"]["code"]) == ("letters", "normal", "bad_mode")


def test_a_flood_is_answered_and_the_newest_frame_wins(client: Client) -> None:
    answers: dict[int, dict] = {}
    everything = threading.Event()
    count = 300
    picture = jpeg_of(colour_of(LETTERS, "A"), side=640)  # large, so that they come faster than they are read

    def answered(ack: dict) -> None:
        answers[ack["seq"]] = ack
        if len(answers) == count:
            everything.set()

    for seq in range(count):
        client.socket.emit("frame", {"seq": seq, "t": seq * 10.0, "jpeg": picture}, callback=answered)
    assert everything.wait(60), f"{len(answers)} of {count} were answered"
    codes = [answers[seq].get("error", {}).get("code") for seq in range(count)]
    assert set(codes) <= {None, "superseded", "seq_backwards"}
    assert codes.count(None) < count, "nothing was superseded, so this was no flood"
    assert codes[-1] is None, "the newest frame was not read"
    client.seq = count
    client.t_milliseconds = count * 10.0
    assert client.frame(colour_jpeg("A"))["sign"] == "A"


def drop(client: Client) -> None:
    """Lose the connection without saying goodbye."""
    client.socket.eio.ws.sock.close()


def test_a_dropped_connection_gets_its_text_and_half_held_letter_back(colour_server: Server) -> None:
    first = Client(colour_server.url)
    first.mode(pace="slow")
    first.play(held("H", frames=15) + GAP + held("I", frames=7))
    drop(first)
    with Client(colour_server.url, token=first.hello["token"]) as second:
        assert second.hello["resumed"] is True
        assert second.hello["text"] == "H"
        assert second.hello["settings"]["pace"] == "slow"
        second.t_milliseconds = first.t_milliseconds + 45_000
        ack = second.frame(colour_jpeg("I"))
        assert 0.4 < ack["progress"] < 0.6, "the half-held letter is back, and the gap was not counted"
        assert second.play(held("I", frames=7))[-1]["text"] == "HI"
        assert second.edit("undo")["text"] == "H"


def test_a_page_that_left_properly_is_resumed_too(colour_server: Server) -> None:
    with Client(colour_server.url) as first:
        first.play(spelled("HI"))
    with Client(colour_server.url, token=first.hello["token"]) as second:
        assert (second.hello["text"], second.hello["token"]) == ("HI", first.hello["token"])


def test_a_connection_that_still_seems_open_is_taken_over(colour_server: Server) -> None:
    first = Client(colour_server.url)
    gone = threading.Event()
    first.socket.on("disconnect", lambda *_: gone.set())
    first.play(spelled("HI"))
    with Client(colour_server.url, token=first.hello["token"]) as second:
        assert second.hello["text"] == "HI"
        assert gone.wait(20), "the old connection was left open"
        assert second.play(spelled("A"))[-1]["text"] == "HIA"


@pytest.mark.parametrize("token", ["", "unknown", "x" * 100_000])
def test_a_foreign_token_starts_a_fresh_session(colour_server: Server, token: str) -> None:
    with Client(colour_server.url, token=token) as client:
        assert client.hello["resumed"] is False
        assert client.hello["token"] != token


@pytest.mark.parametrize("auth", ["text", 7, [1], {"token": 5}, {"token": {"a": 1}}, {"other": 1}], ids=repr)
def test_an_odd_greeting_is_admitted_once_and_fresh(colour_server: Server, auth: object) -> None:
    hellos: list[dict] = []
    greeted = threading.Event()
    socket = socketio.Client(reconnection=False)

    def greet(hello: dict) -> None:
        hellos.append(hello)
        greeted.set()

    socket.on("hello", greet)
    socket.connect(colour_server.url, auth=auth, transports=["websocket"])
    assert greeted.wait(20)
    assert socket.call("edit", {"op": "space"}, timeout=20)["text"] == " "
    socket.disconnect()
    assert [hello["resumed"] for hello in hellos] == [False]


@pytest.mark.parametrize(("origin", "status"), [("https://elsewhere.example", 400), (None, 200)], ids=["other", "own"])
def test_another_site_is_not_admitted(colour_server: Server, origin: str | None, status: int) -> None:
    handshake = requests.get(
        f"{colour_server.url}/socket.io/",
        params={"EIO": "4", "transport": "polling"},
        headers={"Origin": origin or colour_server.url},
        timeout=20,
    )
    assert handshake.status_code == status


def test_a_site_that_is_named_is_admitted_beside_our_own(colour_models: object) -> None:
    server = Server(HANDSPELL_MODELS=str(colour_models), HANDSPELL_ALLOWED_ORIGINS="https://school.example")
    try:
        status = {
            origin: requests.get(
                f"{server.url}/socket.io/",
                params={"EIO": "4", "transport": "polling"},
                headers={"Origin": origin},
                timeout=20,
            ).status_code
            for origin in (server.url, "https://school.example", "https://elsewhere.example")
        }
        assert list(status.values()) == [200, 200, 400]
    finally:
        server.stop()


def test_long_polling_works_where_websockets_do_not(colour_server: Server) -> None:
    socket = socketio.Client(reconnection=False)
    socket.connect(colour_server.url, transports=["polling"])
    ack = socket.call("frame", {"seq": 1, "t": 0.0, "jpeg": colour_jpeg("Q")}, timeout=20)
    assert ack["sign"] == "Q"
    socket.disconnect()


def test_the_text_is_bounded_and_says_so(colour_models: object) -> None:
    server = Server(HANDSPELL_MODELS=str(colour_models), HANDSPELL_TEXT_LIMIT="2")
    try:
        with Client(server.url) as client:
            assert client.hello["text_limit"] == 2
            client.play(spelled("HI"))
            acks = client.play(held("A", frames=20))
            refused = [ack["error"]["code"] for ack in acks if "error" in ack]
            assert refused == ["text_full"]
            assert acks[-1]["text"] == "HI"
            full = client.edit("space")
            assert (full["text"], full["error"]["code"]) == ("HI", "text_full")
            assert client.edit("undo")["text"] == "H"
    finally:
        server.stop()


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_token_is_worth_nothing_after_its_time(colour_models: object, mode: str) -> None:
    server = Server(HANDSPELL_MODELS=str(colour_models), HANDSPELL_ASYNC_MODE=mode, HANDSPELL_RESUME_SECONDS="0.5")
    try:
        with Client(server.url) as first:
            first.play(spelled("HI"))
        time.sleep(0.7)  # the time itself is what is tested
        with Client(server.url, token=first.hello["token"]) as second:
            assert (second.hello["resumed"], second.hello["text"]) == (False, "")
    finally:
        server.stop()


def test_words_are_proposed_and_taken_and_undone(client: Client) -> None:
    assert client.hello["words"] == {"proposals": [], "completions": []}
    last = client.play(spelled("HELO"))[-1]
    assert last["text"] == "HELO"  # never rewritten by itself
    assert "HELLO" in last["words"]["proposals"]
    assert client.play(GAP)[-1]["words"] == last["words"]

    taken = client.call("edit", {"op": "take", "word": "HELLO"})
    assert taken == {"text": "HELLO ", "words": {"proposals": [], "completions": []}}
    undone = client.edit("undo")
    assert undone["text"] == "HELO"
    assert "HELLO" in undone["words"]["proposals"]


def test_a_word_begun_is_completed(client: Client) -> None:
    completions = client.play(spelled("WEDNE"))[-1]["words"]["completions"]
    assert completions[0] == "WEDNESDAY"
    assert client.call("edit", {"op": "take", "word": "WEDNESDAY"})["text"] == "WEDNESDAY "


def test_only_words_that_are_proposed_can_be_taken(client: Client) -> None:
    client.play(spelled("HI"))
    for word in ("SHARK", "", "hi", "HI THERE"):
        refused = client.call("edit", {"op": "take", "word": word})
        assert (refused["text"], refused["error"]["code"]) == ("HI", "bad_edit")


def test_digits_are_left_alone(client: Client) -> None:
    client.mode(model="digits")
    frames = [frame for digit in "205" for frame in held(digit, DIGITS) + [colour_jpeg("nothing", DIGITS)] * 5]
    assert {str(ack["words"]) for ack in client.play(frames)} == {"{'proposals': [], 'completions': []}"}


def test_an_own_list_is_preferred_or_all_there_is_until_it_is_off(client: Client) -> None:
    client.play(spelled("HELO"))
    only = client.call("vocabulary", {"words": ["helofin", "zorblat"], "use": "only"})
    assert (only["use"], only["count"]) == ("only", 2)
    assert {*only["words"]["proposals"], *only["words"]["completions"]} <= {"HELOFIN", "ZORBLAT"}
    preferred = client.call("vocabulary", {"words": ["HELOFIN"], "use": "preferred"})
    assert preferred["words"]["completions"][0] == "HELOFIN"
    assert "HELLO" in str(preferred["words"])
    off = client.call("vocabulary", {"words": [], "use": "off"})
    assert "HELOFIN" not in str(off["words"])


def test_an_own_list_survives_a_dropped_connection(colour_server: Server) -> None:
    with Client(colour_server.url) as first:
        first.call("vocabulary", {"words": ["ZORBLAT"], "use": "only"})
        token = first.hello["token"]
    with Client(colour_server.url, token) as second:
        assert second.hello["resumed"]
        assert second.play(spelled("ZOR"))[-1]["words"]["completions"] == ["ZORBLAT"]


def test_a_bad_list_is_refused_and_changes_nothing(client: Client) -> None:
    client.call("vocabulary", {"words": ["ZORBLAT"], "use": "only"})
    refused = client.call("vocabulary", {"words": ["ICE CREAM"], "use": "only"})
    assert refused["error"]["code"] == "bad_vocabulary"
    assert client.play(spelled("ZOR"))[-1]["words"]["completions"] == ["ZORBLAT"]

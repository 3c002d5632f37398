"""Strangers' hands through the served models: real crops, the real server, the real protocol, in both async modes.

How well strangers are read is measured by training/evaluate.py and benchmarks/spelling.py; here a stranger whose
pictures are read must come out of the other end as text, whole and unmixed.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hands import NOTHING, TWINS, strangers
from tests.replay import Client
from tests.server import Server
from webapp.core.frames import decode_frame, prepare
from webapp.inference import Network

# A letter is shown in at least this many different pictures of the stranger, so that no word hangs on a lucky one.
FEWEST_READ = 4
HOLD_FRAMES = 12
GAP_FRAMES = 6


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def served(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(HANDSPELL_ASYNC_MODE=request.param, HANDSPELL_MODELS=str(TWINS))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def read_crops(hands: Path) -> dict[str, dict[str, dict[str, list[bytes]]]]:
    """The strangers' pictures that each model reads above its floor: model -> signer -> label -> JPEGs."""
    found: dict[str, dict[str, dict[str, list[bytes]]]] = {}
    for model, labels in (("letters", "HELOWRDFUNY"), ("digits", "2059")):
        network = Network(TWINS / model)

        def read(jpeg: bytes, label: str, network: Network = network) -> bool:
            card = network.card
            answer = network.probabilities([prepare(decode_frame(jpeg), card.input)])[0]
            return card.labels[int(answer.argmax())] == label and float(answer.max()) >= card.floors_of(None)[label]

        found[model] = {
            signer: {
                label: [jpeg for jpeg in (path.read_bytes() for path in crops.get(label, ())) if read(jpeg, label)]
                for label in (*labels, NOTHING)
            }
            for signer, crops in strangers(hands).items()
        }
    return found


def stream(crops: dict[str, list[bytes]], word: str) -> list[bytes]:
    frames = []
    for letter in word:
        for label, count in ((letter, HOLD_FRAMES), (NOTHING, GAP_FRAMES)):
            frames += [crops[label][at % len(crops[label])] for at in range(count)]
    return frames


def who_can(people: dict[str, dict[str, list[bytes]]], word: str) -> list[str]:
    return [
        signer
        for signer, crops in people.items()
        if all(len(crops[label]) >= FEWEST_READ for label in {*word, NOTHING})
    ]


@pytest.mark.hands
@pytest.mark.parametrize(("model", "word"), [("letters", "HELLO"), ("letters", "WORLD"), ("digits", "2059")])
def test_a_stranger_s_word_is_read(served: Server, read_crops: dict, model: str, word: str) -> None:
    signers = who_can(read_crops[model], word)
    assert signers, f"{word} can be shown by none of the strangers in pictures that the model reads"
    for signer in signers:
        with Client(served.url) as client:
            client.mode(model=model)
            acks = client.play(stream(read_crops[model][signer], word))
            assert acks[-1]["text"] == word, signer


@pytest.mark.hands
def test_two_strangers_at_once_are_not_mixed(served: Server, read_crops: dict) -> None:
    words = ("HELLO", "FUNNY")
    texts: dict[str, str] = {}

    def spell(word: str) -> None:
        signer = who_can(read_crops["letters"], word)[0]
        with Client(served.url) as client:
            texts[word] = client.play(stream(read_crops["letters"][signer], word))[-1]["text"]

    threads = [threading.Thread(target=spell, args=(word,)) for word in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert texts == {word: word for word in words}


@pytest.mark.hands
def test_a_stranger_who_drops_out_goes_on_where_the_hand_was(served: Server, read_crops: dict) -> None:
    crops = read_crops["letters"][who_can(read_crops["letters"], "HELLO")[0]]
    frames = stream(crops, "HELLO")
    middle = 2 * (HOLD_FRAMES + GAP_FRAMES) + 5  # the first L is half held
    first = Client(served.url)
    first.play(frames[:middle])
    first.socket.eio.ws.sock.close()
    with Client(served.url, token=first.hello["token"]) as second:
        assert (second.hello["resumed"], second.hello["text"]) == (True, "HE")
        second.t_milliseconds = first.t_milliseconds + 20_000
        assert second.play(frames[middle:])[-1]["text"] == "HELLO"


@pytest.mark.hands
def test_a_minute_without_a_hand_writes_nothing(served: Server, hands: Path) -> None:
    empty = [path.read_bytes() for crops in strangers(hands).values() for path in crops.get(NOTHING, ())]
    with Client(served.url) as client:
        client.mode(pace="expert")
        acks = client.play((empty * 10)[:600])
        assert {ack["committed"] for ack in acks} == {None}
        assert acks[-1]["text"] == ""

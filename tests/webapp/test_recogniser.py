"""Bundles that are refused with a sentence, and frames that wait: read together, superseded, never mixed up."""

import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.colours import DIGITS, LETTERS, colour_jpeg
from webapp.concurrency import Threads
from webapp.core import bundle
from webapp.core.bundle import BundleError
from webapp.core.frames import FrameError
from webapp.inference import Network, load_networks
from webapp.recogniser import Recogniser, SupersededError


@pytest.fixture
def letters(colour_models: Path, tmp_path: Path) -> Path:
    """A copy of a bundle, to be damaged."""
    return Path(shutil.copytree(colour_models / "letters", tmp_path / "letters"))


def change_card(folder: Path, **fields: object) -> None:
    path = folder / bundle.CARD_NAME
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_a_good_bundle_answers_in_batches_as_it_does_alone(colour_models: Path) -> None:
    from webapp.core.frames import decode_frame, prepare

    network = Network(colour_models / "letters")
    pictures = [prepare(decode_frame(colour_jpeg(letter)), network.card.input) for letter in "HELLO"]
    together = network.probabilities(pictures)
    alone = np.concatenate([network.probabilities([picture]) for picture in pictures])
    assert together.shape == (5, len(LETTERS))
    assert np.abs(together - alone).max() < 1e-5
    assert [LETTERS[place] for place in together.argmax(axis=1)] == list("HELLO")


def test_damaged_weights_are_refused(letters: Path) -> None:
    weights = letters / bundle.TFLITE_NAME
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(BundleError, match=r"not the one that card\.json describes"):
        Network(letters)


def test_weights_that_are_no_model_are_refused(letters: Path) -> None:
    (letters / bundle.TFLITE_NAME).write_bytes(b"no model at all")
    change_card(letters, tflite_sha256=bundle.file_sha256(letters / bundle.TFLITE_NAME))
    with pytest.raises(BundleError, match="cannot be run"):
        Network(letters)


def test_labels_that_do_not_fit_the_output_are_refused(letters: Path) -> None:
    labels = [*LETTERS, "extra"]
    change_card(letters, labels=labels, floors=dict.fromkeys(labels, 0.5), check_output=[0.0] * 30)
    with pytest.raises(BundleError, match="answers 29 numbers, the card has 30 labels"):
        Network(letters)


def test_another_answer_to_the_stored_input_is_refused(letters: Path) -> None:
    change_card(letters, check_output=[1 / 29] * 29)
    with pytest.raises(BundleError, match="away from the stored answer"):
        Network(letters)


def test_an_input_size_that_the_model_does_not_take_is_refused(letters: Path) -> None:
    change_card(letters, input={"size": 64, "resize": "area", "colour": "rgb", "range": [0, 255], "landmarks": False})
    with pytest.raises(BundleError, match=r"inputs are \[\(32, 32, 3\)\], the card says \[\(64, 64, 3\)\]"):
        Network(letters)


def test_a_model_without_the_landmarks_that_the_card_speaks_of_is_refused(letters: Path) -> None:
    change_card(letters, input={"size": 32, "resize": "area", "colour": "rgb", "range": [0, 255], "landmarks": True})
    with pytest.raises(BundleError, match=r"the card says \[\(32, 32, 3\), \(64,\)\]"):
        Network(letters)


def test_a_folder_without_bundles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no model bundle here"):
        load_networks(tmp_path)


class Held(Recogniser):
    """Takes no batch before the test says so."""

    def __init__(self, models: Path, max_batch: int = 16) -> None:
        self.gate = threading.Event()
        self.batches: list[int] = []
        super().__init__(load_networks(models, max_batch), Threads(), max_batch)

    def _read_together(self, jobs: list) -> None:
        self.gate.wait(20)
        self.batches.append(len(jobs))
        super()._read_together(jobs)


class Asking(threading.Thread):
    """One visitor's frame, waiting in a thread of its own."""

    def __init__(self, recogniser: Recogniser, visitor: str, jpeg: bytes, model: str = "letters") -> None:
        super().__init__(daemon=True)
        self.arguments = recogniser, visitor, jpeg, model
        self.answer: str | None = None
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        recogniser, visitor, jpeg, model = self.arguments
        try:
            self.answer = recogniser.read(visitor, model, jpeg, mirrored=False).likeliest[0]
        except Exception as error:
            self.error = error

    def result(self) -> str | type[Exception] | None:
        self.join(20)
        assert not self.is_alive(), "the frame was never answered"
        return type(self.error) if self.error else self.answer


def wait_until(condition: object) -> None:
    deadline = threading.Event()
    for _ in range(2000):
        if condition():  # type: ignore[operator]
            return
        deadline.wait(0.01)
    raise AssertionError("it never came true")


def test_frames_that_wait_together_are_read_together_and_not_mixed_up(colour_models: Path) -> None:
    recogniser = Held(colour_models)
    recogniser.start()
    first = Asking(recogniser, "first", colour_jpeg("Z"))
    wait_until(lambda: not recogniser._waiting and first.is_alive())
    asking = {letter: Asking(recogniser, letter, colour_jpeg(letter)) for letter in "HANDSPEL"}
    digit = Asking(recogniser, "digit", colour_jpeg("7", DIGITS), "digits")
    bad = Asking(recogniser, "bad", b"no picture")
    wait_until(lambda: len(recogniser._waiting) == 10)
    recogniser.gate.set()
    assert {letter: thread.result() for letter, thread in asking.items()} == {letter: letter for letter in "HANDSPEL"}
    assert digit.result() == "7"
    assert bad.result() is FrameError
    assert sorted(recogniser.batches) == [1, 1, 9]


def test_a_batch_is_bounded(colour_models: Path) -> None:
    recogniser = Held(colour_models, max_batch=4)
    recogniser.start()
    asking = [Asking(recogniser, str(place), colour_jpeg("A")) for place in range(11)]
    recogniser.gate.set()
    assert {thread.result() for thread in asking} == {"A"}
    assert max(recogniser.batches) <= 4


def test_the_newest_frame_of_a_visitor_wins(colour_models: Path) -> None:
    recogniser = Held(colour_models)
    recogniser.start()
    first = Asking(recogniser, "me", colour_jpeg("A"))
    wait_until(lambda: not recogniser._waiting)
    older = Asking(recogniser, "me", colour_jpeg("B"))
    wait_until(lambda: len(recogniser._waiting) == 1)
    newest = Asking(recogniser, "me", colour_jpeg("C"))
    assert older.result() is SupersededError
    recogniser.gate.set()
    assert (first.result(), newest.result()) == ("A", "C")


def test_a_visitor_who_leaves_takes_the_waiting_frame_along(colour_models: Path) -> None:
    recogniser = Held(colour_models)
    recogniser.start()
    first = Asking(recogniser, "stays", colour_jpeg("A"))
    wait_until(lambda: not recogniser._waiting)
    gone = Asking(recogniser, "goes", colour_jpeg("B"))
    wait_until(lambda: len(recogniser._waiting) == 1)
    recogniser.forget("goes")
    assert gone.result() is SupersededError
    assert not recogniser._waiting
    recogniser.gate.set()
    assert first.result() == "A"

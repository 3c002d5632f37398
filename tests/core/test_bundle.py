"""Cards: a missing field is refused by name, never guessed."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from webapp.core import bundle
from webapp.core.bundle import BundleError, parse_card, read_card, write_card

CARD = {
    "format": 2,
    "name": "letters",
    "version": "1",
    "labels": ["A", "B", "nothing"],
    "input": {"size": 64, "resize": "area", "colour": "rgb", "range": [0, 255], "landmarks": True},
    "floors": {"A": 0.5, "B": 0.6, "nothing": 0.4},
    "tflite_sha256": "0",
    "check_output": [0.2, 0.3, 0.5],
}


def without(path: str) -> dict:
    card = copy.deepcopy(CARD)
    *parents, last = path.split(".")
    fields: Any = card
    for parent in parents:
        fields = fields[parent]
    del fields[last]
    return card


def test_a_whole_card_is_read() -> None:
    card = parse_card(CARD, "card.json")
    assert card.labels == ("A", "B", "nothing")
    assert card.input.size == 64
    assert card.floors["B"] == 0.6


def test_a_network_that_misses_its_landmarks_has_to_be_surer() -> None:
    card = parse_card(CARD, "card.json")
    assert card.floors_of(np.zeros(63)) == card.floors
    assert card.floors_of(None) == {"A": bundle.CROP_FLOOR, "B": 0.6, "nothing": 0.4}
    crop_only = parse_card({**CARD, "input": {**CARD["input"], "landmarks": False}}, "card.json")
    assert crop_only.floors_of(None) == crop_only.floors


@pytest.mark.parametrize(
    "path", [*CARD, "input.size", "input.resize", "input.colour", "input.range", "input.landmarks"]
)
def test_a_missing_field_is_named(path: str) -> None:
    with pytest.raises(BundleError, match=f"card.json: the field '{path}' is missing"):
        parse_card(without(path), "card.json")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"format": 1}, "format 1", id="another format"),
        pytest.param({"labels": ["A", "A", "B"]}, "different names", id="a label twice"),
        pytest.param({"labels": ["A", "B"]}, "floors", id="labels and floors disagree"),
        pytest.param({"floors": {"A": 2, "B": 0.6, "nothing": 0.4}}, "between 0 and 1", id="a floor above one"),
        pytest.param({"check_output": [0.5, 0.5]}, "2 numbers for 3 labels", id="labels and output disagree"),
        pytest.param({"input": {**CARD["input"], "range": [0, 1]}}, "prepares area, rgb", id="another scaling"),
        pytest.param({"input": {**CARD["input"], "size": 4000}}, "between 16 and 640", id="a huge input"),
        pytest.param({"input": {**CARD["input"], "landmarks": 1}}, "wrong type", id="a flag that is none"),
        pytest.param({"version": 3}, "wrong type", id="a wrong type"),
        pytest.param({"confusions": {"A": {"B": 2}}}, "shares between 0 and 1", id="a share above one"),
        pytest.param({"confusions": {"A": {"C": 0.5}}}, "name labels", id="taken for what is no label"),
    ],
)
def test_a_wrong_field_is_named(change: dict, says: str) -> None:
    with pytest.raises(BundleError, match=says):
        parse_card({**CARD, **change}, "card.json")


def test_a_card_may_not_know_what_its_signs_are_taken_for() -> None:
    assert parse_card(CARD, "card.json").often_taken_for() == {}


def test_a_card_tells_what_each_sign_is_most_often_taken_for() -> None:
    shares = {"A": {"A": 0.7, "B": 0.2, "nothing": 0.1}, "B": {"B": 1}}
    card = parse_card({**CARD, "confusions": shares}, "card.json")
    assert card.often_taken_for() == {"A": [("B", 0.2), ("nothing", 0.1)], "B": []}
    assert card.often_taken_for(most=1)["A"] == [("B", 0.2)]


def test_a_card_is_written_and_read_back(tmp_path: Path) -> None:
    (tmp_path / bundle.TFLITE_NAME).write_bytes(b"weights")
    written = write_card(tmp_path, {**CARD, "tflite_sha256": bundle.file_sha256(tmp_path / bundle.TFLITE_NAME)})
    assert read_card(tmp_path) == written


def test_a_bad_card_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(BundleError):
        write_card(tmp_path, without("labels"))
    assert not (tmp_path / bundle.CARD_NAME).exists()


def test_weights_of_another_card_are_refused(tmp_path: Path) -> None:
    (tmp_path / bundle.TFLITE_NAME).write_bytes(b"weights")
    write_card(tmp_path, CARD)
    with pytest.raises(BundleError, match="not the one that card"):
        read_card(tmp_path)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="there is no card"):
        read_card(tmp_path)
    (tmp_path / bundle.CARD_NAME).write_text("{")
    with pytest.raises(BundleError, match="not JSON"):
        read_card(tmp_path)
    write_card(tmp_path, CARD)
    with pytest.raises(BundleError, match=r"model\.tflite: the file is missing"):
        read_card(tmp_path)

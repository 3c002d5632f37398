"""The model bundle: a folder with the weights and the card that says how to use them.

The card is the one home of every decision that training and serving share: label order, input size, resizing,
colour order, the confidence each letter needs. Nothing here reads a field that is missing as a default (but for
what strangers' signs are taken for): a card that does not say is refused. This file never imports an inference runtime.
"""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FORMAT = 2
CROP_FLOOR = 0.55
"""The least floor where a network that takes landmarks gets none: then no tracker vouches for a hand, and a wall must
not be written down for a letter."""
CARD_NAME = "card.json"
TFLITE_NAME = "model.tflite"
KERAS_NAME = "model.keras"

NOTHING = "nothing"
SPACE = "space"
DELETE = "del"

# The served outputs may differ from the stored ones by this much: another processor rounds differently, and
# another file differs by far more.
CHECK_TOLERANCE = 1e-2


class BundleError(Exception):
    """A bundle that cannot be served; the message says which file, what is wrong and what mends it."""


@dataclass(frozen=True)
class InputSpec:
    """What the network is fed: a square picture, RGB, floats from 0 to 255 (scaling is a layer of the network)."""

    size: int
    """Side in pixels."""
    resize: str
    """How a picture gets to that side: "area" averages the pixels that fall together, as cv2.INTER_AREA does, where it is at
    least twice as large, and goes between them, as cv2.INTER_LINEAR does, where it is not (`frames.prepare`)."""
    colour: str = "rgb"
    range: tuple[float, float] = (0.0, 255.0)
    landmarks: bool = False
    """Whether the network has a second input, the hand's joints (`hands.landmark_row`)."""


@dataclass(frozen=True)
class Card:
    """The checked part of card.json; `raw` keeps everything, metrics and licences included."""

    name: str
    version: str
    labels: tuple[str, ...]
    input: InputSpec
    floors: dict[str, float]
    """The confidence (0..1) below which a reading of that label is not believed."""
    tflite_sha256: str
    check_output: tuple[float, ...]
    """What the network answers to `check_input(size)` and, if it takes them, to `check_landmarks()`."""
    raw: dict[str, Any] = field(repr=False)
    confusions: dict[str, dict[str, float]] = field(default_factory=dict, repr=False)
    """What each sign of strangers was read as: true label -> label read -> share, likeliest first.

    The one field that a card may lack: then nobody has measured it, and nothing depends on it but advice.
    """

    def floors_of(self, landmarks: object) -> dict[str, float]:
        """The floors for a picture that comes with `landmarks`, or with None."""
        return self._floors_of_crops if landmarks is None and self.input.landmarks else self.floors

    @cached_property
    def _floors_of_crops(self) -> dict[str, float]:
        return {label: floor if label == NOTHING else max(floor, CROP_FLOOR) for label, floor in self.floors.items()}

    def often_taken_for(self, most: int = 3) -> dict[str, list[tuple[str, float]]]:
        """For each sign that was measured, what it is most often mistaken for, with the share, likeliest first."""
        return {
            sign: [(other, share) for other, share in row.items() if other != sign][:most]
            for sign, row in self.confusions.items()
        }


def check_input(size: int) -> npt.NDArray[np.float32]:
    """The picture that every bundle stores its answer to: a drawn one, so that no photograph travels.  # (1, S, S, 3)"""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    disc = ((x - 0.5) ** 2 + (y - 0.55) ** 2 < 0.06).astype(np.float32)
    finger = ((abs(x - 0.5) < 0.07) & (y < 0.55)).astype(np.float32)
    hand = np.maximum(disc, finger)
    picture = np.stack([60 + 140 * hand, 80 + 80 * hand + 40 * y, 110 + 30 * hand + 60 * x], axis=-1)
    return picture[np.newaxis].astype(np.float32)


def check_landmarks() -> npt.NDArray[np.float32]:
    """The joints that go with `check_input`: an open hand of straight fingers.  # (63,)"""
    across, along = np.meshgrid(np.linspace(0.2, 0.8, 5), np.linspace(0.7, 0.1, 4), indexing="ij")
    joints = np.column_stack([across.ravel(), along.ravel(), np.zeros(20)])
    return np.vstack([[0.5, 0.9, 0.0], joints]).astype(np.float32).ravel()


def parse_card(raw: object, where: str) -> Card:
    """Check a card's fields and return them typed.

    Raises BundleError, whose message begins with `where`, at the first field that is missing or wrong.
    """

    def refuse(what: str) -> BundleError:
        return BundleError(f"{where}: {what}. Train or export the bundle again with training/train.py.")

    def need(fields: object, key: str, kind: type | tuple[type, ...], parent: str = "") -> Any:
        if not isinstance(fields, dict) or key not in fields:
            raise refuse(f"the field {parent + key!r} is missing")
        value = fields[key]
        if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
            raise refuse(f"the field {parent + key!r} has the wrong type, {type(value).__name__}")
        return value

    if not isinstance(raw, dict):
        raise refuse("the card is not a JSON object")
    if need(raw, "format", int) != FORMAT:
        raise refuse(f"the card has format {raw['format']}, and this program reads format {FORMAT}")
    labels = need(raw, "labels", list)
    if (
        len(labels) < 2
        or len(set(labels)) != len(labels)
        or not all(isinstance(label, str) and label for label in labels)
    ):
        raise refuse("'labels' must be two or more different names")
    fields = need(raw, "input", dict)
    spec = InputSpec(
        size=need(fields, "size", int, "input."),
        resize=need(fields, "resize", str, "input."),
        colour=need(fields, "colour", str, "input."),
        range=tuple(need(fields, "range", list, "input.")),
        landmarks=need(fields, "landmarks", bool, "input."),
    )
    if not 16 <= spec.size <= 640:
        raise refuse(f"'input.size' is {spec.size}, and must lie between 16 and 640")
    if (spec.resize, spec.colour, spec.range) != ("area", "rgb", (0, 255)):
        raise refuse(
            f"'input' asks for {spec.resize}, {spec.colour}, {spec.range}; this program prepares area, rgb, (0, 255)"
        )
    floors = need(raw, "floors", dict)
    if set(floors) != set(labels):
        raise refuse("'floors' must name every label and no other")
    if not all(isinstance(floor, int | float) and 0 <= floor <= 1 for floor in floors.values()):
        raise refuse("every floor must be a number between 0 and 1")
    check = need(raw, "check_output", list)
    if len(check) != len(labels):
        raise refuse(f"'check_output' has {len(check)} numbers for {len(labels)} labels")
    confusions = need(raw, "confusions", dict) if "confusions" in raw else {}
    for row in confusions.values():
        if not isinstance(row, dict) or not all(
            isinstance(share, int | float) and 0 <= share <= 1 for share in row.values()
        ):
            raise refuse("'confusions' must give shares between 0 and 1 for each label")
    if not {*confusions, *(name for row in confusions.values() for name in row)} <= set(labels):
        raise refuse("'confusions' must name labels and no other")
    return Card(
        name=need(raw, "name", str),
        version=need(raw, "version", str),
        labels=tuple(labels),
        input=spec,
        floors={label: float(floor) for label, floor in floors.items()},
        tflite_sha256=need(raw, "tflite_sha256", str),
        check_output=tuple(float(value) for value in check),
        raw=raw,
        confusions=confusions,
    )


def read_card(folder: Path) -> Card:
    """Read and check `folder`'s card, and that the weights beside it are the ones it describes.

    Raises BundleError.
    """
    path = folder / CARD_NAME
    if not path.is_file():
        raise BundleError(f"{path}: there is no card. Point the model folder at a bundle made by training/train.py.")
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BundleError(f"{path}: this is not JSON ({error}). Restore the file or export the bundle again.") from None
    card = parse_card(raw, str(path))
    weights = folder / TFLITE_NAME
    if not weights.is_file():
        raise BundleError(
            f"{weights}: the file is missing. Restore it or export the bundle again with training/train.py."
        )
    found = file_sha256(weights)
    if found != card.tflite_sha256:
        raise BundleError(
            f"{weights}: the file is not the one that {CARD_NAME} describes (sha256 {found[:12]}…, expected "
            f"{card.tflite_sha256[:12]}…). Restore it or export the bundle again with training/train.py."
        )
    return card


def write_card(folder: Path, raw: dict[str, Any]) -> Card:
    """Check `raw` and write it as `folder`'s card. Raises BundleError and writes nothing if it would be refused."""
    card = parse_card(raw, str(folder / CARD_NAME))
    (folder / CARD_NAME).write_text(json.dumps(raw, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return card


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

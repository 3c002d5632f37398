"""What may come in over the wire, checked field by field; docs/protocol.md tells it to the authors of clients.

This file never sees a socket: a message goes in as the codec decoded it, and a typed one or a ProtocolError comes out.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from webapp.core.refusal import RefusedError

VERSION = 1

PACES: dict[str, float] = {"slow": 1.2, "normal": 0.8, "fast": 0.5, "expert": 0.3}
"""Seconds for which a sign is held until it is committed."""

Hand = Literal["right", "left"]
Operation = Literal["space", "delete", "clear", "undo"]
Use = Literal["preferred", "only", "off"]

MOST_WORDS = 2000
"""Words of a person's own list."""
LONGEST_WORD = 40
"""Letters of a word."""

LANDMARK_NUMBERS = 63
"""x, y and z of the 21 joints, in MediaPipe's order."""
# A joint may lie a little beyond its crop, and a crop beyond its picture; ten sides away is a mistake.
FARTHEST = 10.0


class ProtocolError(RefusedError):
    """A message that cannot be used."""


@dataclass(frozen=True)
class Frame:
    """One hand crop on its way to be read, or the word that there is no hand."""

    seq: int
    t_seconds: float
    jpeg: bytes | None
    """None: no hand is in view."""
    landmarks: tuple[float, ...] | None = None
    """x, y, z of the 21 joints, x and y in fractions of the crop and z in the same scale, unmirrored.  # (63,)"""
    hand: Hand | None = None
    """Which hand the crop shows, where the sender knows; else the mode's."""
    crop: tuple[float, float, float] | None = None
    """The crop's centre x, centre y and side in units of the picture's height, unmirrored."""


def frame_seq(data: object) -> int | None:
    """The sequence number to answer with, wherever it can be read from a message that may be no good otherwise."""
    seq = data.get("seq") if isinstance(data, dict) else None
    return seq if isinstance(seq, int) and not isinstance(seq, bool) else None


def parse_frame(data: object) -> Frame:
    """Raises ProtocolError `bad_frame`."""
    if not isinstance(data, dict):
        raise _bad_frame(f"A frame is one dictionary, not {_kind(data)}.")
    missing = [name for name in ("seq", "t") if name not in data]
    if "jpeg" not in data and "nothing" not in data:
        missing.append("jpeg")
    if missing:
        raise _bad_frame(f"The frame lacks {' and '.join(missing)}.")
    seq = frame_seq(data)
    if seq is None or seq < 0:
        raise _bad_frame(f"seq must be an integer from 0 up, not {_kind(data['seq'])}.")
    t = data["t"]
    if not _is_number(t):
        raise _bad_frame(f"t must be a number of milliseconds, not {_kind(t)}.")
    t_seconds = float(t) / 1000
    jpeg = data.get("jpeg")
    nothing = data.get("nothing")
    if nothing is not None and not isinstance(nothing, bool):
        raise _bad_frame(f"nothing must be true where no hand is in view, not {_kind(nothing)}.")
    if nothing:
        if jpeg is not None:
            raise _bad_frame("A frame in which there is nothing carries no jpeg.")
        return Frame(seq, t_seconds, None)
    if not isinstance(jpeg, bytes | bytearray):
        raise _bad_frame(f"jpeg must be binary, not {_kind(jpeg)}.")
    hand: Any = data.get("hand")
    if hand is not None and hand not in get_args(Hand):
        raise _bad_frame(f"hand must be one of {', '.join(get_args(Hand))}.")
    crop = _numbers(data, "crop", 3)
    if crop is not None and crop[2] <= 0:
        raise _bad_frame("crop must have a side above 0.")
    return Frame(
        seq,
        t_seconds,
        bytes(jpeg),
        landmarks=_numbers(data, "landmarks", LANDMARK_NUMBERS),
        hand=hand,
        crop=None if crop is None else (crop[0], crop[1], crop[2]),
    )


@dataclass(frozen=True)
class Take:
    """The wish to have a word in the place of the letters that were read."""

    word: str


def parse_edit(data: object) -> Operation | Take:
    """Raises ProtocolError `bad_edit`."""
    fields = data if isinstance(data, dict) else {}
    operation = fields.get("op")
    operations: tuple[Operation, ...] = get_args(Operation)
    for known in operations:
        if operation == known:
            return known
    if operation == "take" and isinstance(fields.get("word"), str):
        return Take(fields["word"])
    raise ProtocolError("bad_edit", f"Send {{op: one of {', '.join(operations)}}}, or {{op: take, word: text}}.")


@dataclass(frozen=True)
class OwnWords:
    """A person's own list of words and what it is for."""

    words: tuple[str, ...] = ()
    use: Use = "off"


def parse_vocabulary(data: object) -> OwnWords:
    """Words come out in capitals, each once. Raises ProtocolError `bad_vocabulary`."""

    def refuse(message: str) -> ProtocolError:
        return ProtocolError("bad_vocabulary", message)

    if not isinstance(data, dict):
        raise refuse(f"A vocabulary is one dictionary, not {_kind(data)}.")
    words = data.get("words", [])
    use: Any = data.get("use")
    if use not in get_args(Use):
        raise refuse(f"use must be one of {', '.join(get_args(Use))}.")
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise refuse("words must be a list of texts.")
    if len(words) > MOST_WORDS:
        raise refuse(f"The list has {len(words):,} words, and may have {MOST_WORDS:,}.")
    for number, word in enumerate(words, 1):
        if not (word.isascii() and word.isalpha() and len(word) <= LONGEST_WORD):
            raise refuse(f"Word {number} of the list must be 1 to {LONGEST_WORD} letters, A to Z alone.")
    if use == "only" and not words:
        raise refuse("To read only the words of a list, it must have one.")
    return OwnWords(tuple(dict.fromkeys(word.upper() for word in words)), use)


@dataclass(frozen=True)
class Mode:
    """The settings that a visitor may change."""

    model: str
    pace: str = "normal"
    hand: Hand = "right"

    @property
    def hold_seconds(self) -> float:
        return PACES[self.pace]


def parse_mode(data: object, current: Mode, models: tuple[str, ...]) -> Mode:
    """`current` with the fields that `data` names changed; unknown fields are ignored. Raises ProtocolError `bad_mode`."""

    def refuse(name: str, choices: tuple[str, ...]) -> ProtocolError:
        return ProtocolError("bad_mode", f"{name} must be one of {', '.join(choices)}.")

    if not isinstance(data, dict):
        raise ProtocolError("bad_mode", f"A mode is one dictionary, not {_kind(data)}.")
    model: Any = data.get("model", current.model)
    pace: Any = data.get("pace", current.pace)
    hand: Any = data.get("hand", current.hand)
    if model not in models:
        raise refuse("model", models)
    if _is_number(pace):
        pace = next((name for name, seconds in PACES.items() if math.isclose(seconds, pace)), None)
    if not isinstance(pace, str) or pace not in PACES:
        raise refuse("pace", tuple(f"{name} ({seconds} s)" for name, seconds in PACES.items()))
    if hand not in get_args(Hand):
        raise refuse("hand", get_args(Hand))
    return Mode(model, pace, hand)


@dataclass(frozen=True)
class PictureWishes:
    """How the pictures of one `POST /api/predict` are to be read."""

    model: str
    hand: Hand | None = None
    """Which hand they show; None leaves it to the tracker."""
    cropped: bool = False
    """Whether they are crops already, as `frame` carries them, in which no hand is looked for."""
    landmarks: tuple[float, ...] | None = None
    """As `Frame.landmarks`, for a crop.  # (63,)"""


def parse_picture_wishes(fields: Mapping[str, str], models: tuple[str, ...]) -> PictureWishes:
    """From a form's fields, all of which may be missing or empty. Raises ProtocolError `unknown_model` or `bad_field`."""
    model = fields.get("model") or ("letters" if "letters" in models else models[0])
    if model not in models:
        raise ProtocolError("unknown_model", f"model must be one of {', '.join(models)}.")
    hand: Any = fields.get("hand") or None
    if hand is not None and hand not in get_args(Hand):
        raise _bad_field(f"hand must be one of {', '.join(get_args(Hand))}, or be left out.")
    cropped = fields.get("cropped") or "false"
    if cropped not in ("true", "false"):
        raise _bad_field("cropped must be true or false.")
    landmarks = _numbers(
        {"landmarks": _json(fields.get("landmarks") or "null")}, "landmarks", LANDMARK_NUMBERS, _bad_field
    )
    return PictureWishes(model, hand, cropped == "true" or landmarks is not None, landmarks)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _bad_field(what: str) -> ProtocolError:
    return ProtocolError("bad_field", what)


def _bad_frame(what: str) -> ProtocolError:
    return ProtocolError("bad_frame", f"{what} Send {{seq: integer, t: milliseconds, jpeg: bytes}}.")


def _numbers(
    data: dict[str, Any], name: str, count: int, refuse: Callable[[str], ProtocolError] = _bad_frame
) -> tuple[float, ...] | None:
    """The optional field `name`: so many numbers, none farther from 0 than FARTHEST.  # (count,)"""
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != count:
        found = f"a list of {len(value)}" if isinstance(value, list) else _kind(value)
        raise refuse(f"{name} must be a list of {count} numbers, not {found}.")
    if not _are_within_reach(value):
        raise refuse(f"{name} must hold numbers from {-FARTHEST:g} to {FARTHEST:g} only.")
    return tuple(map(float, value))


def _are_within_reach(values: list[Any]) -> bool:
    """Whether they are numbers, at least one, none farther from 0 than FARTHEST; without a call for each of them."""
    if not {*map(type, values)} <= {int, float}:
        return False
    # What is not a number compares with nothing, so that it may hide from `min` and `max`, but not from a sum.
    return bool(min(values) >= -FARTHEST and max(values) <= FARTHEST and math.isfinite(sum(values)))


def _is_number(value: object) -> bool:
    """Whether `value` is a finite number that a float can hold."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer too large for a float
        return False


def _kind(value: object) -> str:
    """How a value is named in a sentence; never its content, which may be long or private."""
    names = {type(None): "null", str: "text", bool: "true or false", dict: "a dictionary", list: "a list"}
    return names.get(type(value), type(value).__name__)

"""What may come in over the wire, checked field by field; docs/protocol.md tells it to the authors of clients.

This file never sees a socket: a message goes in as the codec decoded it, and a typed one or a ProtocolError comes out.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

VERSION = 1

PACES: dict[str, float] = {"slow": 1.2, "normal": 0.8, "fast": 0.5, "expert": 0.3}
"""Seconds for which a sign is held until it is committed."""

Hand = Literal["right", "left"]
Operation = Literal["space", "delete", "clear", "undo"]


class ProtocolError(Exception):
    """A message that cannot be used: a short code for programs, a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Frame:
    """One hand crop on its way to be read."""

    seq: int
    t_seconds: float
    jpeg: bytes


def error_reply(code: str, message: str) -> dict[str, dict[str, str]]:
    """The shape that every refused message is answered with."""
    return {"error": {"code": code, "message": message}}


def frame_seq(data: object) -> int | None:
    """The sequence number to answer with, wherever it can be read from a message that may be no good otherwise."""
    seq = data.get("seq") if isinstance(data, dict) else None
    return seq if isinstance(seq, int) and not isinstance(seq, bool) else None


def parse_frame(data: object) -> Frame:
    """Raises ProtocolError `bad_frame`."""

    def refuse(what: str) -> ProtocolError:
        return ProtocolError("bad_frame", f"{what} Send {{seq: integer, t: milliseconds, jpeg: bytes}}.")

    if not isinstance(data, dict):
        raise refuse(f"A frame is one dictionary, not {_kind(data)}.")
    missing = [name for name in ("seq", "t", "jpeg") if name not in data]
    if missing:
        raise refuse(f"The frame lacks {' and '.join(missing)}.")
    seq = frame_seq(data)
    if seq is None or seq < 0:
        raise refuse(f"seq must be an integer from 0 up, not {_kind(data['seq'])}.")
    t = data["t"]
    if not isinstance(t, int | float) or isinstance(t, bool) or not _finite(t):
        raise refuse(f"t must be a number of milliseconds, not {_kind(t)}.")
    jpeg = data["jpeg"]
    if not isinstance(jpeg, bytes | bytearray):
        raise refuse(f"jpeg must be binary, not {_kind(jpeg)}.")
    return Frame(seq, float(t) / 1000, bytes(jpeg))


def parse_edit(data: object) -> Operation:
    """Raises ProtocolError `bad_edit`."""
    operation = data.get("op") if isinstance(data, dict) else None
    operations: tuple[Operation, ...] = get_args(Operation)
    for known in operations:
        if operation == known:
            return known
    raise ProtocolError("bad_edit", f"Send {{op: one of {', '.join(operations)}}}.")


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
    if isinstance(pace, int | float) and not isinstance(pace, bool):
        pace = next((name for name, seconds in PACES.items() if math.isclose(seconds, pace)), None)
    if not isinstance(pace, str) or pace not in PACES:
        raise refuse("pace", tuple(f"{name} ({seconds} s)" for name, seconds in PACES.items()))
    if hand not in get_args(Hand):
        raise refuse("hand", get_args(Hand))
    return Mode(model, pace, hand)


def _finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer too large for a float
        return False


def _kind(value: object) -> str:
    """How a value is named in a sentence; never its content, which may be long or private."""
    names = {type(None): "null", str: "text", bool: "true or false", dict: "a dictionary", list: "a list"}
    return names.get(type(value), type(value).__name__)

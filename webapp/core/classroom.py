"""A class and its pupils: who is in it, what each has spelled, and what the teacher has chosen to show.

This file never sees a socket, a clock or a random number: times are arguments, in seconds of the wall clock, because a class
outlives the server that opened it, and secrets are made by the caller.
"""

import hashlib
import hmac
import unicodedata
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from webapp.core import lesson
from webapp.core.lesson import Attempt, LessonError, Record, Task

CODE_ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
"""No two of these are mistaken for each other on a projector or when read out to a class: no 0, 1, 2, 5, 8, B, I, L, O, S, Z."""
CODE_LENGTH = 6

MOST_PUPILS = 60
NAME_LENGTH = 24
# A letter with a stack of accents taller than this is no name, and reaches into its neighbours' tiles.
MOST_MARKS = 2


class ClassError(Exception):
    """What cannot be done in a class: a short code for programs, a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Class:
    """One class: what its board shows is the teacher's choice, and holds for every board of it."""

    code: str
    created: float
    expires: float
    names_hidden: bool = False
    frozen: bool = False
    """The board stands still; the teacher's page does not."""
    locked: bool = False
    """Nobody else can join; who is in it already still comes back."""
    spotlight: str | None = None
    """The id of the pupil who alone is shown; everybody is where that one has left."""
    task: Task | None = None
    """What is being spelled now."""
    tasks: int = 0
    """How many tasks there have been."""
    hints: bool = False
    """Whether the drawn hand appears to those who take long over a letter."""
    demo: bool = False
    """Whether its first pupils are simulated; their server moves them."""


@dataclass(frozen=True)
class Pupil:
    """One pupil of a class, as kept: everything that a restart must bring back."""

    id: str
    secret_hash: str
    """SHA-256, in hexadecimal, of the secret that only the pupil's own browser holds; empty where there is none."""
    seat: int
    """Counts from 1 in the order of joining: the place on the board, and what stands there while names are hidden."""
    name: str
    joined: float
    text: str = ""
    attempt: Attempt | None = None
    """At the last task that anything was written for."""
    record: Record = field(default_factory=Record)

    @property
    def simulated(self) -> bool:
        """Whether nobody is this pupil: no secret is theirs."""
        return not self.secret_hash

    def owns(self, secret: str) -> bool:
        """Whether `secret` is this pupil's; takes as long for a near miss as for a wild guess."""
        return hmac.compare_digest(self.secret_hash, hash_of(secret))


def hash_of(secret: str) -> str:
    """SHA-256 in hexadecimal: a secret of 256 random bits needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def code_from(choices: list[int]) -> str:
    """The class code that `choices`, CODE_LENGTH indices into CODE_ALPHABET, stand for."""
    return "".join(CODE_ALPHABET[choice] for choice in choices)


def clean_code(text: object) -> str:
    """A code as people write it (small letters, spaces, hyphens), as we do. Raises ClassError `no_class`."""
    code = "".join(text.upper().replace("-", " ").split()) if isinstance(text, str) and len(text) < 40 else ""
    if len(code) != CODE_LENGTH or not set(code) <= set(CODE_ALPHABET):
        raise no_class()
    return code


def no_class() -> ClassError:
    """What is said of every code that opens nothing, whether it is wrong, over or never was: a guess learns nothing."""
    return ClassError("no_class", "No class has this code. Look at the board again, or ask your teacher.")


def clean_name(text: object) -> str:
    """A name as it may stand on a board: one line, bounded, without what cannot be seen. Raises ClassError `bad_name`."""
    if not isinstance(text, str):
        raise _bad_name()
    shown: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFC", text[: 20 * NAME_LENGTH]):
        kind = unicodedata.category(letter)
        marks = marks + 1 if kind.startswith("M") else 0
        if kind.startswith("Z") or letter in "\t\n\r":
            shown.append(" ")
        elif not kind.startswith("C") and marks <= MOST_MARKS:
            shown.append(letter)
    name = " ".join("".join(shown).split())[:NAME_LENGTH].strip()
    if not any(letter.isalnum() for letter in name):
        raise _bad_name()
    return name


def _bad_name() -> ClassError:
    return ClassError("bad_name", f"Write a name with at least one letter; up to {NAME_LENGTH} are shown.")


def free_name(wanted: str, taken: list[str]) -> str:
    """`wanted`, or with a number behind it where somebody has that name already: two Mias are told apart."""
    used = {name.casefold() for name in taken}
    name, number = wanted, 1
    while name.casefold() in used:
        number += 1
        name = f"{wanted[: NAME_LENGTH - len(str(number)) - 1]} {number}"
    return name


def join(one: Class, pupils: list[Pupil], name: object, pupil_id: str, secret: str | None, now: float) -> Pupil:
    """A new pupil beside `pupils`; simulated where there is no secret. Raises ClassError `bad_name`, `class_locked` or `class_full`."""
    cleaned = clean_name(name)
    if one.locked:
        raise ClassError("class_locked", "This class is closed to newcomers. Ask your teacher to let you in.")
    if len(pupils) >= MOST_PUPILS:
        raise ClassError("class_full", f"This class is full: it has {MOST_PUPILS} pupils. Ask your teacher.")
    seat = max((pupil.seat for pupil in pupils), default=0) + 1
    secret_hash = hash_of(secret) if secret else ""
    return Pupil(pupil_id, secret_hash, seat, free_name(cleaned, [pupil.name for pupil in pupils]), now)


def rename(pupils: list[Pupil], pupil: Pupil, name: object) -> Pupil:
    """`pupil` under another name. Raises ClassError `bad_name`."""
    others = [other.name for other in pupils if other.id != pupil.id]
    return replace(pupil, name=free_name(clean_name(name), others))


def change(one: Class, pupils: list[Pupil], wanted: object) -> Class:
    """`one` with the choices that `wanted` names; other fields are ignored. Raises ClassError `bad_setting`."""
    if not isinstance(wanted, dict):
        raise ClassError("bad_setting", "Send a dictionary of settings.")
    changes: dict[str, Any] = {}
    for name in ("names_hidden", "frozen", "locked", "hints"):
        if name in wanted:
            if not isinstance(wanted[name], bool):
                raise ClassError("bad_setting", f"{name} must be true or false.")
            changes[name] = wanted[name]
    if "spotlight" in wanted:
        if wanted["spotlight"] is not None and wanted["spotlight"] not in [pupil.id for pupil in pupils]:
            raise ClassError("bad_setting", "spotlight must be the id of a pupil of this class, or null.")
        changes["spotlight"] = wanted["spotlight"]
    return replace(one, **changes)


def set_task(one: Class, asked: dict[str, Any], now: float) -> Class:
    """`one` with the task that `asked` describes. Raises ClassError `bad_task`."""
    try:
        task = lesson.task_from(asked, one.tasks + 1, now)
    except LessonError as error:
        raise ClassError("bad_task", str(error)) from None
    return replace(one, task=task, tasks=task.number)


def attempt_of(one: Class, pupil: Pupil) -> Attempt | None:
    """How far a pupil is with the present task; None without one."""
    return lesson.attempt_at(one.task, pupil.name, pupil.attempt, pupil.joined) if one.task else None


def told_pupil(one: Class, pupil: Pupil, now: float) -> dict[str, Any]:
    """What a pupil's page is told of the class."""
    attempt = attempt_of(one, pupil)
    task = None
    if one.task and attempt:
        seconds = None if attempt.finished is None else attempt.finished - one.task.begun
        task = {
            "number": one.task.number,
            "target": attempt.target,
            "done": attempt.done,
            "due_seconds": max(0.0, now - attempt.since),
            "seconds": seconds,
            "hints": one.hints,
        }
    return {"code": one.code, "name": pupil.name, "task": task}


@dataclass(frozen=True)
class Live:
    """What one pupil's hand shows now; told to the board many times a second and kept nowhere."""

    connected: bool = False
    sign: str | None = None
    progress: float = 0.0


NOBODY = Live()
BOARD_TEXT_LENGTH = 80


def tile(one: Class, pupil: Pupil, live: Live) -> dict[str, Any]:
    """What the board is told of a pupil: only the end of the text, which is all that it has room for."""
    attempt = attempt_of(one, pupil)
    return {
        "id": pupil.id,
        "seat": pupil.seat,
        "name": pupil.name,
        "text": pupil.text[-BOARD_TEXT_LENGTH:],
        "task": lesson.shown_to_board(attempt) if attempt and attempt.target else None,
        **asdict(live),
    }


def settings_of(one: Class) -> dict[str, Any]:
    """What the board is told of its class."""
    shown = asdict(one)
    del shown["created"]
    return shown


@dataclass
class Allowance:
    """So many tries at once for each key, and then one more every `seconds_each`: a token bucket for each.

    No more than `MOST_KEYS` are remembered; the one that has been quiet for longest is forgotten first.
    """

    at_once: int
    seconds_each: float
    _due: dict[str, float] = field(default_factory=dict)
    """Key -> when all its tries will have been earned back, the most recently used last."""

    MOST_KEYS = 10_000

    def wait_seconds(self, key: str, now: float) -> float:
        """How long until `key` may try again; 0 where it may now."""
        return max(0.0, self._due.get(key, now) - now - (self.at_once - 1) * self.seconds_each)

    def spend(self, key: str, now: float) -> None:
        """Count one try of `key`."""
        self._due[key] = max(self._due.pop(key, now), now) + self.seconds_each
        while len(self._due) > self.MOST_KEYS:
            del self._due[next(iter(self._due))]


def to_json(kept: Class | Pupil) -> dict[str, Any]:
    """As it is kept."""
    return asdict(kept)


def class_from_json(raw: dict[str, Any]) -> Class:
    """Raises TypeError where a field is missing; one that only a newer version knows is passed over."""
    known = {name: raw[name] for name in _names(Class) if name in raw}
    return Class(**{**known, "task": lesson.task_from_json(raw.get("task"))})


def pupil_from_json(raw: dict[str, Any]) -> Pupil:
    """Raises TypeError where a field is missing; one that only a newer version knows is passed over."""
    known = {name: raw[name] for name in _names(Pupil) if name in raw}
    attempt, record = lesson.attempt_from_json(raw.get("attempt")), lesson.record_from_json(raw.get("record"))
    return Pupil(**{**known, "attempt": attempt, "record": record})


def _names(kind: type[Class] | type[Pupil]) -> list[str]:
    return [one.name for one in fields(kind)]

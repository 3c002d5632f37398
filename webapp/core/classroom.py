"""A class and its pupils: who is in it, what each has spelled, and what the teacher has chosen to show.

This file never sees a socket, a clock or a random number: times are arguments, in seconds of the wall clock, because a class
outlives the server that opened it, and secrets are made by the caller.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from webapp.core import contest, lesson
from webapp.core.contest import Baton, Contest, Team
from webapp.core.lesson import Attempt, LessonError, Record, Task
from webapp.core.refusal import RefusedError

CODE_ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
"""No two of these are mistaken for each other on a projector or when read out to a class: no 0, 1, 2, 5, 8, B, I, L, O, S, Z."""
CODE_LENGTH = 6

MOST_PUPILS = 60
NAME_LENGTH = 24
# A letter with a stack of accents taller than this is no name, and reaches into its neighbours' tiles.
MOST_MARKS = 2


class ClassError(RefusedError):
    """What cannot be done in a class."""


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
    contest: Contest | None = None
    """The race or relay that the task is a round of."""
    kept_as: str = ""
    """The class's name under which it is kept how the tasks went; empty, as it begins, where nothing is."""

    @property
    def lesson_id(self) -> str:
        """What this lesson is known by where it is kept: a code may come again, a moment does not."""
        return f"{self.code}-{self.created:.0f}"


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
    seat = _last_seat(pupils) + 1
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


@dataclass(frozen=True)
class Standings:
    """How a race or a relay stands."""

    places: Mapping[str, int]
    """Who has come in as which, by pupil's id or team's name."""
    teams: tuple[Team, ...] = ()
    """Of a relay."""

    def team_of(self, pupil_id: str) -> Team | None:
        return next((team for team in self.teams if pupil_id in team.order), None)


def standings_of(one: Class, pupils: Sequence[Pupil], batons: Mapping[str, Baton]) -> Standings | None:
    """None where everybody spells for themselves."""
    if one.task is None or one.contest is None:
        return None
    if one.contest.mode == "relay":
        seats = {pupil.id: pupil.seat for pupil in pupils}
        teams = contest.teams_of(one.contest, one.task, seats, batons)
        return Standings(contest.places({team.name: team.baton.finished for team in teams}), teams)
    attempts = {pupil.id: attempt_of(one, pupil) for pupil in pupils}
    return Standings(contest.places({key: attempt.finished for key, attempt in attempts.items() if attempt}))


def set_task(
    one: Class, pupils: Sequence[Pupil], standings: Standings | None, asked: dict[str, Any], now: float
) -> Class:
    """`one` with the task that `asked` describes, or with the first round of a race or relay. Raises ClassError `bad_task`."""
    try:
        task = lesson.task_from(asked, one.tasks + 1, now)
        wanted = contest.contest_from(asked, task, [pupil.id for pupil in pupils], _last_seat(pupils))
    except LessonError as error:
        raise ClassError("bad_task", str(error)) from None
    if wanted:
        return _next_round(one, standings, wanted, task.words[0], now)
    return replace(one, task=task, tasks=task.number, contest=None)


def next_round(one: Class, standings: Standings | None, now: float) -> Class:
    """`one` with the next word of its race or relay. Raises ClassError `bad_task`."""
    if one.contest is None or not one.contest.coming:
        raise ClassError("bad_task", "The list is done. Send other words.")
    word, *coming = one.contest.coming
    return _next_round(one, standings, replace(one.contest, coming=tuple(coming)), word, now)


def shuffle(one: Class, pupils: Sequence[Pupil], now: float) -> Class:
    """`one` with new teams, `pupils` dealt as they come, which begin with the present word. Raises ClassError `bad_task`."""
    if one.task is None or one.contest is None or one.contest.mode != "relay":
        raise ClassError("bad_task", "There are no teams now. Begin a relay first.")
    dealt = contest.reshuffled(one.contest, [pupil.id for pupil in pupils], _last_seat(pupils))
    return _with_round(one, dealt, one.task.words[0], now)


def _next_round(one: Class, standings: Standings | None, wanted: Contest, word: str, now: float) -> Class:
    if one.contest and one.task and standings:
        wanted = contest.follow(one.contest, standings.places, len(one.task.words[0]), wanted)
    return _with_round(one, wanted, word, now)


def _with_round(one: Class, wanted: Contest, word: str, now: float) -> Class:
    task = Task(one.tasks + 1, "words", (word,), now + contest.COUNTDOWN_SECONDS)
    return replace(one, task=task, tasks=task.number, contest=wanted)


def _last_seat(pupils: Sequence[Pupil]) -> int:
    return max((pupil.seat for pupil in pupils), default=0)


def attempt_of(one: Class, pupil: Pupil) -> Attempt | None:
    """How far a pupil is with the present task; None without one."""
    return lesson.attempt_at(one.task, pupil.name, pupil.attempt, pupil.joined) if one.task else None


def told_pupil(one: Class, pupil: Pupil, standings: Standings | None, now: float) -> dict[str, Any]:
    """What a pupil's page is told of the class."""
    return {
        "code": one.code,
        "name": pupil.name,
        "task": _told_task(one, pupil, standings, now),
        "kept": one.kept_as != "",
    }


def _told_task(one: Class, pupil: Pupil, standings: Standings | None, now: float) -> dict[str, Any] | None:
    team = standings.team_of(pupil.id) if standings else None
    attempt = contest.attempt_of(team, one.task) if team and one.task else attempt_of(one, pupil)
    if one.task is None or attempt is None:
        return None
    turn = contest.turn_of(team, pupil.id, one.task) if team else "on"
    told = {
        "number": one.task.number,
        "target": attempt.target,
        "done": attempt.done,
        "due": attempt.due if turn == "on" and now >= one.task.begun else None,
        "due_seconds": max(0.0, now - attempt.since),
        "starts_seconds": max(0.0, one.task.begun - now),
        "seconds": None if attempt.finished is None else attempt.finished - one.task.begun,
        "hints": one.hints,
        "contest": None,
    }
    if one.contest and standings:
        told["contest"] = {
            "mode": one.contest.mode,
            "round": one.contest.round,
            "place": standings.places.get(team.name if team else pupil.id),
            "team": team.name if team else None,
            "turn": turn,
        }
    return told


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
    in_team = one.contest is not None and one.contest.mode == "relay"
    attempt = None if in_team else attempt_of(one, pupil)
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
    del shown["created"], shown["contest"]  # how that stands is told beside it
    return shown


def shown_to_board(one: Class, pupils: Sequence[Pupil], standings: Standings | None) -> dict[str, Any] | None:
    """What a board is told of a race or a relay; None where everybody spells for themselves."""
    if one.task is None or one.contest is None or standings is None:
        return None
    winners = {pupil.id for pupil in pupils} | {team.name for team in standings.teams}  # who has left has won nothing
    wins = contest.wins_with(one.contest, standings.places)
    return {
        "mode": one.contest.mode,
        "round": one.contest.round,
        "coming": one.contest.coming,
        "places": standings.places,
        "wins": {key: count for key, count in wins.items() if key in winners},
        "teams": [_shown_team(team, one.task) for team in standings.teams],
    }


def _shown_team(team: Team, task: Task) -> dict[str, Any]:
    on = team.baton.finished is None
    return {
        "name": team.name,
        "members": team.order,
        "done": team.baton.done,
        "on": team.baton.holder if on else None,
        "next": team.next if on and team.baton.done + 1 < len(task.words[0]) else None,
        "since": team.baton.since,
        "finished": team.baton.finished,
    }


@dataclass
class Allowance:
    """So many tries at once for each key, and then one more every `seconds_each`: a token bucket for each.

    No more than `MOST_KEYS` are remembered; the one that has been quiet for longest is forgotten first.
    """

    at_once: int
    seconds_each: float
    _due: dict[str, float] = field(default_factory=dict)
    """Key -> when all its tries will have been earned back, the most recently used last."""

    MOST_KEYS = 100_000

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
    held = contest.contest_from_json(raw.get("contest"))
    return Class(**{**known, "task": lesson.task_from_json(raw.get("task")), "contest": held})


def pupil_from_json(raw: dict[str, Any]) -> Pupil:
    """Raises TypeError where a field is missing; one that only a newer version knows is passed over."""
    known = {name: raw[name] for name in _names(Pupil) if name in raw}
    attempt, record = lesson.attempt_from_json(raw.get("attempt")), lesson.record_from_json(raw.get("record"))
    return Pupil(**{**known, "attempt": attempt, "record": record})


def _names(kind: type[Class] | type[Pupil]) -> list[str]:
    return [one.name for one in fields(kind)]

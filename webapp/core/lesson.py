"""Tasks of a class: what the teacher asks for, how far each pupil has come with it, and what was hard on the way.

A wrong letter holds nobody up: the letter that is due simply stays due, and the slip is counted. Many slips are the reader's
and not the pupil's, and whoever deletes them loses nothing. Only what is written one letter at a time counts: a likely word
that was tapped is not spelled. This file never sees a socket or a clock: times are arguments, in seconds of the wall clock.
"""

import os
import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any, Literal

SIGNS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
MOST_WORDS = 30
WORD_LENGTH = 30
LONGEST_LIST = 4000
# So many letters back a deletion is followed; nobody deletes further.
TRAIL_LENGTH = 100
MOST_ROUNDS = 60
# Somebody who was away so long was not busy with one letter.
LONGEST_SECONDS = 120.0

# Letters that Unicode does not take apart, as they are spelled by hand.
_SPELLED = {"Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "ẞ": "SS"}

Kind = Literal["words", "name"]


class LessonError(ValueError):
    """A task that cannot be set; the message says what to do."""


@dataclass(frozen=True)
class Task:
    """What a class is asked to spell."""

    number: int
    """Counts the tasks of a class from 1; the report calls them rounds."""
    kind: Kind
    words: tuple[str, ...]
    """In capitals of the manual alphabet, one after the other; none where everybody spells their own name."""
    begun: float

    def target_for(self, name: str) -> str:
        """What a pupil of this name spells: words with single spaces between them; empty where nothing can be spelled."""
        return " ".join(self.words) if self.kind == "words" else " ".join(words_in(name))


@dataclass(frozen=True)
class Attempt:
    """How far one pupil has come with one task."""

    task: int
    target: str
    since: float
    """When the letter that is due fell due."""
    done: int = 0
    """How many characters of `target` are done; never points at a space."""
    trail: str = ""
    """What became of the last characters written: + spelled, x a slip, . neither."""
    slips: int = 0
    slipped: bool = False
    """Whether something else was written in the place of the letter that is due."""
    finished: float | None = None

    @property
    def due(self) -> str | None:
        """The letter that is due."""
        return self.target[self.done] if self.done < len(self.target) else None


@dataclass(frozen=True)
class LetterRecord:
    """What became of one letter of the alphabet, each time that it was due."""

    spelled: int = 0
    clean: int = 0
    """Of these, without a slip before it."""
    seconds: float = 0.0
    """All times from falling due to being written, together."""
    taken_for: dict[str, int] = field(default_factory=dict)
    """What was written in its place, and how often."""

    @property
    def slips(self) -> int:
        return sum(self.taken_for.values())


@dataclass(frozen=True)
class Round:
    """One pupil's part in one task."""

    task: int
    target: str
    done: int = 0
    """Letters, without spaces."""
    slips: int = 0
    seconds: float = 0.0
    """From falling due to being written, all letters together."""
    finished: bool = False


@dataclass(frozen=True)
class Record:
    """All that is remembered of one pupil's tasks; bounded by the alphabet and by MOST_ROUNDS."""

    letters: dict[str, LetterRecord] = field(default_factory=dict)
    rounds: tuple[Round, ...] = ()


def words_in(text: str) -> tuple[str, ...]:
    """The words of a text as they are spelled by hand: no case, no accents, nothing but letters and digits."""
    upper = "".join(_SPELLED.get(letter, letter) for letter in text.upper())
    words = re.split(r"[\s,;/]+", unicodedata.normalize("NFKD", upper))
    kept = ("".join(letter for letter in word if letter in SIGNS) for word in words)
    return tuple(word for word in kept if word)


def task_from(asked: dict[str, Any], number: int, now: float) -> Task:
    """The task that a teacher asks for: `words` in a text, or `name`: true. Raises LessonError."""
    if asked.get("name") is True:
        return Task(number, "name", (), now)
    text = asked.get("words")
    if not isinstance(text, str) or not text.strip():
        raise LessonError("Write a letter, a word, or a list of words.")
    if len(text) > LONGEST_LIST:
        raise LessonError(f"This is too long for one task. Send up to {MOST_WORDS} words.")
    words = words_in(text)
    if not words:
        raise LessonError("None of this can be spelled with the manual alphabet. Use the letters A to Z, or digits.")
    if len(words) > MOST_WORDS:
        raise LessonError(f"These are {len(words)} words. Send up to {MOST_WORDS}, and the others afterwards.")
    if any(len(word) > WORD_LENGTH for word in words):
        raise LessonError(f"A word has more than {WORD_LENGTH} letters. Put spaces between the words.")
    return Task(number, "words", words, now)


def attempt_at(task: Task, name: str, before: Attempt | None, joined: float) -> Attempt:
    """What a pupil has done of `task`: `before`, if that was of this task, else nothing yet."""
    if before and before.task == task.number:
        return before
    return Attempt(task.number, task.target_for(name), max(task.begun, joined))


def wrote(attempt: Attempt, record: Record, before: str, after: str, now: float) -> tuple[Attempt, Record]:
    """Take in that a pupil's text has changed from `before` to `after`."""
    if attempt.finished is not None or not attempt.target:
        return attempt, record
    kept = len(os.path.commonprefix([before, after]))
    for _ in before[kept:]:
        attempt = _deleted(attempt, now)
    added = after[kept:]
    if len(added) != 1:  # a likely word was taken, or something was undone: nobody spelled that
        return replace(attempt, trail=(attempt.trail + "." * len(added))[-TRAIL_LENGTH:]), record
    return _written(attempt, record, added, now)


def _deleted(attempt: Attempt, now: float) -> Attempt:
    mark, trail = attempt.trail[-1:], attempt.trail[:-1]
    if mark != "+":
        return replace(attempt, trail=trail)
    done = attempt.done - 1
    if attempt.target[done] == " ":
        done -= 1
    return replace(attempt, trail=trail, done=done, since=now, slipped=False)


def _written(attempt: Attempt, record: Record, letter: str, now: float) -> tuple[Attempt, Record]:
    due = attempt.due
    assert due is not None  # else it had been finished
    repeated = attempt.trail.endswith("+") and letter == attempt.target[: attempt.done].rstrip()[-1:]
    mark = "+" if letter == due else "x" if letter in SIGNS and not repeated else "."
    trail = (attempt.trail + mark)[-TRAIL_LENGTH:]
    if mark == ".":  # a space, or a letter that was held into the next
        return replace(attempt, trail=trail), record
    known = record.letters.get(due, LetterRecord())
    if mark == "x":
        taken_for = {**known.taken_for, letter: known.taken_for.get(letter, 0) + 1}
        attempt = replace(attempt, trail=trail, slips=attempt.slips + 1, slipped=True)
        return attempt, _noted(record, attempt, due, replace(known, taken_for=taken_for), 0.0)
    seconds = min(LONGEST_SECONDS, max(0.0, now - attempt.since))
    clean = known.clean + (not attempt.slipped)
    known = replace(known, spelled=known.spelled + 1, clean=clean, seconds=round(known.seconds + seconds, 2))
    done = attempt.done + 1
    if attempt.target[done : done + 1] == " ":
        done += 1
    finished = now if done == len(attempt.target) else None
    attempt = replace(attempt, trail=trail, done=done, since=now, slipped=False, finished=finished)
    return attempt, _noted(record, attempt, due, known, seconds)


def _noted(record: Record, attempt: Attempt, due: str, known: LetterRecord, seconds: float) -> Record:
    last = record.rounds[-1] if record.rounds else None
    others = record.rounds[:-1] if last and last.task == attempt.task else record.rounds
    before = last.seconds if last and last.task == attempt.task else 0.0
    done = len(attempt.target[: attempt.done].replace(" ", ""))
    finished = attempt.finished is not None
    now = Round(attempt.task, attempt.target, done, attempt.slips, round(before + seconds, 2), finished)
    return Record({**record.letters, due: known}, (*others, now)[-MOST_ROUNDS:])


def shown_to_board(attempt: Attempt) -> dict[str, Any]:
    """What a board is told of an attempt: the word that is being spelled, and how much of it is done."""
    words = attempt.target.split(" ")
    place = attempt.target[: attempt.done].count(" ")
    return {
        "word": words[place],
        "done": attempt.done - sum(len(word) + 1 for word in words[:place]),
        "words_done": len(words) if attempt.finished is not None else place,
        "words": len(words),
        "since": attempt.since,
        "slips": attempt.slips,
        "finished": attempt.finished,
    }


def task_from_json(raw: dict[str, Any] | None) -> Task | None:
    """A task as it is kept."""
    return Task(**{**raw, "words": tuple(raw["words"])}) if raw else None


def attempt_from_json(raw: dict[str, Any] | None) -> Attempt | None:
    """An attempt as it is kept."""
    return Attempt(**raw) if raw else None


def record_from_json(raw: dict[str, Any] | None) -> Record:
    """A record as it is kept."""
    if not raw:
        return Record()
    letters = {letter: LetterRecord(**known) for letter, known in raw["letters"].items()}
    return Record(letters, tuple(Round(**one) for one in raw["rounds"]))

"""The open classes of this server: who is in them, what their hands show now, and what their boards have not been told yet.

This file never sees a socket or a request. What must survive a restart goes to the store; what a hand shows on its way to a
letter stays here and goes to the boards that are being watched, all changes of a moment in one message.

Several servers tell each other only what has changed. Each then reads how things stand and tells its own pages and boards, one
after the other: whatever is told last is true, and who has missed something is told everything.
"""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from webapp.class_store import Change, ClassStore
from webapp.core import classroom, contest, lesson
from webapp.core.classroom import NOBODY, Allowance, Class, ClassError, Live, Pupil, Standings
from webapp.core.contest import Baton, Team
from webapp.core.lesson import Task
from webapp.network import network_of

PUPIL_COOKIE = "handspell_pupil"

# A class of thirty may sit behind one address and mistype; a machine that tries codes by the thousand must not get far. Each
# network counts for itself, so that nobody's guesses lock another's pupils out. In a class's twelve hours a network has
# 20 + 12 · 60 = 740 guesses at 25 ** 6 = 244,140,625 codes: one in 330,000 for a class that is open, and where a thousand
# networks guess together without a pause, one in 330. Who gets in so is a pupil whom the board shows and the teacher removes.
WRONG_CODES = (20, 60.0)
JOINS = (2 * classroom.MOST_PUPILS, 2.0)

# Whoever looks at a demo class has seen it by then, or opens another.
DEMO_SECONDS = 1800.0

# Ten times a second the hand's progress moves; a board needs no finer steps.
PROGRESS_STEPS = 20

Tell = Callable[[str, dict[str, Any]], None]
"""Tells a room of pupils, or one connection, something of their class."""
TellBoards = Callable[[str, str, dict[str, Any]], None]
"""Tells the boards of a class on this server: code, event, content."""
Keep = Callable[[Class, Pupil, bool], None]
"""Is told how a pupil's tasks stand, and whether the teacher has removed the pupil."""


@dataclass(frozen=True)
class Joined:
    """A pupil who has just joined, with the cookie that makes every later connection theirs."""

    pupil: Pupil
    cookie: str


class Classes:
    """All that a teacher, a pupil and a board can ask of the classes. Raises ClassError where it cannot be done."""

    def __init__(self, store: ClassStore, hours: float, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self._hours = hours
        self._clock = clock
        self._lock = Lock()
        self._live: dict[tuple[str, str], Live] = {}  # (code, pupil) -> what the hand shows, of those on this server
        self._connections: dict[tuple[str, str], str] = {}  # (code, pupil) -> connection, of the same
        self._changed: dict[str, set[str]] = {}  # code -> pupils whom the boards have not heard of since
        self._heard: dict[str, set[str]] = {}  # the same of what other servers have told
        self._watching: Counter[str] = Counter()  # code -> boards
        self._absent: dict[tuple[str, str], float] = {}  # (code, pupil) who has a baton and is away -> since when
        self._wrong = Allowance(*WRONG_CODES)
        self._joins = Allowance(*JOINS)
        self.telling = Lock()
        """Held from reading what pages and boards are told until it is sent: what is older must not come last."""
        self.tell_room: Tell = lambda room, message: None
        """Tells a room, on whichever server."""
        self.tell_page: Tell = lambda connection, message: None
        """Tells a connection to this server."""
        self.tell_boards: TellBoards = lambda code, event, content: None
        self.keep: Keep = lambda one, pupil, removed: None
        self.close: Callable[[str], None] = lambda connection: None
        """Closes a connection, on whichever server."""

    # The teacher

    def open(self) -> Class:
        """A new class, with a code that no open class has."""
        return self._open(self._hours * 3600, demo=False)

    def open_demo(self, names: Sequence[str]) -> Class:
        """The same, for half an hour, with simulated pupils of these names."""
        one = self._open(DEMO_SECONDS, demo=True)
        for name in names:
            pupils = self.store.pupils(one.code)
            pupil = classroom.join(one, pupils, name, secrets.token_hex(8), None, self._clock())
            self.store.add_pupil(one.code, pupil)
        return one

    def _open(self, seconds: float, demo: bool) -> Class:
        now = self._clock()
        taken = self.store.codes()
        while True:
            letters = len(classroom.CODE_ALPHABET)
            code = classroom.code_from([secrets.randbelow(letters) for _ in range(classroom.CODE_LENGTH)])
            if code not in taken:
                break
        one = Class(code, created=now, expires=now + seconds, demo=demo)
        self.store.set_class(one)
        return one

    def end(self, code: str) -> None:
        """Forget a class, its names and its texts, and tell those who are in it."""
        self.store.delete(code)
        with self._lock:
            self._changed.pop(code, None)
        self._tell_all(code)

    def get(self, code: object) -> Class:
        """Raises ClassError `no_class`."""
        one = self.store.get_class(classroom.clean_code(code))
        if one is None or one.expires <= self._clock():
            raise classroom.no_class()
        return one

    def all(self) -> list[Class]:
        """The open classes, the oldest first."""
        found = [self.store.get_class(code) for code in self.store.codes()]
        return [one for one in found if one and one.expires > self._clock()]

    def change(self, code: str, wanted: object) -> Class:
        """Raises ClassError `no_class` or `bad_setting`."""
        one = self.get(code)
        changed = classroom.change(one, self.store.pupils(one.code), wanted)
        self.store.set_class(changed)
        self._tell_all(changed.code)
        return changed

    def keep_as(self, code: str, class_name: str) -> Class:
        """Say under which class's name this lesson is kept, or with an empty one that it is not. Raises ClassError `no_class`."""
        one = replace(self.get(code), kept_as=class_name)
        self.store.set_class(one)
        for pupil in self.pupils(one):
            self.keep(one, pupil, False)
        self._tell_all(one.code)
        return one

    def set_task(self, code: str, asked: dict[str, Any]) -> Class:
        """Ask the class to spell something, in place of what was asked before. Raises ClassError `no_class` or `bad_task`."""
        one = self.get(code)
        return self._with_task(classroom.set_task(one, self.pupils(one), self._standings(one), asked, self._clock()))

    def next_round(self, code: str) -> Class:
        """Go on to the next word of a race or relay. Raises ClassError `no_class` or `bad_task`."""
        one = self.get(code)
        return self._with_task(classroom.next_round(one, self._standings(one), self._clock()))

    def shuffle(self, code: str) -> Class:
        """Make new teams of those who are in the class. Raises ClassError `no_class` or `bad_task`."""
        one = self.get(code)
        pupils = self.pupils(one)
        secrets.SystemRandom().shuffle(pupils)
        return self._with_task(classroom.shuffle(one, pupils, self._clock()))

    def skip(self, code: str, name: str) -> Class:
        """The next of a team goes on at once. Raises ClassError `no_class` or `nobody_else`."""
        one = self.get(code)
        standings = self._standings(one)
        team = next((team for team in standings.teams if team.name == name), None) if standings else None
        if team is None or not self._skip(one, team, self._connected(one.code)):
            raise ClassError("nobody_else", "Nobody else of this team is here to go on.")
        self._tell_all(one.code)
        return one

    def end_task(self, code: str) -> Class:
        """Nothing is asked any more; what was done stays in the records. Raises ClassError `no_class`."""
        return self._with_task(replace(self.get(code), task=None, contest=None))

    def _with_task(self, one: Class) -> Class:
        self.store.set_class(one)
        standings = self._standings(one)
        for team in standings.teams if standings else ():  # so that who joins later does not take the first turn over
            self.store.pass_baton(one.code, team.name, team.kept, team.baton)
        self._tell_all(one.code)
        return one

    def _standings(self, one: Class) -> Standings | None:
        if one.contest is None:
            return None
        return classroom.standings_of(one, self.pupils(one), self.store.batons(one.code))

    def rename(self, code: str, pupil_id: str, name: object) -> Pupil:
        """Raises ClassError `no_class`, `no_pupil` or `bad_name`."""
        one, pupil = self.find(code, pupil_id)
        new = classroom.rename(self.store.pupils(one.code), pupil, name).name
        renamed = self.store.change_pupil(one.code, pupil.id, name=new) or pupil
        self.keep(one, renamed, False)
        self._tell_all(one.code)
        return renamed

    def remove(self, code: str, pupil_id: str) -> None:
        """Raises ClassError `no_class` or `no_pupil`."""
        one, pupil = self.find(code, pupil_id)
        self._take_out(one, pupil, "removed")
        self.keep(one, pupil, True)

    def _take_out(self, one: Class, pupil: Pupil, why: str) -> None:
        self.store.remove_pupil(one.code, pupil.id)
        self._forget((one.code, pupil.id))
        self.tell_room(room_of(one.code, pupil.id), {"over": why})
        self._mark(one.code, pupil.id)
        if one.contest:
            self._tell_all(one.code)  # it may be another's turn now

    def _forget(self, key: tuple[str, str]) -> None:
        with self._lock:
            self._live.pop(key, None)
            self._connections.pop(key, None)

    def find(self, code: str, pupil_id: str) -> tuple[Class, Pupil]:
        """Raises ClassError `no_class` or `no_pupil`."""
        one = self.get(code)
        pupil = self.store.get_pupil(one.code, pupil_id)
        if pupil is None:
            raise ClassError("no_pupil", "This pupil has left the class.")
        return one, pupil

    # The pupil

    def join(self, code: object, name: object, address: str) -> Joined:
        """Let a person at network `address` in, by code and name.

        Raises ClassError `no_class`, `bad_name`, `class_locked`, `class_full`, or `slow_down` where too much was tried.
        """
        now = self._clock()
        network = network_of(address)
        if (wait := self._wrong.wait_seconds(network, now)) > 0:
            raise _slow_down(wait)
        try:
            one = self.get(code)
        except ClassError as error:
            if error.code != "no_class":
                raise
            self._wrong.spend(network, now)
            raise
        for key in (f"network {network}", f"class {one.code}"):
            if (wait := self._joins.wait_seconds(key, now)) > 0:
                raise _slow_down(wait)
            self._joins.spend(key, now)
        secret = secrets.token_urlsafe(32)
        with self.store.joining(one.code):
            pupil = classroom.join(one, self.store.pupils(one.code), name, secrets.token_hex(8), secret, now)
            self.store.add_pupil(one.code, pupil)
        self._mark(one.code, pupil.id)
        return Joined(pupil, f"{one.code}.{pupil.id}.{secret}")

    def pupil_of(self, cookie: str | None) -> tuple[Class, Pupil] | None:
        """Whose cookie this is; None where it is nobody's, or the class is over.

        Raises ClassError `class_away` where that cannot be told just now.
        """
        code, _, rest = (cookie or "").partition(".")
        pupil_id, _, secret = rest.partition(".")
        try:
            one, pupil = self.find(code, pupil_id)
        except ClassError as error:
            if error.code == "class_away":
                raise
            return None
        return (one, pupil) if pupil.owns(secret) else None

    def seat_of(self, cookie: str | None) -> "Seat | None":
        """The place in a class that a connection with this cookie has. Raises ClassError `class_away` as above."""
        found = self.pupil_of(cookie)
        return Seat(self, *found) if found else None

    def why_over(self, cookie: str | None) -> str:
        """Why a cookie that is nobody's is so: the class "ended", or who had it was "removed" or has "left".

        Raises ClassError `class_away` where that cannot be told just now.
        """
        if not cookie:
            return "left"
        try:
            self.get(cookie.partition(".")[0])
        except ClassError as error:
            if error.code == "class_away":
                raise
            return "ended"
        return "removed"

    def leave(self, cookie: str | None) -> None:
        """A pupil goes for good: name and text are forgotten. Raises ClassError `class_away`."""
        found = self.pupil_of(cookie)
        if found:
            self._take_out(*found, "left")

    def message_for(self, one: Class, pupil: Pupil) -> dict[str, Any]:
        """What a pupil's page is told of the class."""
        return classroom.told_pupil(one, pupil, self._standings(one), self._clock())

    # What the hands show

    def take(self, code: str, pupil_id: str, connection: str) -> None:
        """A pupil's connection has been opened."""
        replaced = self.store.take(code, pupil_id, connection)
        with self._lock:
            self._live[code, pupil_id] = Live(connected=True)
            self._connections[code, pupil_id] = connection
        if replaced:
            self.close(replaced)
        with suppress(ClassError):  # away: the page is told when the classes are back
            self._tell_pages(code, {pupil_id})
        self._mark(code, pupil_id)

    def leave_seat(self, code: str, pupil_id: str, connection: str) -> None:
        """A pupil's connection is gone; nothing is done where another has taken the seat meanwhile."""
        with self._lock:
            if self._connections.get((code, pupil_id)) != connection:
                return
            self._live.pop((code, pupil_id), None)
            self._connections.pop((code, pupil_id), None)
        self._mark(code, pupil_id)

    def show(self, code: str, pupil_id: str, live: Live) -> None:
        """Take in what a pupil's hand shows now; nothing is done for one who is no longer in the class."""
        with self._lock:
            if self._live.get((code, pupil_id), live) == live:
                return
            self._live[code, pupil_id] = live
        self._mark(code, pupil_id)

    def wrote(self, code: str, pupil_id: str, text: str) -> None:
        """A pupil's text has changed."""
        self._count(code, pupil_id, text)
        self.store.set_text(code, pupil_id, text)
        self._mark(code, pupil_id)

    def _count(self, code: str, pupil_id: str, text: str) -> None:
        """Count what has been written towards the task, if there is one.

        Where the classes cannot be reached it does not count: spelling goes on, and the letter stays due.
        """
        with suppress(ClassError):
            one, pupil = self.store.get_class(code), self.store.get_pupil(code, pupil_id)
            if one is None or pupil is None or one.task is None or self._clock() < one.task.begun:
                return
            standings = self._standings(one)
            if standings and standings.teams:
                self._count_in_team(one, one.task, pupil, standings.team_of(pupil.id), text)
                return
            attempt = lesson.attempt_at(one.task, pupil.name, pupil.attempt, pupil.joined)
            attempt, record = lesson.wrote(attempt, pupil.record, pupil.text, text, self._clock())
            self.store.change_pupil(code, pupil_id, attempt=attempt, record=record)
            self.keep(one, replace(pupil, record=record), False)
            self._tell_pages(code, {pupil_id})

    def _count_in_team(self, one: Class, task: Task, pupil: Pupil, team: Team | None, text: str) -> None:
        if team is None or contest.turn_of(team, pupil.id, task) != "on":
            return
        now = self._clock()
        leg = contest.leg_of(pupil.attempt, team, task)
        attempt, record = lesson.wrote(leg, pupil.record, pupil.text, text, now)
        if attempt.finished is not None and not self._pass(one, team, contest.handed_on(team, task.words[0], now)):
            return  # somebody else was given the turn meanwhile
        self.store.change_pupil(one.code, pupil.id, attempt=attempt, record=record)
        self.keep(one, replace(pupil, record=record), False)

    def _pass(self, one: Class, team: Team, after: Baton) -> bool:
        """Hand a team's baton on, unless that was done meanwhile, and tell the team."""
        if not self.store.pass_baton(one.code, team.name, team.kept, after):
            return False
        self.store.tell_others(one.code, team.order, pages=True)
        self._tell_pages(one.code, set(team.order))
        self._mark(one.code, after.holder)
        return True

    def _skip(self, one: Class, team: Team, here: Collection[str]) -> bool:
        after = contest.skipped(team, here, self._clock())
        return after is not None and self._pass(one, team, after)

    def _connected(self, code: str) -> set[str]:
        return {pupil_id for pupil_id, live in self._hands(code).items() if live.connected}

    def _skip_absent(self) -> None:
        """In every relay that pupils of ours are in, give the turn of whoever is away for long to the next."""
        now, was = self._clock(), self._absent
        self._absent = {}
        for code in {code for code, _ in list(self._connections)}:
            one = self.store.get_class(code)
            standings = self._standings(one) if one else None
            if one is None or one.task is None or standings is None or now < one.task.begun:
                continue
            here = self._connected(code)
            for team in standings.teams:
                holder = team.baton.holder
                if holder in here or team.baton.finished is not None:
                    continue
                since = max(was.get((code, holder), now), team.baton.since)
                self._absent[code, holder] = since
                if now - since >= contest.ABSENT_SECONDS:
                    self._skip(one, team, here)

    def _mark(self, code: str, pupil_id: str) -> None:
        if not self._is_watched(code):
            return  # whoever begins to watch is told everything first
        with self._lock:
            self._changed.setdefault(code, set()).add(pupil_id)

    def _is_watched(self, code: str) -> bool:
        return self.store.shared or self._watching[code] > 0  # of other servers' boards we do not know

    # The boards

    def watch(self, code: object) -> dict[str, Any]:
        """A board has been opened; returns all that it shows. Raises ClassError `no_class`."""
        one = self.get(code)
        with self._lock:
            self._watching[one.code] += 1
        return self.everything(one)

    def unwatch(self, code: str) -> None:
        """A board has been closed."""
        with self._lock:
            self._watching[code] -= 1
            if self._watching[code] <= 0:
                del self._watching[code]
                if not self._is_watched(code):
                    self._changed.pop(code, None)

    def everything(self, one: Class) -> dict[str, Any]:
        """All that a board or the teacher's page shows."""
        hands = self._hands(one.code)
        tiles = [classroom.tile(one, pupil, hands.get(pupil.id, NOBODY)) for pupil in self.pupils(one)]
        told = {"class": classroom.settings_of(one), "pupils": tiles, "contest": self._shown_contest(one)}
        return {**told, "now": self._clock()}

    def _shown_contest(self, one: Class) -> dict[str, Any] | None:
        return classroom.shown_to_board(one, self.pupils(one), self._standings(one)) if one.contest else None

    def _hands(self, code: str) -> dict[str, Live]:
        """What the hands of a class show, here and on other servers."""
        with self._lock:
            ours = {pupil_id: live for (of, pupil_id), live in self._live.items() if of == code}
        return {**self.store.hands(code), **ours}

    def pupils(self, one: Class) -> list[Pupil]:
        return self.store.pupils(one.code)

    def news(self) -> list[tuple[str, dict[str, Any]]]:
        """For each class watched here, what has changed since the last call: tiles, and who is gone. Other servers hear of ours."""
        with self._lock:
            changed, self._changed = self._changed, {}
            heard, self._heard = self._heard, {}
        for code, ids in changed.items():
            self.store.show(code, {pupil_id: self._shown(code, pupil_id) for pupil_id in ids})
            self.store.tell_others(code, ids)
            heard.setdefault(code, set()).update(ids)
        return [(code, self._news_of(code, ids)) for code, ids in heard.items() if self._watching[code] > 0]

    def _news_of(self, code: str, ids: set[str]) -> dict[str, Any]:
        hands, one = self._hands(code), self.store.get_class(code)
        found = [pupil for pupil in self.store.pupils(code) if pupil.id in ids]
        tiles = [classroom.tile(one, pupil, hands.get(pupil.id, NOBODY)) for pupil in found if one]
        told = {"pupils": tiles, "gone": sorted(ids - {pupil.id for pupil in found})}
        return {**told, "contest": self._shown_contest(one) if one else None}

    def _shown(self, code: str, pupil_id: str) -> tuple[str, Live]:
        key = code, pupil_id
        return self._connections.get(key, ""), self._live.get(key, NOBODY)

    # Those who must be told

    def _tell_all(self, code: str) -> None:
        """A class has changed: those in it hear how things stand, here and on other servers."""
        self.store.tell_others(code)
        self._tell_here(code)

    def hear(self, change: Change) -> None:
        """Take in what another server has changed."""
        if change.code is None:
            self._tell_everybody_here()
        elif change.pupils is None:
            self._tell_here(change.code)
        else:
            if self._watching[change.code] > 0:  # whoever begins to watch is told everything first
                with self._lock:
                    self._heard.setdefault(change.code, set()).update(change.pupils)
            if change.pages:
                self._tell_pages(change.code, set(change.pupils))

    def _tell_everybody_here(self) -> None:
        with self._lock:
            here = {code for code, _ in self._connections} | set(self._watching)
        for code in here:
            self._tell_here(code)

    def _tell_here(self, code: str) -> None:
        """Tell the pages and the boards of a class that are on this server how things stand."""
        if self._watching[code] > 0:
            with self.telling:
                one = self.store.get_class(code)
                if one:
                    self.tell_boards(code, "board", self.everything(one))
                else:
                    self.tell_boards(code, "over", {})
        self._tell_pages(code)

    def _tell_pages(self, code: str, ids: set[str] | None = None) -> None:
        """The same of pupils' pages alone; ids: of these pupils."""
        with self._lock:
            ours = {pupil_id for of, pupil_id in self._connections if of == code and (ids is None or pupil_id in ids)}
        if not ours:
            return
        with self.telling:
            one = self.store.get_class(code)
            standings = self._standings(one) if one else None
            pupils = {pupil.id: pupil for pupil in self.store.pupils(code)}
            for pupil_id in ours:
                self._tell_page((code, pupil_id), one, pupils.get(pupil_id), standings)

    def _tell_page(
        self, key: tuple[str, str], one: Class | None, pupil: Pupil | None, standings: Standings | None
    ) -> None:
        connection = self._connections.get(key)
        if connection is None:
            return
        if one and pupil:
            self.tell_page(connection, classroom.told_pupil(one, pupil, standings, self._clock()))
        else:
            self._forget(key)
            self.tell_page(connection, {"over": "removed" if one else "ended"})

    # Every second

    def sweep(self) -> None:
        """End the classes whose time is over, bring the others to safety, and mend what was missed."""
        if not self.store.away:
            self._end_expired()
            self._skip_absent()
        if self.store.flush():
            for key in list(self._connections):
                self._mark(*key)
            self.store.tell_others()
            self._tell_everybody_here()
        for code in list(self._watching):
            for pupil_id in self.store.lost(code):
                self._mark(code, pupil_id)

    def _end_expired(self) -> None:
        now = self._clock()
        for code in self.store.codes():
            if (one := self.store.get_class(code)) and one.expires <= now:
                self.end(code)


class Seat:
    """One pupil's place while a connection of theirs is open: what the frames say goes from here to class and board."""

    def __init__(self, classes: Classes, one: Class, pupil: Pupil) -> None:
        self._classes = classes
        self.key = one.code, pupil.id
        """What the pupil's session answers to."""
        self.room = room_of(one.code, pupil.id)
        self.text = pupil.text
        """What is kept of the pupil."""

    def take(self, connection: str) -> None:
        """The connection is open; its page is told of the class."""
        self._classes.take(*self.key, connection)

    def leave(self, connection: str) -> None:
        """The connection is gone; text and name wait."""
        self._classes.leave_seat(*self.key, connection)

    def saw(self, reply: dict[str, Any]) -> None:
        """Take in one frame's acknowledgement."""
        progress = round(reply["progress"] * PROGRESS_STEPS) / PROGRESS_STEPS
        self._classes.show(*self.key, Live(True, reply["sign"], progress))
        self.wrote(reply["text"])

    def wrote(self, text: str) -> None:
        """Take in the text as it stands; nothing is done where nothing has changed."""
        if text != self.text:
            self.text = text
            self._classes.wrote(*self.key, text)


def room_of(code: str, pupil_id: str) -> str:
    """The Socket.IO room of one pupil's connections."""
    return f"pupil {code} {pupil_id}"


def _slow_down(wait_seconds: float) -> ClassError:
    seconds = max(1, round(wait_seconds))
    unit = "second" if seconds == 1 else "seconds"
    return ClassError("slow_down", f"Too many tries. Wait {seconds} {unit}, then try again.")

"""Race and relay: a word at a time, first to spell it wins the round; in a relay a team spells it, a letter a pupil.

Only what must be agreed on is kept: of a race the teacher's choices, since the first of its finishers has won; of a relay also a
baton for each team, which is handed on in one step, so that of two who write at once one counts. Who joins, leaves or is
renamed in the middle needs no step at all. This file never sees a socket, a clock or a random number.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from webapp.core.lesson import Attempt, LessonError, Task

# Time for the message to reach the slowest page, and then three, two, one.
COUNTDOWN_SECONDS = 4.0
# So long a team waits for one who is away.
ABSENT_SECONDS = 6.0

TEAMS = ("Sun", "Moon", "Star", "Leaf", "Wave", "Cloud")

Mode = Literal["race", "relay"]
Turn = Literal["on", "next", "waits"]


@dataclass(frozen=True)
class Contest:
    """What goes on from round to round; each round is a task of one word."""

    mode: Mode
    round: int = 1
    coming: tuple[str, ...] = ()
    """The words of the rounds to come."""
    wins: Mapping[str, int] = field(default_factory=dict)
    """How many of the rounds before this one each has won: by pupil's id in a race, by team's name in a relay."""
    teams: tuple[tuple[str, ...], ...] = ()
    """Of a relay: pupils' ids as they were dealt."""
    seats: int = 0
    """The last seat that was taken then; who has a later one joins the teams in turn."""
    passed: int = 0
    """Letters in the rounds before: with the next one the turn goes on where it stood."""


@dataclass(frozen=True)
class Baton:
    """How far a team has come with a word, and who has the next letter."""

    task: int
    holder: str
    since: float
    """Since when, in seconds."""
    done: int = 0
    finished: float | None = None


@dataclass(frozen=True)
class Team:
    """A team as it stands."""

    name: str
    order: tuple[str, ...]
    """The ids of those who are in the class, in the order of their turns; at least one."""
    baton: Baton
    kept: Baton | None
    """The baton as it is kept: an earlier task's, or of one who has left, where nobody has written since."""

    @property
    def next(self) -> str:
        """Who comes after the holder; the same where a team has one pupil."""
        return _after(self.order, self.baton.holder, self.order)


def contest_from(asked: Mapping[str, Any], task: Task, pupils: Sequence[str], seats: int) -> Contest | None:
    """The contest that a teacher asks for, by `mode` and the number of `teams`; None where everybody spells for themselves.

    `pupils` are the ids by seat, `seats` the last seat. Raises LessonError.
    """
    mode = asked.get("mode", "each")
    if mode == "each":
        return None
    if mode not in ("race", "relay"):
        raise LessonError("mode must be each, race or relay.")
    if task.kind == "name":
        raise LessonError("In a race and a relay everybody spells the same: write a word, or a list of words.")
    coming = task.words[1:]
    if mode == "race":
        return Contest("race", coming=coming)
    count = asked.get("teams", 2)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= len(TEAMS):
        raise LessonError(f"Choose one to {len(TEAMS)} teams.")
    return Contest("relay", coming=coming, teams=deal(pupils, count), seats=seats)


def deal(pupils: Sequence[str], count: int) -> tuple[tuple[str, ...], ...]:
    """Teams of which none has two pupils more than another; some are empty where there are more teams than pupils."""
    return tuple(tuple(pupils[number::count]) for number in range(count))


def follow(before: Contest, places: Mapping[str, int], letters: int, asked: Contest) -> Contest:
    """`asked` as the round after `before`, of `letters` letters, whose `places` were taken; a contest of another shape is a new one."""
    if (before.mode, len(before.teams)) != (asked.mode, len(asked.teams)):
        return asked
    return replace(
        before,
        round=before.round + 1,
        coming=asked.coming,
        wins=wins_with(before, places),
        passed=before.passed + letters,
    )


def reshuffled(contest: Contest, pupils: Sequence[str], seats: int) -> Contest:
    """New teams of `pupils`, in the order that they come in; what the old ones have won is over."""
    return Contest("relay", coming=contest.coming, teams=deal(pupils, len(contest.teams)), seats=seats)


def places(finished: Mapping[str, float | None]) -> dict[str, int]:
    """Who came in as which, from 1; who came in at the same moment has the same place, and the next place is nobody's."""
    times = sorted(time for time in finished.values() if time is not None)
    return {key: 1 + times.index(time) for key, time in finished.items() if time is not None}


def wins_with(contest: Contest, places: Mapping[str, int]) -> dict[str, int]:
    """How many rounds each has won, the present one included."""
    return dict(Counter(contest.wins) + Counter(key for key, place in places.items() if place == 1))


def teams_of(contest: Contest, task: Task, seats: Mapping[str, int], kept: Mapping[str, Baton]) -> tuple[Team, ...]:
    """The teams of a relay that have anybody in them. `seats` are those of all who are in the class, `kept` the batons by team."""
    dealt = [pupil for team in contest.teams for pupil in team]
    late: list[list[str]] = [[] for _ in contest.teams]
    for pupil in sorted(seats.keys() - set(dealt), key=lambda pupil: seats[pupil]):
        late[(len(dealt) + seats[pupil] - contest.seats - 1) % len(late)].append(pupil)
    teams = []
    for name, listed, joined in zip(TEAMS, contest.teams, late, strict=False):
        order = (*listed, *joined)
        here = tuple(pupil for pupil in order if pupil in seats)
        if here:
            baton = _baton(contest, task, order, here, kept.get(name))
            teams.append(Team(name, here, baton, kept.get(name)))
    return tuple(teams)


def _baton(contest: Contest, task: Task, order: Sequence[str], here: Sequence[str], kept: Baton | None) -> Baton:
    if kept is None or kept.task != task.number:
        return Baton(task.number, here[contest.passed % len(here)], task.begun)
    if kept.holder in here or kept.finished is not None:
        return kept
    return replace(kept, holder=_after(order, kept.holder, here))


def _after(order: Sequence[str], holder: str, among: Collection[str]) -> str:
    """The first of `among`, which is not empty, who comes after `holder` in `order`, and round again."""
    start = order.index(holder) + 1 if holder in order else 0
    return next(pupil for pupil in (*order[start:], *order[:start]) if pupil in among)


def handed_on(team: Team, word: str, now: float) -> Baton:
    """The baton after the holder has spelled the letter that was due."""
    done = team.baton.done + 1
    finished = now if done == len(word) else None
    return replace(team.baton, holder=team.next, since=now, done=done, finished=finished)


def skipped(team: Team, here: Collection[str], now: float) -> Baton | None:
    """The baton with the next of those who are `here`; None where there is nobody else, or nothing left to spell."""
    others = {pupil for pupil in team.order if pupil in here} - {team.baton.holder}
    if not others or team.baton.finished is not None:
        return None
    return replace(team.baton, holder=_after(team.order, team.baton.holder, others), since=now)


def attempt_of(team: Team, task: Task) -> Attempt:
    """How far a team has come."""
    baton = team.baton
    return Attempt(task.number, task.words[0], baton.since, baton.done, finished=baton.finished)


def leg_of(before: Attempt | None, team: Team, task: Task) -> Attempt:
    """What the holder of the baton has to spell: the letters that were theirs before, and the one that is due.

    Once it is written it is the team's, whatever is deleted later.
    """
    letter, since = task.words[0][team.baton.done], team.baton.since
    if before is None or before.task != task.number:
        return Attempt(task.number, letter, since)
    if before.since == since and before.finished is None:
        return before
    own = before.target[: before.done]
    return replace(before, target=own + letter, since=since, trail="", slipped=False, finished=None)


def turn_of(team: Team, pupil: str, task: Task) -> Turn | None:
    """What a pupil of a team has to do; None where the word is done."""
    if team.baton.finished is not None:
        return None
    if team.baton.holder == pupil:
        return "on"
    return "next" if team.next == pupil and team.baton.done + 1 < len(task.words[0]) else "waits"


def contest_from_json(raw: Mapping[str, Any] | None) -> Contest | None:
    """A contest as it is kept."""
    if not raw:
        return None
    return Contest(**{**raw, "coming": tuple(raw["coming"]), "teams": tuple(tuple(team) for team in raw["teams"])})

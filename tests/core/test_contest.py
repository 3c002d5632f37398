"""Race and relay: places, teams, whose turn it is, and what happens when somebody comes, goes or is away."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest

from webapp.core import classroom, contest, lesson
from webapp.core.classroom import Class, ClassError, Pupil, Standings
from webapp.core.contest import COUNTDOWN_SECONDS, Baton, Contest, Team
from webapp.core.lesson import LessonError, Task

EMPTY = Class("ACDEFG", created=0.0, expires=9e9)
BEGUN = 100.0 + COUNTDOWN_SECONDS


def pupils_of(names: str) -> list[Pupil]:
    """A pupil for each letter, whose id and name it is, seated in this order."""
    return [Pupil(name, "hash", seat, name, joined=0.0) for seat, name in enumerate(names, start=1)]


class Play:
    """A class in a contest, as a server would keep it, with pupils who write letters."""

    def __init__(self, names: str, **asked: Any) -> None:
        self.pupils = {pupil.id: pupil for pupil in pupils_of(names)}
        self.one = EMPTY
        self.batons: dict[str, Baton] = {}
        self.now = 100.0
        self.ask(**asked)

    @property
    def standings(self) -> Standings | None:
        return classroom.standings_of(self.one, self._seated, self.batons)

    @property
    def _seated(self) -> list[Pupil]:
        return sorted(self.pupils.values(), key=lambda pupil: pupil.seat)

    def ask(self, **asked: Any) -> None:
        self._begin(classroom.set_task(self.one, self._seated, self.standings, asked, self.now))

    def next_round(self) -> None:
        self._begin(classroom.next_round(self.one, self.standings, self.now))

    def shuffle(self, order: str) -> None:
        self._begin(classroom.shuffle(self.one, [self.pupils[name] for name in order], self.now))

    def _begin(self, one: Class) -> None:
        self.one = one
        for team in self.standings.teams if self.standings else ():
            self.batons[team.name] = team.baton
        self.now += COUNTDOWN_SECONDS

    def join(self, name: str) -> None:
        joined = classroom.join(self.one, self._seated, name, name, "secret", self.now)
        self.pupils[name] = joined

    def leave(self, name: str) -> None:
        del self.pupils[name]

    def write(self, name: str, letters: str, seconds_each: float = 1.0) -> None:
        for letter in letters:
            self.now += seconds_each
            self.text(name, self.pupils[name].text + letter)

    def text(self, name: str, text: str) -> None:
        """As `Classes` counts it."""
        pupil, task = self.pupils[name], self.one.task
        assert task is not None
        assert self.standings is not None
        team = self.standings.team_of(name)
        attempt, record = pupil.attempt, pupil.record
        if team is None:
            attempt = lesson.attempt_at(task, name, pupil.attempt, pupil.joined)
            attempt, record = lesson.wrote(attempt, record, pupil.text, text, self.now)
        elif contest.turn_of(team, name, task) == "on":
            leg = contest.leg_of(attempt, team, task)
            attempt, record = lesson.wrote(leg, record, pupil.text, text, self.now)
            if attempt.finished is not None:
                self.batons[team.name] = contest.handed_on(team, task.words[0], self.now)
        self.pupils[name] = replace(pupil, attempt=attempt, record=record, text=text)

    def team(self, name: str) -> Team:
        assert self.standings is not None
        return next(team for team in self.standings.teams if team.name == name)

    def told(self, name: str) -> dict[str, Any]:
        told = classroom.told_pupil(self.one, self.pupils[name], self.standings, self.now)["task"]
        assert told is not None
        return {**told, **told.pop("contest")}

    def board(self) -> dict[str, Any]:
        shown = classroom.shown_to_board(self.one, self._seated, self.standings)
        assert shown is not None
        return shown


# What can be asked for


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"words": "TEA", "mode": "chess"}, "mode must be"),
        ({"words": "TEA", "mode": ["race"]}, "mode must be"),
        ({"name": True, "mode": "race"}, "everybody spells the same"),
        ({"name": True, "mode": "relay"}, "everybody spells the same"),
        ({"words": "TEA", "mode": "relay", "teams": 0}, "one to 6 teams"),
        ({"words": "TEA", "mode": "relay", "teams": 7}, "one to 6 teams"),
        ({"words": "TEA", "mode": "relay", "teams": "2"}, "one to 6 teams"),
        ({"words": "TEA", "mode": "relay", "teams": True}, "one to 6 teams"),
        ({"words": "!", "mode": "race"}, "None of this can be spelled"),
    ],
)
def test_what_is_no_contest_is_refused_in_words(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(ClassError, match=says) as refused:
        classroom.set_task(EMPTY, [], None, asked, 0.0)
    assert refused.value.code == "bad_task"


def test_off_by_default() -> None:
    one = classroom.set_task(EMPTY, pupils_of("ab"), None, {"words": "TEA MILK"}, 100.0)
    assert one.contest is None
    assert one.task == Task(1, "words", ("TEA", "MILK"), 100.0)
    assert classroom.standings_of(one, pupils_of("ab"), {}) is None
    assert classroom.shown_to_board(one, pupils_of("ab"), None) is None
    told = classroom.told_pupil(one, pupils_of("a")[0], None, 101.0)["task"]
    assert (told["contest"], told["due"], told["starts_seconds"]) == (None, "T", 0.0)


def test_an_ordinary_task_ends_the_contest() -> None:
    play = Play("ab", words="TEA MILK", mode="race")
    play.one = classroom.set_task(play.one, [], play.standings, {"words": "TEA"}, 200.0)
    assert play.one.contest is None
    with pytest.raises(ClassError, match="The list is done"):
        play.next_round()


# A race


@pytest.mark.parametrize(
    ("finished", "places"),
    [
        ({}, {}),
        ({"a": None}, {}),
        ({"a": 3.0, "b": 1.0, "c": None, "d": 2.0}, {"b": 1, "d": 2, "a": 3}),
        ({"a": 1.0, "b": 1.0, "c": 2.0}, {"a": 1, "b": 1, "c": 3}),
        ({"a": 1.0, "b": 2.0, "c": 2.0}, {"a": 1, "b": 2, "c": 2}),
    ],
    ids=["nobody", "nobody yet", "in order", "two first", "two second"],
)
def test_places_are_taken_in_the_order_of_arrival(finished: dict[str, float | None], places: dict[str, int]) -> None:
    assert contest.places(finished) == places


def test_nobody_s_letter_is_due_before_the_countdown_is_over() -> None:
    play = Play("ab", words="TEA", mode="race")
    play.now = 101.0
    told = play.told("a")
    assert (told["target"], told["due"], told["starts_seconds"], told["due_seconds"]) == ("TEA", None, 3.0, 0.0)
    play.now = BEGUN
    assert (play.told("a")["due"], play.told("a")["starts_seconds"]) == ("T", 0.0)


def test_everybody_s_time_counts_and_the_first_wins() -> None:
    play = Play("abc", words="TEA", mode="race")
    play.write("b", "TEA")
    assert (play.told("b")["place"], play.told("b")["seconds"]) == (1, 3.0)
    assert play.told("a")["place"] is None
    play.write("a", "TEA")
    assert (play.told("a")["place"], play.told("a")["seconds"]) == (2, 6.0)
    assert play.told("c")["due"] == "T", "who is not first keeps going"
    assert (play.board()["places"], play.board()["wins"]) == ({"b": 1, "a": 2}, {"b": 1})


def test_two_who_arrive_at_once_have_both_won() -> None:
    play = Play("abc", words="A", mode="race")
    play.text("a", "A")
    play.text("b", "A")
    assert [play.told(name)["place"] for name in "abc"] == [1, 1, None]
    play.ask(words="B", mode="race")
    assert play.board()["wins"] == {"a": 1, "b": 1}


def test_wins_are_counted_from_round_to_round_and_from_list_to_list() -> None:
    play = Play("ab", words="A B", mode="race")
    assert (play.board()["round"], play.board()["coming"]) == (1, ("B",))
    play.write("a", "A")
    play.next_round()
    assert (play.one.task and play.one.task.words, play.board()["wins"]) == (("B",), {"a": 1})
    play.write("b", "B")
    play.ask(words="C", mode="race")
    assert (play.board()["round"], play.board()["wins"]) == (3, {"a": 1, "b": 1})
    play.write("a", "C")
    assert play.board()["wins"] == {"a": 2, "b": 1}
    with pytest.raises(ClassError, match="The list is done"):
        play.next_round()
    play.ask(words="TEA", mode="relay")
    assert (play.board()["round"], play.board()["wins"]) == (1, {}), "another contest"


def test_a_round_that_nobody_finishes_is_nobody_s() -> None:
    play = Play("ab", words="TEA MILK", mode="race")
    play.write("a", "TE")
    play.next_round()
    assert (play.board()["wins"], play.told("a")["done"]) == ({}, 0)


def test_a_new_race_during_a_countdown_counts_down_anew() -> None:
    play = Play("ab", words="TEA", mode="race")
    play.now = 102.0
    play.ask(words="MILK", mode="race")
    assert (play.one.task and play.one.task.begun, play.board()["wins"]) == (102.0 + COUNTDOWN_SECONDS, {})


def test_who_joins_late_runs_along_and_who_is_removed_is_forgotten() -> None:
    play = Play("ab", words="A B", mode="race")
    play.join("c")
    play.write("c", "A")
    play.write("a", "A")
    assert play.board()["places"] == {"c": 1, "a": 2}
    play.pupils["a"] = replace(play.pupils["a"], name="another")
    assert play.board()["places"] == {"c": 1, "a": 2}, "a name is no identity"
    play.leave("c")
    assert (play.board()["places"], play.board()["wins"]) == ({"a": 1}, {"a": 1})
    play.next_round()
    play.leave("a")
    assert play.board()["wins"] == {}


def test_a_letter_that_is_deleted_after_the_finish_takes_no_place_back() -> None:
    play = Play("ab", words="TEA", mode="race")
    play.write("a", "TEA")
    play.text("a", "TE")
    assert play.told("a")["place"] == 1
    play.write("b", "TE")
    play.text("b", "T")
    assert play.told("b")["due"] == "E"


# A relay


@pytest.mark.parametrize(
    ("count", "teams"),
    [
        (1, ["abcde"]),
        (2, ["ace", "bd"]),
        (3, ["ad", "be", "c"]),
        (6, ["a", "b", "c", "d", "e"]),
    ],
)
def test_teams_are_balanced_and_nobody_is_alone_without_a_team(count: int, teams: list[str]) -> None:
    play = Play("abcde", words="TEA", mode="relay", teams=count)
    assert ["".join(team["members"]) for team in play.board()["teams"]] == teams


def test_a_team_spells_a_letter_a_pupil() -> None:
    play = Play("abc", words="TEA", mode="relay", teams=1)
    assert [play.told(name)["turn"] for name in "abc"] == ["on", "next", "waits"]
    assert [play.told(name)["due"] for name in "abc"] == ["T", None, None]
    play.write("a", "T")
    assert [play.told(name)["turn"] for name in "abc"] == ["waits", "on", "next"]
    assert [play.told(name)["done"] for name in "abc"] == [1, 1, 1]
    play.write("c", "E")
    assert play.told("b")["due"] == "E", "it was not their turn"
    play.write("b", "E")
    assert [play.told(name)["turn"] for name in "abc"] == ["waits", "waits", "on"], "nobody is next for the last letter"
    play.write("c", "A")
    for name in "abc":
        told = play.told(name)
        assert (told["turn"], told["due"], told["place"], told["seconds"]) == (None, None, 1, 4.0)
    shown = play.board()["teams"][0]
    assert (shown["done"], shown["on"], shown["next"], shown["finished"]) == (3, None, None, play.now)


def test_the_first_team_through_wins_and_the_others_go_on() -> None:
    play = Play("abcd", words="TEA MILK", mode="relay", teams=2)  # Sun: a c, Moon: b d
    for name, letter in zip("bdb", "TEA", strict=True):
        play.write(name, letter)
    assert (play.board()["places"], play.board()["wins"]) == ({"Moon": 1}, {"Moon": 1})
    for name, letter in zip("aca", "TEA", strict=True):
        play.write(name, letter)
    assert play.board()["places"] == {"Moon": 1, "Sun": 2}
    play.next_round()
    assert (play.board()["round"], play.board()["wins"]) == (2, {"Moon": 1})
    assert (play.told("c")["turn"], play.told("a")["turn"]) == ("on", "next"), "the turn goes on where it stood"


def test_a_short_team_takes_several_letters_and_one_pupil_all() -> None:
    play = Play("ab", words="BALL", mode="relay", teams=6)
    play.write("a", "BALL")
    assert (play.told("a")["place"], play.told("a")["turn"]) == (1, None)
    assert play.told("b")["turn"] == "on"


def test_a_doubled_letter_is_two_pupils_and_what_is_written_before_the_turn_does_not_count() -> None:
    play = Play("ab", words="LL", mode="relay", teams=1)
    play.write("b", "L")
    play.write("a", "L")
    assert (play.told("b")["due"], play.told("b")["done"]) == ("L", 1)
    play.write("b", "L")
    assert play.told("b")["place"] == 1


def test_what_a_team_has_it_keeps_whatever_is_deleted() -> None:
    play = Play("ab", words="TEA", mode="relay", teams=1)
    play.write("a", "T")
    play.text("a", "")
    assert play.told("b")["due"] == "E"
    play.write("b", "XE")
    play.write("a", "X")
    play.text("a", "")
    assert (play.told("a")["due"], play.told("a")["done"]) == ("A", 2)
    play.write("a", "A")
    assert play.told("a")["place"] == 1


def test_the_report_counts_each_pupil_s_own_letters() -> None:
    play = Play("ab", words="TEA", mode="relay", teams=1)
    play.write("a", "T")
    play.write("b", "XE", seconds_each=2.0)
    play.write("a", "A", seconds_each=2.0)
    record = play.pupils["a"].record
    assert sorted(record.letters) == ["A", "T"]
    assert record.letters["A"].seconds == 2.0, "from when it was their turn"
    assert record.rounds == (lesson.Round(1, "TA", done=2, slips=0, seconds=3.0, finished=True),)
    record = play.pupils["b"].record
    assert (record.letters["E"].taken_for, record.letters["E"].clean) == ({"X": 1}, 0)
    assert record.rounds == (lesson.Round(1, "E", done=1, slips=1, seconds=4.0, finished=True),)


def test_who_is_away_is_passed_over_and_comes_back_to_a_later_turn() -> None:
    play = Play("abc", words="TEAM", mode="relay", teams=1)
    team = play.team("Sun")
    after = contest.skipped(team, {"a", "c"}, play.now)
    assert after is not None
    assert (after.holder, after.done, after.since) == ("c", 0, play.now), "b is away, too"
    play.batons["Sun"] = after
    assert play.told("a")["turn"] == "next"
    for name, letter in zip("cab", "TEA", strict=True):
        play.write(name, letter)
    assert (play.told("b")["turn"], play.told("c")["due"]) == ("waits", "M")


def test_a_letter_begun_before_being_passed_over_is_not_taken_along() -> None:
    play = Play("ab", words="TEA", mode="relay", teams=1)
    play.write("a", "X")
    after = contest.skipped(play.team("Sun"), {"b"}, play.now)
    assert after is not None
    play.batons["Sun"] = after
    play.write("b", "T")
    play.write("a", "E")
    assert (play.told("b")["due"], play.pupils["a"].record.letters["E"].clean) == ("A", 1)


@pytest.mark.parametrize("here", [set(), {"a"}, {"z"}], ids=["nobody", "the holder", "another team's"])
def test_where_nobody_else_is_here_nobody_is_passed_over(here: set[str]) -> None:
    assert contest.skipped(Play("ab", words="TEA", mode="relay", teams=1).team("Sun"), here, 200.0) is None


def test_a_team_that_is_through_passes_nobody_over() -> None:
    play = Play("ab", words="T", mode="relay", teams=1)
    play.write("a", "T")
    assert contest.skipped(play.team("Sun"), {"a", "b"}, 200.0) is None


def test_the_turn_of_whoever_leaves_is_the_next_one_s() -> None:
    play = Play("abc", words="TEA", mode="relay", teams=1)
    play.write("a", "T")
    play.leave("b")
    assert (play.told("c")["due"], play.told("a")["turn"]) == ("E", "next")
    play.write("c", "E")
    play.leave("c")
    play.write("a", "A")
    assert play.told("a")["place"] == 1
    play.leave("a")
    assert (play.board()["teams"], play.board()["wins"]) == ([], {})


def test_who_joins_late_comes_into_the_smallest_team_and_moves_nobody() -> None:
    play = Play("abc", words="TEAM", mode="relay", teams=2)  # Sun: a c, Moon: b
    play.join("d")
    play.join("e")
    assert ["".join(team["members"]) for team in play.board()["teams"]] == ["ace", "bd"]
    play.write("a", "T")
    play.leave("b")
    play.leave("d")
    play.join("f")
    assert ["".join(team["members"]) for team in play.board()["teams"]] == ["ace", "f"]
    assert (play.told("f")["turn"], play.told("c")["due"]) == ("on", "E")


def test_an_empty_class_may_be_sent_a_relay_and_fills_its_teams() -> None:
    play = Play("", words="TEA", mode="relay", teams=2)
    assert play.board()["teams"] == []
    for name in "abc":
        play.join(name)
    assert ["".join(team["members"]) for team in play.board()["teams"]] == ["ac", "b"]


def test_a_shuffle_makes_new_teams_which_begin_with_the_same_word() -> None:
    play = Play("abcd", words="TEA MILK", mode="relay", teams=2)
    play.write("a", "T")
    play.write("b", "T")
    play.shuffle("dcba")
    assert ["".join(team["members"]) for team in play.board()["teams"]] == ["db", "ca"]
    assert (play.told("d")["due"], play.told("a")["done"], play.board()["coming"]) == ("T", 0, ("MILK",))
    race = Play("ab", words="TEA", mode="race")
    with pytest.raises(ClassError, match="no teams"):
        race.shuffle("ab")


def test_the_teams_and_their_wins_stay_for_the_next_list_unless_there_are_more_of_them() -> None:
    play = Play("abcd", words="T", mode="relay", teams=2)
    play.write("a", "T")
    play.ask(words="E", mode="relay", teams=2)
    assert (play.board()["round"], play.board()["wins"], play.told("c")["turn"]) == (2, {"Sun": 1}, "on")
    play.ask(words="A", mode="relay", teams=3)
    assert (play.board()["round"], play.board()["wins"], len(play.board()["teams"])) == (1, {}, 3)


def test_the_board_is_told_who_is_on_and_who_is_next() -> None:
    play = Play("ab", words="TE", mode="relay", teams=1)
    shown = play.board()["teams"][0]
    assert (shown["name"], shown["on"], shown["next"], shown["since"]) == ("Sun", "a", "b", BEGUN)
    play.write("a", "T")
    shown = play.board()["teams"][0]
    assert (shown["on"], shown["next"], shown["done"]) == ("b", None, 1)


def test_what_is_kept_is_read_back_as_it_was() -> None:
    play = Play("abc", words="TEA MILK", mode="relay", teams=2)
    play.write("a", "T")
    play.next_round()
    assert classroom.class_from_json(json.loads(json.dumps(classroom.to_json(play.one)))) == play.one
    baton = play.batons["Sun"]
    assert Baton(**json.loads(json.dumps(asdict(baton)))) == baton
    old = {key: value for key, value in classroom.to_json(EMPTY).items() if key != "contest"}
    assert classroom.class_from_json(old) == EMPTY


def test_the_longest_word_and_the_fullest_class_are_no_exception() -> None:
    names: Sequence[str] = [chr(0x4E00 + number) for number in range(classroom.MOST_PUPILS)]
    play = Play("".join(names), words="A" * lesson.WORD_LENGTH, mode="relay", teams=6)
    assert {len(team["members"]) for team in play.board()["teams"]} == {10}
    members = play.board()["teams"][5]["members"]
    for turn in range(lesson.WORD_LENGTH):
        play.write(members[turn % 10], "A")
    assert play.board()["places"] == {"Cloud": 1}


def test_a_contest_of_one_shape_follows_only_one_of_the_same() -> None:
    race, relay = Contest("race"), Contest("relay", teams=((), ()))
    assert contest.follow(race, {}, 3, relay) == relay
    assert contest.follow(relay, {"Sun": 1}, 3, relay) == replace(relay, round=2, wins={"Sun": 1}, passed=3)
    with pytest.raises(LessonError):
        contest.contest_from({"mode": "race"}, Task(1, "name", (), 0.0), [], 0)

"""Progress between lessons: shares and times beside those before, and no change claimed that chance may have made."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from webapp.core import progress
from webapp.core.classroom import ClassError
from webapp.core.lesson import LetterRecord, Record, Round
from webapp.core.progress import KeptPupil, Lesson
from webapp.core.report import Tally

FIRST = datetime(2026, 11, 2, 9, tzinfo=UTC)


def pupil(name: str, seat: int = 1, **letters: tuple[int, int]) -> KeptPupil:
    """A pupil with so many letters right and wrong; two seconds for each that was right."""
    known = {
        letter: LetterRecord(right, right, 2.0 * right, {"X": slips} if slips else {})
        for letter, (right, slips) in letters.items()
    }
    return KeptPupil(f"id{seat}", seat, name, Record(known, (Round(1, "".join(letters)),)))


def lesson(week: int, *pupils: KeptPupil) -> Lesson:
    return Lesson(f"lesson {week}", "7b", FIRST + timedelta(weeks=week), pupils)


def tallies(row: progress.Row) -> list[tuple[int, int] | None]:
    return [(tally.right, tally.slips) if tally else None for tally in row.tallies]


def test_each_letter_stands_beside_the_last_time_that_it_was_written() -> None:
    now = lesson(2, pupil("Mia", 1, R=(4, 1), A=(1, 0)), pupil("Ben", 2, R=(2, 3)))
    found = progress.progress_of(now, [lesson(1, pupil("Mia", A=(2, 2))), lesson(0, pupil("Mia", R=(4, 6), S=(1, 0)))])
    rows = {row.name: row for row in found.letters}
    assert [one.id for one in found.lessons] == ["lesson 0", "lesson 1", "lesson 2"]
    assert set(rows) == {"A", "R"}, "what was not asked this time tells nothing of this time"
    assert tallies(rows["R"]) == [(4, 6), None, (6, 4)]
    assert (rows["R"].before, rows["R"].now) == (Tally(4, 6, 8.0), Tally(6, 4, 12.0))
    assert tallies(found.together) == [(5, 6), (2, 2), (7, 4)]


def test_a_pupil_is_known_by_the_name_whatever_its_case() -> None:
    now = lesson(1, pupil("Ben", 2, A=(1, 1)), pupil("MIA", 1, A=(3, 0)))
    mia, ben = progress.progress_of(now, [lesson(0, pupil("Mia", 5, A=(1, 3)), pupil("Mia 2", 6, A=(9, 9)))]).pupils
    assert (mia.name, tallies(mia)) == ("MIA", [(1, 3), (3, 0)])
    assert (ben.name, tallies(ben), ben.before, ben.change) == ("Ben", [None, (1, 1)], None, None)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ((4, 6), (6, 4), "unsure"),
        ((0, 1), (1, 0), "unsure"),
        ((15, 15), (25, 5), "better"),
        ((25, 5), (15, 15), "harder"),
        ((0, 10), (10, 0), "better"),
        ((80, 20), (82, 18), "same"),
        ((100, 0), (100, 0), "same"),
    ],
)
def test_a_change_is_what_chance_would_seldom_do(before: tuple[int, int], now: tuple[int, int], expected: str) -> None:
    assert progress.change(Tally(*before, 0.0), Tally(*now, 0.0)) == expected


def test_what_has_changed_comes_first() -> None:
    now = lesson(1, pupil("Mia", A=(10, 10), B=(30, 0), C=(0, 30), D=(1, 0)))
    found = progress.progress_of(now, [lesson(0, pupil("Mia", A=(10, 10), B=(0, 30), C=(30, 0)))])
    assert [(row.name, row.change) for row in found.letters] == [
        ("C", "harder"),
        ("B", "better"),
        ("A", "unsure"),
        ("D", None),
    ]


def test_a_long_year_shows_its_last_lessons_and_passes_over_empty_ones() -> None:
    before = [lesson(week, pupil("Mia", A=(week, 1))) for week in range(1, 20)]
    found = progress.progress_of(lesson(21, pupil("Mia", A=(1, 0))), [lesson(20), *before])
    assert [one.id for one in found.lessons] == [*(f"lesson {week}" for week in range(13, 20)), "lesson 21"]


def test_a_class_s_name_is_cleaned_and_must_be_one() -> None:
    assert progress.clean_class_name("  7b \u202e ") == "7b"
    with pytest.raises(ClassError) as refused:
        progress.clean_class_name("  ")
    assert refused.value.code == "bad_name"


def test_the_sheet_has_every_lesson_and_no_formula() -> None:
    text = progress.progress_csv([lesson(1, pupil("=1+1", A=(1, 1))), lesson(0, pupil("Mia", B=(0, 2)))])
    assert list(csv.DictReader(io.StringIO(text))) == [
        {
            "lesson": "2026-11-02T09:00:00.000Z",
            "class": "7b",
            "pupil": "Mia",
            "letter": "B",
            "right": "0",
            "slips": "2",
            "mean_seconds": "",
        },
        {
            "lesson": "2026-11-09T09:00:00.000Z",
            "class": "7b",
            "pupil": "'=1+1",
            "letter": "A",
            "right": "1",
            "slips": "1",
            "mean_seconds": "2.0",
        },
    ]

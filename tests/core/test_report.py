"""The report of a class: hard letters, confusions, tasks and pupils, and the sheets to take away."""

import csv
import io

from tests.core.test_lesson import growing, typed
from webapp.core import report
from webapp.core.classroom import Pupil
from webapp.core.lesson import Record


def pupil(seat: int, name: str, written: str, target: str = "BREAD") -> Pupil:
    _, record = typed(growing(written), target=target)
    return Pupil(f"id{seat}", "hash", seat, name, 0.0, record=record)


MIA, BEN = pupil(1, "Mia", "BREAD"), pupil(2, "Ben", "BSTREND")
IDLE = Pupil("id3", "hash", 3, "Ida", 0.0, record=Record())


def test_the_hardest_letters_come_first_with_what_was_written_instead() -> None:
    found = report.report_on([MIA, BEN, IDLE])
    assert [row.letter for row in found.letters[:2]] == ["A", "R"]
    hard = {row.letter: row for row in found.letters}
    assert (hard["R"].tally.right, hard["R"].tally.slips, hard["R"].tally.share) == (2, 2, 0.5)
    assert dict(hard["R"].taken_for) == {"S": 1, "T": 1}
    assert (hard["A"].tally.share, hard["B"].tally.share) == (1 / 3, 1.0)
    assert set(found.confusions) == {("R", "S", 1), ("R", "T", 1), ("A", "N", 1), ("A", "D", 1)}


def test_tasks_and_pupils_are_summed_up() -> None:
    found = report.report_on([MIA, BEN, IDLE])
    (task,) = found.rounds
    assert (task.number, task.target, task.pupils, task.finished) == (1, "BREAD", 2, 1)
    assert (task.tally.right, task.tally.slips, task.tally.seconds_each) == (8, 4, 20.0 / 8)
    assert [(row.name, row.finished) for row in found.pupils] == [("Mia", 1), ("Ben", 0)]
    assert [row.letter for row in found.pupils[1].hardest] == ["A", "R"]
    assert found.pupils[0].hardest == ()


def test_a_task_that_is_another_for_everybody_has_no_one_target() -> None:
    found = report.report_on([pupil(1, "Mia", "MIA", "MIA"), pupil(2, "Ben", "BEN", "BEN")])
    assert found.rounds[0].target is None


def test_an_empty_class_has_an_empty_report() -> None:
    found = report.report_on([IDLE])
    assert (found.letters, found.confusions, found.rounds, found.pupils) == ((), (), (), ())


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_sheets_hold_every_letter_and_task_and_no_formula() -> None:
    evil = pupil(4, "=HYPERLINK(1)", "BSR", "BR")
    letters = rows(report.letters_csv([MIA, evil]))
    assert letters[0] == {
        "pupil": "Mia",
        "letter": "A",
        "right": "1",
        "right_at_once": "1",
        "slips": "0",
        "mean_seconds": "2.0",
        "taken_for": "",
    }
    assert letters[-1] == {
        "pupil": "'=HYPERLINK(1)",
        "letter": "R",
        "right": "1",
        "right_at_once": "0",
        "slips": "1",
        "mean_seconds": "4.0",
        "taken_for": "S 1",
    }
    tasks = rows(report.rounds_csv([evil]))
    assert tasks == [
        {
            "pupil": "'=HYPERLINK(1)",
            "round": "1",
            "target": "BR",
            "letters_done": "2",
            "slips": "1",
            "seconds": "6.0",
            "finished": "yes",
        }
    ]

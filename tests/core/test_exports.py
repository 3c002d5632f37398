"""Exports, read back by other programs' rules."""

import csv
import io
import json
import re
from datetime import UTC, datetime

import pytest

from webapp.core.exports import CSV_COLUMNS, Transcript, as_csv, as_json, as_text, as_vtt, csv_heading
from webapp.core.transcript import Change, Entry, Journal

STARTED = datetime(2026, 11, 21, 9, 30, 0, 250_000, UTC)
TIMING = re.compile(r"(\d\d+):([0-5]\d):([0-5]\d)\.(\d{3}) --> (\d\d+):([0-5]\d):([0-5]\d)\.(\d{3})")


def made(steps: list[tuple[float, str, str, str]]) -> tuple[Transcript, list[Entry]]:
    """A transcript of (seconds, kind, before, after)."""
    journal, entries = Journal(), []
    for seconds, kind, before, after in steps:
        candidates = (("A", 0.9), ("S", 0.05)) if kind == "sign" else ()
        sign = after[-1] if kind == "sign" else None
        change = Change(kind, before, after, "letters", sign, 0.9 if kind == "sign" else None, candidates)
        entries += journal.take(change, seconds)
    return Transcript("0" * 32, STARTED, STARTED, ("letters",), journal.text), entries


def spelled(words: str, pace: float = 1.0) -> list[tuple[float, str, str, str]]:
    return [
        (place * pace, "sign" if words[place] != " " else "pause", words[:place], words[: place + 1])
        for place in range(len(words))
    ]


def cues(vtt: str) -> list[tuple[float, float, str]]:
    """Start, end and payload of every cue, by the blocks of the WebVTT specification."""
    header, *blocks = re.split(r"\n{2,}", vtt.strip())
    assert header.startswith("WEBVTT ")
    found = []
    for block in blocks:
        timing, *payload = block.split("\n")
        match = TIMING.fullmatch(timing)
        assert match, timing
        h1, m1, s1, ms1, h2, m2, s2, ms2 = map(int, match.groups())
        found.append((h1 * 3600 + m1 * 60 + s1 + ms1 / 1000, h2 * 3600 + m2 * 60 + s2 + ms2 / 1000, "\n".join(payload)))
    return found


def test_captions_have_a_cue_for_each_word_from_its_first_letter_on() -> None:
    assert cues(as_vtt(*made(spelled("MY HAND ")))) == [(0.0, 3.0, "MY"), (3.0, 10.0, "HAND")]


def test_a_word_that_is_put_right_is_captioned_as_it_was_left() -> None:
    steps = [*spelled("HELO"), (4.0, "delete", "HELO", "HEL"), (5.0, "take", "HEL", "HELLO")]
    assert cues(as_vtt(*made(steps))) == [(0.0, 9.0, "HELLO")]


def test_cleared_lines_are_captioned_too_and_what_came_at_once_shares_a_cue() -> None:
    steps = [(0.0, "sign", "MY OLD ", "MY OLD A"), (9.0, "clear", "MY OLD A", ""), (9.5, "sign", "", "B")]
    assert [cue[2] for cue in cues(as_vtt(*made(steps)))] == ["MY OLD A", "B"]


@pytest.mark.parametrize("pace", [0.01, 0.3, 2.0, 4000.0])
def test_cues_are_in_order_never_overlap_and_can_be_read(pace: float) -> None:
    found = cues(as_vtt(*made(spelled("WE ARE A B C HAPPY ", pace))))
    assert " ".join(cue[2] for cue in found) == "WE ARE A B C HAPPY"
    for (start, end, _), later in zip(found, [*found[1:], (1e9, 0, "")], strict=True):
        assert start + 0.6 < end <= later[0]


def test_captions_escape_what_would_be_markup() -> None:
    assert cues(as_vtt(*made([(0.0, "take", "", "<b>&-->")])))[0][2] == "&lt;b&gt;&amp;--&gt;"


def test_csv_reads_back_step_by_step() -> None:
    head, entries = made(spelled("HI"))
    rows = list(csv.DictReader(io.StringIO(csv_heading() + as_csv(head, entries), newline="")))
    assert list(rows[0]) == list(CSV_COLUMNS)
    assert [row["text"] for row in rows] == ["H", "HI"]
    assert rows[1]["time"] == "2026-11-21T09:30:01.250Z"
    assert rows[1]["candidates"] == "A 0.9000; S 0.0500"


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")'])
def test_no_csv_cell_is_a_formula(word: str) -> None:
    head, entries = made([(0.0, "take", "", word)])
    cells = [cell for row in csv.reader(io.StringIO(as_csv(head, entries), newline="")) for cell in row]
    assert f"'{word}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_json_has_every_step_and_the_text_after_it() -> None:
    whole = json.loads(json.dumps(as_json(*made(spelled("HI")))))
    assert (whole["text"], whole["started"], whole["models"]) == ("HI", "2026-11-21T09:30:00.250Z", ["letters"])
    assert [(entry["kind"], entry["sign"], entry["text"]) for entry in whole["entries"]] == [
        ("sign", "H", "H"),
        ("sign", "I", "HI"),
    ]
    assert whole["entries"][0]["candidates"] == [["A", 0.9], ["S", 0.05]]


def test_text_is_the_lines_under_their_time() -> None:
    steps = [*spelled("HI"), (3.0, "clear", "HI", ""), (4.0, "sign", "", "A")]
    assert as_text(made(steps)[0]) == "Handspell, 2026-11-21 09:30 UTC\n\nHI\nA\n"

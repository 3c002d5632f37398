"""Transcripts as files: plain text, CSV, JSON and WebVTT captions. Pure: records go in, text comes out.

Times are UTC in ISO 8601, or seconds since the transcript's first step.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from webapp.core.transcript import Entry, Line, Replay, replayed

# A caption stands until the next begins, but no longer than this after its last letter, and never shorter than can be read.
LONGEST_SECONDS = 4.0
SHORTEST_SECONDS = 0.7

# What a spreadsheet takes for the beginning of a formula (OWASP: CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Transcript:
    """What is kept of one session; its steps apart."""

    id: str
    started: datetime
    ended: datetime
    models: tuple[str, ...]
    text: str


CSV_COLUMNS = (
    "transcript",
    "number",
    "time",
    "seconds",
    "kind",
    "model",
    "sign",
    "confidence",
    "candidates",
    "text",
)


def iso(moment: datetime) -> str:
    """A moment in UTC, to the millisecond: 2026-11-21T09:30:00.250Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_text(transcript: Transcript) -> str:
    """The lines under a heading with the time."""
    return f"Handspell, {transcript.started.astimezone(UTC):%Y-%m-%d %H:%M} UTC\n\n{transcript.text}\n"


def csv_heading() -> str:
    return sheet([CSV_COLUMNS])


def as_csv(transcript: Transcript, entries: Sequence[Entry]) -> str:
    """One row for each step, by CSV_COLUMNS; the heading apart.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    replay = Replay()
    rows = []
    for entry in entries:
        replay.step(entry)
        rows.append(
            (
                transcript.id,
                entry.number,
                iso(transcript.started + timedelta(seconds=entry.seconds)),
                f"{entry.seconds:.3f}",
                entry.kind,
                entry.model,
                harmless(entry.sign or ""),
                "" if entry.confidence is None else f"{entry.confidence:.4f}",
                harmless("; ".join(f"{sign} {probability:.4f}" for sign, probability in entry.candidates)),
                harmless(replay.current.text),
            )
        )
    return sheet(rows)


def as_json(transcript: Transcript, entries: Sequence[Entry]) -> dict[str, Any]:
    """The whole transcript; `text` of an entry is the text after it."""
    replay = Replay()
    steps = []
    for entry in entries:
        replay.step(entry)
        steps.append(
            {
                "number": entry.number,
                "seconds": round(entry.seconds, 3),
                "kind": entry.kind,
                "model": entry.model,
                "sign": entry.sign,
                "confidence": entry.confidence,
                "candidates": [list(candidate) for candidate in entry.candidates],
                "text": replay.current.text,
            }
        )
    return {**summary(transcript), "entries": steps}


def summary(transcript: Transcript) -> dict[str, Any]:
    """A transcript's head as JSON."""
    return {
        "id": transcript.id,
        "started": iso(transcript.started),
        "ended": iso(transcript.ended),
        "models": list(transcript.models),
        "text": transcript.text,
    }


def as_vtt(transcript: Transcript, entries: Sequence[Entry]) -> str:
    """Captions: a cue for each word, as the person left it, from its first letter on; 0 is the transcript's first step."""
    cues = [
        f"{_timestamp(start)} --> {_timestamp(end)}\n{_escaped(words)}\n"
        for start, end, words in _cues(replayed(entries).lines)
    ]
    return "\n".join([f"WEBVTT Handspell, {iso(transcript.started)}\n", *cues])


def _cues(lines: Iterable[Line]) -> Iterator[tuple[float, float, str]]:
    """Start, end and words of each caption; words that came at one moment share one."""
    spans: list[tuple[float, float, str]] = []
    for line in lines:
        for found in re.finditer(r"\S+", line.text):
            first, last = line.seconds[found.start()], line.seconds[found.end() - 1]
            if spans and first - spans[-1][0] < SHORTEST_SECONDS:
                spans[-1] = (spans[-1][0], max(last, spans[-1][1]), f"{spans[-1][2]} {found[0]}")
            else:
                spans.append((first, last, found[0]))
    for place, (first, last, words) in enumerate(spans):
        end = max(last, first) + LONGEST_SECONDS
        if place + 1 < len(spans):
            end = min(end, spans[place + 1][0])
        yield first, end, words


def _timestamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def sheet(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV."""
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()


def json_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)

"""What is asked of the database. Every method is one transaction, and all are called by one thread."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from webapp.core.exports import Transcript
from webapp.core.transcript import Entry
from webapp.storage.database import BAD_DATA, forget_journal
from webapp.storage.lessons import LessonStore
from webapp.storage.tables import EntryRow, TranscriptRow

_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Head:
    """What a transcript is known by while it grows."""

    id: str
    owner: str
    started: datetime


@dataclass(frozen=True)
class Portion:
    """New entries of one transcript, and the whole text after them."""

    head: Head
    entries: Sequence[Entry]
    models: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Filter:
    """Which of an owner's transcripts are meant; None and the empty text mean any."""

    search: str = ""
    model: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Store:
    """Transcripts in an open database, and beside them the lessons."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.lessons = LessonStore(engine)
        self._insert = _INSERT[engine.dialect.name]

    def close(self) -> None:
        self._engine.dispose()

    def write(self, portions: Iterable[Portion]) -> int:
        """Write what is not there yet, so that a repetition does no harm. Returns how many entries could not be stored."""
        refused = 0
        with self._engine.begin() as connection:
            for portion in portions:
                try:
                    with connection.begin_nested():
                        self._write(connection, portion)
                except BAD_DATA:
                    refused += len(portion.entries)
        return refused

    def _write(self, connection: Connection, portion: Portion) -> None:
        head = portion.head
        state = {
            "ended": head.started + timedelta(seconds=portion.entries[-1].seconds),
            "models": f" {' '.join(portion.models)} ",
            "text": portion.text,
        }
        row = self._insert(TranscriptRow).values(id=head.id, owner=head.owner, started=head.started, **state)
        connection.execute(row.on_conflict_do_update(index_elements=[TranscriptRow.id], set_=state))
        connection.execute(
            self._insert(EntryRow).on_conflict_do_nothing(),
            [
                {
                    "transcript_id": head.id,
                    "number": entry.number,
                    "seconds": entry.seconds,
                    "kind": entry.kind,
                    "model": entry.model,
                    "sign": entry.sign,
                    "confidence": entry.confidence,
                    "candidates": entry.candidates,
                    "kept": entry.kept,
                    "tail": entry.tail,
                }
                for entry in portion.entries
            ],
        )

    def find(self, owner: str, wanted: Filter, offset: int, limit: int) -> tuple[list[Transcript], int]:
        """A page of the owner's transcripts, newest first, and how many there are on all pages."""
        conditions = _conditions(owner, wanted)
        page = (
            select(TranscriptRow.__table__).where(*conditions).order_by(TranscriptRow.started.desc(), TranscriptRow.id)
        )
        with self._engine.connect() as connection:
            total = connection.scalar(select(func.count()).select_from(TranscriptRow).where(*conditions)) or 0
            rows = connection.execute(page.offset(offset).limit(limit)).all()
        return [_transcript(row) for row in rows], total

    def read(self, owner: str, id: str) -> tuple[Transcript, list[Entry]] | None:
        """A transcript with its entries; None where the owner has none of that id."""
        with self._engine.connect() as connection:
            head = connection.execute(
                select(TranscriptRow.__table__).where(TranscriptRow.id == id, TranscriptRow.owner == owner)
            ).one_or_none()
            if head is None:
                return None
            rows = connection.execute(
                select(EntryRow.__table__).where(EntryRow.transcript_id == id).order_by(EntryRow.number)
            ).all()
        return _transcript(head), [_entry(row) for row in rows]

    def ids(self, owner: str) -> list[str]:
        """Of all the owner's transcripts, oldest first."""
        mine = select(TranscriptRow.id).where(TranscriptRow.owner == owner)
        with self._engine.connect() as connection:
            return list(connection.scalars(mine.order_by(TranscriptRow.started, TranscriptRow.id)))

    def delete(self, owner: str, id: str | None = None) -> int:
        """Delete one of the owner's transcripts, or all, for good. Returns how many there were."""
        mine = [TranscriptRow.owner == owner] + ([TranscriptRow.id == id] if id is not None else [])
        return self._delete(mine)

    def sweep(self, before: datetime) -> int:
        """Delete the transcripts of everybody that ended before a moment. Returns how many there were."""
        return self._delete([TranscriptRow.ended < before])

    def _delete(self, conditions: list[ColumnElement[bool]]) -> int:
        with self._engine.begin() as connection:
            count = connection.execute(delete(TranscriptRow).where(*conditions)).rowcount
        if count:
            forget_journal(self._engine)
        return count


def _conditions(owner: str, wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [TranscriptRow.owner == owner]
    if wanted.search:
        conditions.append(TranscriptRow.text.icontains(wanted.search, autoescape=True))
    if wanted.model:
        conditions.append(TranscriptRow.models.contains(f" {wanted.model} ", autoescape=True))
    if wanted.since:
        conditions.append(TranscriptRow.ended >= wanted.since)
    if wanted.until:
        conditions.append(TranscriptRow.started < wanted.until)
    return conditions


def _transcript(row: Any) -> Transcript:
    return Transcript(row.id, row.started, row.ended, tuple(row.models.split()), row.text)


def _entry(row: Any) -> Entry:
    candidates = tuple((sign, probability) for sign, probability in row.candidates)
    return Entry(
        row.number,
        row.seconds,
        row.kind,
        row.model,
        row.sign,
        row.confidence,
        candidates,
        row.kept,
        row.tail,
    )

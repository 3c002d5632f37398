"""Lessons that a teacher keeps, in an open database. Every method is one transaction, and all are called by one thread.

A lesson's row is made when the teacher says so, and its pupils' rows stand and fall with it: what another server still has
to write of a lesson that was deleted finds no place, and is dropped.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from webapp.core.lesson import Record, record_from_json
from webapp.core.progress import KeptPupil, Lesson, key_of
from webapp.storage.database import BAD_DATA, forget_journal
from webapp.storage.tables import LessonPupilRow, LessonRow

_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Portion:
    """How one pupil of a lesson stands; with no pupil, that this one is to be forgotten."""

    lesson: str
    pupil_id: str
    pupil: KeptPupil | None
    moment: datetime


@dataclass(frozen=True)
class Summary:
    """A lesson in the list."""

    id: str
    class_name: str
    began: datetime
    ended: datetime
    pupils: int


class LessonStore:
    """The lessons in an open database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = _INSERT[engine.dialect.name]

    def begin(self, id: str, class_name: str, began: datetime) -> None:
        """Keep a lesson from now on; where it is kept already, under another class's name."""
        named = {"class_name": class_name, "class_key": key_of(class_name)}
        row = self._insert(LessonRow).values(id=id, began=began, ended=datetime.now(UTC), **named)
        with self._engine.begin() as connection:
            connection.execute(row.on_conflict_do_update(index_elements=[LessonRow.id], set_=named))

    def write(self, portions: Iterable[Portion]) -> None:
        """Write how pupils stand now. What is older than what is there already, and what belongs to no lesson, is dropped."""
        with self._engine.begin() as connection:
            for portion in portions:
                try:
                    with connection.begin_nested():
                        self._write(connection, portion)
                except BAD_DATA:
                    pass  # for want of its lesson, which has been deleted meanwhile

    def _write(self, connection: Connection, portion: Portion) -> None:
        pupil = portion.pupil
        if pupil is None:
            here = LessonPupilRow.lesson_id == portion.lesson, LessonPupilRow.pupil_id == portion.pupil_id
            connection.execute(delete(LessonPupilRow).where(*here))
            return
        state = {
            "seat": pupil.seat,
            "name": pupil.name,
            "steps": _steps(pupil.record),
            "record": asdict(pupil.record),
        }
        row = self._insert(LessonPupilRow).values(lesson_id=portion.lesson, pupil_id=portion.pupil_id, **state)
        connection.execute(
            row.on_conflict_do_update(
                index_elements=[LessonPupilRow.lesson_id, LessonPupilRow.pupil_id],
                set_=state,
                # A pupil may have gone on at another server, which has written what this one has not heard of.
                where=LessonPupilRow.steps <= row.excluded.steps,
            )
        )
        later = LessonRow.id == portion.lesson, LessonRow.ended < portion.moment
        connection.execute(update(LessonRow).where(*later).values(ended=portion.moment))

    def read(self, id: str) -> Lesson | None:
        """A lesson with its pupils; None where there is none of that id."""
        return next(iter(self._read([LessonRow.id == id])), None)

    def of_class(self, class_name: str) -> list[Lesson]:
        """The lessons of a class, the oldest first."""
        return self._read([LessonRow.class_key == key_of(class_name)])

    def _read(self, conditions: list[ColumnElement[bool]]) -> list[Lesson]:
        heads = select(LessonRow.__table__).where(*conditions).order_by(LessonRow.began, LessonRow.id)
        pupils = (
            select(LessonPupilRow.__table__)
            .join(LessonRow, LessonRow.id == LessonPupilRow.lesson_id)
            .where(*conditions)
            .order_by(LessonPupilRow.seat, LessonPupilRow.pupil_id)
        )
        with self._engine.connect() as connection:
            found = connection.execute(heads).all()
            rows = connection.execute(pupils).all()
        of: dict[str, list[KeptPupil]] = {head.id: [] for head in found}
        for row in rows:
            of.setdefault(row.lesson_id, []).append(_pupil(row))
        return [Lesson(head.id, head.class_name, head.began, tuple(of[head.id])) for head in found]

    def all(self) -> list[Summary]:
        """Every lesson, the newest first."""
        pupils = (
            select(func.count())
            .select_from(LessonPupilRow)
            .where(LessonPupilRow.lesson_id == LessonRow.id)
            .scalar_subquery()
        )
        every = select(LessonRow.id, LessonRow.class_name, LessonRow.began, LessonRow.ended, pupils.label("pupils"))
        with self._engine.connect() as connection:
            rows = connection.execute(every.order_by(LessonRow.began.desc(), LessonRow.id)).all()
        return [Summary(row.id, row.class_name, row.began, row.ended, row.pupils) for row in rows]

    def delete(self, id: str | None = None, class_name: str | None = None) -> list[str]:
        """Delete one lesson, those of one class, or all, for good. Returns their ids."""
        conditions = [LessonRow.id == id] if id is not None else []
        conditions += [LessonRow.class_key == key_of(class_name)] if class_name is not None else []
        return self._delete(conditions)

    def sweep(self, before: datetime) -> None:
        """Delete the lessons that ended before a moment."""
        self._delete([LessonRow.ended < before])

    def _delete(self, conditions: list[ColumnElement[bool]]) -> list[str]:
        with self._engine.begin() as connection:
            ids = list(connection.scalars(select(LessonRow.id).where(*conditions)))
            connection.execute(delete(LessonRow).where(LessonRow.id.in_(ids)))
        if ids:
            forget_journal(self._engine)
        return ids


def _steps(record: Record) -> int:
    """How much has been written; it only ever grows."""
    return sum(known.spelled + known.slips for known in record.letters.values())


def _pupil(row: Row[Any]) -> KeptPupil:
    return KeptPupil(row.pupil_id, row.seat, row.name, record_from_json(row.record))

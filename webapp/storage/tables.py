"""The tables. A change here needs a migration beside it: `alembic revision --autogenerate -m "What changes"`."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Float, ForeignKey, Index, MetaData, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Named, because SQLite can only change constraints that have a name.
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, with its zone, also from SQLite, which stores none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMES)


class TranscriptRow(Base):
    """One session's text."""

    __tablename__ = "transcripts"
    __table_args__ = (Index(None, "owner", "started"), Index(None, "ended"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the browser's key, in hexadecimal: who reads the database cannot become the browser."""
    started: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the first step was made."""
    ended: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the last step so far was made."""
    models: Mapped[str] = mapped_column(String(200))
    """The models that read it, in the order of their first use, with a space before and after each."""
    text: Mapped[str] = mapped_column(Text)


class LessonRow(Base):
    """One lesson that the teacher keeps."""

    __tablename__ = "lessons"
    __table_args__ = (Index(None, "class_key", "began"), Index(None, "ended"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    class_name: Mapped[str] = mapped_column(String(100))
    class_key: Mapped[str] = mapped_column(String(100))
    """What lessons of one class have in common; core/progress.py says how it comes from the name."""
    began: Mapped[datetime] = mapped_column(UtcDateTime)
    ended: Mapped[datetime] = mapped_column(UtcDateTime)
    """When something of it was written for the last time."""


class LessonPupilRow(Base):
    """How the tasks of a lesson went for one pupil; core/lesson.py says what the record means."""

    __tablename__ = "lesson_pupils"

    lesson_id: Mapped[str] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True)
    pupil_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    seat: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    steps: Mapped[int]
    """How much the record holds: a larger one is newer."""
    record: Mapped[dict[str, Any]] = mapped_column(JSON)


class EntryRow(Base):
    """One step of a transcript; core/transcript.py says what the columns mean."""

    __tablename__ = "entries"

    transcript_id: Mapped[str] = mapped_column(ForeignKey("transcripts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seconds: Mapped[float] = mapped_column(Float(53))
    kind: Mapped[str] = mapped_column(String(20))
    model: Mapped[str] = mapped_column(String(100))
    sign: Mapped[str | None] = mapped_column(String(100))
    confidence: Mapped[float | None] = mapped_column(Float(53))
    candidates: Mapped[list[Any]] = mapped_column(JSON)
    kept: Mapped[int]
    tail: Mapped[str] = mapped_column(Text)

"""How a database is reached, by URL, and brought up to date: an SQLite file, or PostgreSQL."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DisconnectionError, IntegrityError

from webapp.config import ROOT, ConfigError

# What the data themselves are to blame for; trying again would not help.
BAD_DATA = (DataError, IntegrityError, UnicodeError)

KINDS = ("sqlite", "postgresql")

# How long one attempt may take before the database counts as away: everything else that concerns it waits meanwhile.
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 10

# Any number will do, as long as it is the same: servers that start together migrate one after the other.
_MIGRATION_LOCK = 4_801


def database_url(text: str, folder: Path) -> URL:
    """The URL with its driver; a relative SQLite file lies in `folder`. Raises ConfigError."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise _unusable("is no database URL") from None
    kind = url.get_backend_name()
    if kind not in KINDS:
        raise _unusable(f"names {kind}, which is not known here")
    if kind == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if not url.database or url.database == ":memory:":
        raise _unusable("names no file")
    return url.set(drivername="sqlite", database=str(folder / url.database))


def _unusable(why: str) -> ConfigError:
    # The URL itself is not repeated: it may hold a password.
    return ConfigError(
        f"HANDSPELL_DATABASE_URL {why}. It must look like sqlite:///folder/file.sqlite3 or "
        "postgresql://user:password@host/name."
    )


def open_engine(url: URL) -> Engine:
    """An engine whose tables are up to date; made, used and disposed of by one thread. Raises SQLAlchemyError or OSError."""
    engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    try:
        _migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _sqlite(url: URL) -> Engine:
    file = Path(url.database or "")
    # What people spelled is for nobody else on this machine.
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": CONNECT_SECONDS})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        for pragma in (
            "journal_mode = WAL",  # readers and the writer do not wait for each other
            "synchronous = FULL",  # what was committed outlives even a power cut; there are few commits a second
            "foreign_keys = ON",
            "secure_delete = ON",  # what is deleted is overwritten, not merely forgotten
        ):
            connection.execute(f"PRAGMA {pragma}")
        record.info["file"] = _identity(file)

    @event.listens_for(engine, "checkout")
    def same_file(connection: Any, record: Any, proxy: Any) -> None:
        # SQLite writes happily into a file that was deleted or moved away; the pool then opens the one that is there.
        if record.info["file"] != _identity(file):
            raise DisconnectionError("the database file was replaced")

    return engine


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": f"-c statement_timeout={STATEMENT_SECONDS}s -c timezone=UTC",
            # A network that is gone says nothing: without this a statement would wait for a quarter of an hour.
            "tcp_user_timeout": 1000 * STATEMENT_SECONDS,
        },
    )


def forget_journal(engine: Engine) -> None:
    """After a deletion: SQLite's journal still holds what was there before, and this empties it."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))


def alembic_config() -> Config:
    """Alembic's settings, as the command `alembic` finds them."""
    return Config(toml_file=ROOT / "pyproject.toml")


def _migrate(engine: Engine) -> None:
    config = alembic_config()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

"""Alembic's door to the database: the server hands its connection in, the command line opens one by the settings."""

import os

from alembic import context
from sqlalchemy import Connection, create_engine

from webapp.config import load
from webapp.storage.database import database_url
from webapp.storage.tables import Base


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        render_as_batch=True,  # SQLite changes a table by copying it
    )
    with context.begin_transaction():
        context.run_migrations()


handed_in = context.config.attributes.get("connection")
if handed_in is not None:
    run(handed_in)
else:
    settings = load(os.environ)
    engine = create_engine(database_url(settings.database_url, settings.data))
    with engine.begin() as opened:
        run(opened)
    engine.dispose()

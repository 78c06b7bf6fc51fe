"""How Alembic runs the migrations: in the transaction that it is handed, so as a whole or not at all."""

from alembic import context
from sqlalchemy import Connection, text

from proofkit_serve.store.tables import metadata

_LOCK = 0x70726F6F66  # one number for this program: two processes that start at once migrate one after the other


def _run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


if hasattr(context, "config"):  # only while Alembic runs it; an import does nothing
    _run(context.config.attributes["connection"])

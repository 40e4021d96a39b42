"""Starts Alembic on the connection that it is handed, in the caller's transaction."""

from __future__ import annotations

from alembic import context

from worker.store.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=False,
)
context.run_migrations()

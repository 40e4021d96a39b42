"""Adds the record that an event waits for, and until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEPT = "waits_for IS NOT NULL"


def upgrade() -> None:
    op.add_column("events", sa.Column("waits_for", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("waits_until", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_events_kept",
        "events",
        ["waits_for"],
        sqlite_where=sa.text(KEPT),
        postgresql_where=sa.text(KEPT),
    )


def downgrade() -> None:
    op.drop_index("ix_events_kept", "events")
    with op.batch_alter_table("events") as events:
        events.drop_column("waits_until")
        events.drop_column("waits_for")

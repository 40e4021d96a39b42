"""Adds the place of a replay among the events of its time."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    op.add_column("events", sa.Column("place", sa.BigInteger(), nullable=True))
    _index(sa.text("coalesce(place, seq)"), "seq")


def _index(*last: Any) -> None:
    op.drop_index("ix_events_waiting", table_name="events")
    op.create_index(
        "ix_events_waiting",
        "events",
        ["connection", "subject", "time", *last],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )


def downgrade() -> None:
    _index("seq")
    with op.batch_alter_table("events") as events:
        events.drop_column("place")

"""Keeps what the processes count, their signs of life, and when chores ran."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

expand = True

OLDEST = sa.text("status = 'pending' AND replay = ''")
FOR_PEOPLE = sa.text("status IN ('dead', 'review')")
WAITING = """
INSERT INTO totals (connection, what, n)
SELECT connection, 'mended', count(*) FROM events WHERE status = 'pending' GROUP BY connection
"""


def upgrade() -> None:
    op.create_table(
        "minutes",
        sa.Column("minute", sa.BigInteger(), nullable=False),
        sa.Column("connection", sa.String(64), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "connection", "what", "shard", name="pk_minutes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hours",
        sa.Column("connection", sa.String(64), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "what", "hour", name="pk_hours"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_hours_hour", "hours", ["hour"])
    op.create_table(
        "totals",
        sa.Column("connection", sa.String(64), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "what", name="pk_totals"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "processes",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("threads", sa.Integer(), nullable=False),
        sa.Column("busy", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
    )
    op.create_table(
        "chores",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("ran_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_chores"),
    )
    op.create_table(
        "write_probes",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_write_probes"),
    )
    op.create_index(
        "ix_events_oldest", "events", ["connection", "received_at"], sqlite_where=OLDEST, postgresql_where=OLDEST
    )
    op.create_index(
        "ix_events_for_people",
        "events",
        ["connection", "status", "done_at"],
        sqlite_where=FOR_PEOPLE,
        postgresql_where=FOR_PEOPLE,
    )
    # What waits already has no "received" that was counted.
    op.execute(WAITING)


def downgrade() -> None:
    op.drop_index("ix_events_for_people", table_name="events")
    op.drop_index("ix_events_oldest", table_name="events")
    for table in ("write_probes", "chores", "processes", "totals", "hours", "minutes"):
        op.drop_table(table)

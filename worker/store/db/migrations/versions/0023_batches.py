"""Adds kinds of reasons, batches, and lanes that a person holds back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

expand = True

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FOR_PEOPLE = "status IN ('dead', 'review')"
OF_A_BATCH = "batch IS NOT NULL"
RUNNING = "state = 'running'"


def upgrade() -> None:
    op.add_column("events", sa.Column("reason_code", sa.String(64), nullable=True))
    op.add_column("events", sa.Column("again_at", sa.BigInteger(), nullable=True))
    op.add_column("events", sa.Column("batch", sa.BigInteger(), nullable=True))
    op.add_column("lanes", sa.Column("held_at", sa.BigInteger(), nullable=True))
    _index("ix_events_reason", "events", ["reason_code", "connection", "seq"], FOR_PEOPLE)
    _index("ix_events_batch", "events", ["batch", "status", "seq"], OF_A_BATCH)
    op.create_table(
        "batches",
        sa.Column("seq", SEQ, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("a_minute", sa.Integer(), nullable=False),
        sa.Column("bookmark", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("taken", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("taken_back", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("request_key", sa.String(255), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_batches"),
        sa.UniqueConstraint("by", "request_key", name="uq_batches_by_request_key"),
        sqlite_autoincrement=True,
    )
    _index("ix_batches_running", "batches", ["seq"], RUNNING)


def downgrade() -> None:
    op.drop_table("batches")
    op.drop_index("ix_events_batch", "events")
    op.drop_index("ix_events_reason", "events")
    with op.batch_alter_table("lanes") as lanes:
        lanes.drop_column("held_at")
    with op.batch_alter_table("events") as events:
        events.drop_column("batch")
        events.drop_column("again_at")
        events.drop_column("reason_code")


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))

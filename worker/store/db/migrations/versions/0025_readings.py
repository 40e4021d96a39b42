"""Adds what was read of senders' APIs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

expand = True


def upgrade() -> None:
    op.create_table(
        "readings",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("connection", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("thing", sa.String(255), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
    )
    op.create_index("ix_readings_thing", "readings", ["connection", "kind", "thing", "read_at"])
    op.create_table(
        "event_readings",
        sa.Column("event", sa.String(26), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("reading", sa.String(26), nullable=False),
        sa.PrimaryKeyConstraint("event", "name", name="pk_event_readings"),
    )
    op.create_index("ix_event_readings_reading", "event_readings", ["reading"])
    op.add_column("connections", sa.Column("refused_by", sa.String(64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("connections") as connections:
        connections.drop_column("refused_by")
    op.drop_table("event_readings")
    op.drop_table("readings")

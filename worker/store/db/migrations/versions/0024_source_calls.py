"""Adds what was read of senders' APIs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

expand = True


def upgrade() -> None:
    op.create_table(
        "source_calls",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("connection", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("thing", sa.String(255), nullable=True),
        sa.Column("event", sa.String(26), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(64), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source_calls"),
    )
    op.create_index("ix_source_calls_started", "source_calls", ["connection", "started_at"])
    op.create_index("ix_source_calls_age", "source_calls", ["started_at"])
    op.create_index("ix_source_calls_event", "source_calls", ["event"])


def downgrade() -> None:
    op.drop_table("source_calls")

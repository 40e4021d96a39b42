"""Adds how far the lists of what changed at senders were read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

expand = True

COUNTED = ("found", "brought", "duplicates", "dead", "token")
MOMENTS = (
    "begun_at",
    "newest",
    "lease_until",
    "ran_at",
    "ended_at",
    "next_at",
    "failing_since",
    "lost_from",
    "lost_until",
    "lost_at",
)


def upgrade() -> None:
    op.create_table(
        "cursors",
        sa.Column("connection", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("bookmark", sa.Text(), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in MOMENTS),
        *(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0") for name in COUNTED),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("connection", "kind", name="pk_cursors"),
    )


def downgrade() -> None:
    op.drop_table("cursors")

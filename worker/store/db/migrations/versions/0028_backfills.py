"""Adds how far backfills have come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

expand = True


def upgrade() -> None:
    op.create_table(
        "backfills",
        sa.Column("batch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("connection", sa.String(64), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("bookmark", sa.Text(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("seen", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("known", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("left_out", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("batch", name="pk_backfills"),
    )


def downgrade() -> None:
    op.drop_table("backfills")

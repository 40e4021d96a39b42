"""Adds the last comparison of each connection's sender with Upsales."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

expand = True


def upgrade() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("connection", sa.String(64), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("repair", sa.Boolean(), nullable=False),
        sa.Column("over_people", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("more", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_reconciliations"),
    )
    op.create_index("ix_reconciliations_connection", "reconciliations", ["connection"])


def downgrade() -> None:
    op.drop_index("ix_reconciliations_connection", "reconciliations")
    op.drop_table("reconciliations")

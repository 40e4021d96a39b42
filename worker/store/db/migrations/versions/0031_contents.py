"""Adds the bytes of files that were read of senders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

expand = True


def upgrade() -> None:
    op.create_table(
        "contents",
        sa.Column("reading", sa.String(26), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("reading", name="pk_contents"),
    )


def downgrade() -> None:
    op.drop_table("contents")

"""Adds the ids of events that are gone, as digests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0031"
branch_labels = None
depends_on = None

expand = True


def upgrade() -> None:
    op.create_table(
        "past_ids",
        sa.Column("digest", sa.LargeBinary(16), nullable=False),
        sa.Column("event", sa.String(26), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_past_ids"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_past_ids_until", "past_ids", ["until"])


def downgrade() -> None:
    op.drop_index("ix_past_ids_until", "past_ids")
    op.drop_table("past_ids")

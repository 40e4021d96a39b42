"""Keeps what is asked about a person, and finds calls by key, or as they went wrong."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

expand = True

UNWELL = sa.text("state IN ('unknown', 'failed', 'lost')")


def upgrade() -> None:
    op.create_table(
        "erasure_drafts",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("term", sa.String(64), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("step", sa.String(255), nullable=True),
        sa.Column("found", sa.JSON(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasure_drafts"),
    )
    op.create_index("ix_erasure_drafts_seen_at", "erasure_drafts", ["seen_at"])
    op.create_index("ix_calls_key", "calls", ["fingerprint", "started_at"])
    op.create_index("ix_calls_unwell", "calls", ["state", "started_at"], sqlite_where=UNWELL, postgresql_where=UNWELL)


def downgrade() -> None:
    op.drop_index("ix_calls_unwell", table_name="calls")
    op.drop_index("ix_calls_key", table_name="calls")
    op.drop_table("erasure_drafts")

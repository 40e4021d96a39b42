"""Keeps the proof that persons were erased, and when a record was last touched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

expand = True


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("term", sa.String(64), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_term", "erasures", ["term"])
    op.add_column("records", sa.Column("touched_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_records_touched_at", "records", ["touched_at"])


def downgrade() -> None:
    op.drop_index("ix_records_touched_at", "records")
    op.drop_column("records", "touched_at")
    op.drop_table("erasures")

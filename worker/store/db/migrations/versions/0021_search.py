"""Makes lists go by an index, and values in payloads searchable."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

expand = True

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNSEARCHED = sa.text("searched IS NULL OR searched < 0")


def upgrade() -> None:
    op.add_column("events", sa.Column("searched", sa.Integer(), nullable=True))
    op.create_index("ix_events_fate", "events", ["connection", "status", "seq"])
    op.create_index("ix_events_type", "events", ["type", "seq"])
    op.create_index("ix_events_subject", "events", ["subject", "seq"])
    op.create_index("ix_events_unsearched", "events", ["seq"], sqlite_where=UNSEARCHED, postgresql_where=UNSEARCHED)
    op.create_table(
        "terms",
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("term", "seq", name="pk_terms"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event_terms",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_event_terms"),
    )


def downgrade() -> None:
    op.drop_table("event_terms")
    op.drop_table("terms")
    for name in ("unsearched", "subject", "type", "fate"):
        op.drop_index(f"ix_events_{name}", "events")
    op.drop_column("events", "searched")

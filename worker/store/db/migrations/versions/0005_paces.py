"""Adds turns for replays, and indexes for what is idle or old."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PARKED = sa.text("parked_at IS NOT NULL")
IDLE = sa.text("due_at IS NULL")
SETTLED = sa.text("verify_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "paces",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("a_minute", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", name=op.f("pk_paces")),
    )
    op.add_column("lanes", sa.Column("parked_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_lanes_parked", "lanes", ["connection", "parked_at"], sqlite_where=PARKED, postgresql_where=PARKED
    )
    op.execute("UPDATE lanes SET lease_until = 0 WHERE lease_until IS NULL AND due_at IS NULL")
    op.create_index("ix_lanes_idle", "lanes", ["lease_until"], sqlite_where=IDLE, postgresql_where=IDLE)
    op.add_column("calls", sa.Column("failed_looks", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_calls_age", "calls", ["started_at"], sqlite_where=SETTLED, postgresql_where=SETTLED)


def downgrade() -> None:
    op.drop_index("ix_calls_age", table_name="calls")
    with op.batch_alter_table("calls") as calls:
        calls.drop_column("failed_looks")
    op.drop_index("ix_lanes_idle", table_name="lanes")
    op.drop_index("ix_lanes_parked", table_name="lanes")
    with op.batch_alter_table("lanes") as lanes:
        lanes.drop_column("parked_at")
    op.drop_table("paces")

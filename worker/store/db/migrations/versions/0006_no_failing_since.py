"""Drops the time since which an event fails: nothing is decided by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("events", "failing_since")


def downgrade() -> None:
    op.add_column("events", sa.Column("failing_since", sa.BigInteger(), nullable=True))

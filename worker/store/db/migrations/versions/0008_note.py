"""Tells what of an event could not be taken as its sender told it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("events", sa.Column("note", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("events", "note")

"""Remembers when a connection forgot its links, so that markers are looked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("connections", sa.Column("rebound_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("connections", "rebound_at")

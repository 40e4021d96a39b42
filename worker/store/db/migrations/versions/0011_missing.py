"""Remembers since when a key's record has been missing in Upsales."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("links", sa.Column("missing_since", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("links", "missing_since")

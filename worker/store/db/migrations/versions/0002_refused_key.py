"""Adds the key for which a connection was paused, so that another one is tried at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("connections", sa.Column("refused_key", sa.String(length=16), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("connections") as connections:
        connections.drop_column("refused_key")

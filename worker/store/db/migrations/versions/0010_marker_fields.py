"""Keeps which custom fields for the marker an account has, and why one is missing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "marker_fields",
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("alias", sa.String(255), nullable=False),
        sa.Column("resource", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("looked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "alias", "resource", name="pk_marker_fields"),
    )


def downgrade() -> None:
    op.drop_table("marker_fields")

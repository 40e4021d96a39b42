"""Keeps which session may see whose personal data, and until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

expand = True


def upgrade() -> None:
    op.create_table(
        "reveals",
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("about", sa.String(255), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session", "about", name="pk_reveals"),
    )
    op.create_index("ix_reveals_until", "reveals", ["until"])


def downgrade() -> None:
    op.drop_table("reveals")

"""Keeps which programs can work with the tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

expand = True


def upgrade() -> None:
    op.create_table(
        "schema_support",
        sa.Column("oldest", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("oldest", name="pk_schema_support"),
    )


def downgrade() -> None:
    op.drop_table("schema_support")

"""Keeps what senders granted, and when a token ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

expand = True


def upgrade() -> None:
    op.add_column("secrets", sa.Column("ends_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "grants",
        sa.Column("connection", sa.String(64), nullable=False),
        sa.Column("client", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("access", sa.LargeBinary(), nullable=True),
        sa.Column("refresh", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("refresh_at", sa.BigInteger(), nullable=True),
        sa.Column("grant_ends_at", sa.BigInteger(), nullable=True),
        sa.Column("granted_at", sa.BigInteger(), nullable=True),
        sa.Column("refreshed_at", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("lease", sa.String(32), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", name="pk_grants"),
    )


def downgrade() -> None:
    op.drop_table("grants")
    with op.batch_alter_table("secrets") as secrets:
        secrets.drop_column("ends_at")

"""Adds a note on what of an event was not taken as told; bounds keys as subjects are.

SQLite held keys of any length. What is looked for from now on is the digest that stands for a long one.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LONGEST = 255
KEYED = ("links", "identities", "calls")


def upgrade() -> None:
    op.add_column("events", sa.Column("note", sa.Text(), nullable=True))
    for name in KEYED:
        _bound_keys(op.get_bind(), sa.table(name, sa.column("key", sa.String)))


def _bound_keys(conn: sa.Connection, table: sa.TableClause) -> None:
    long = conn.execute(sa.select(table.c.key).where(sa.func.length(table.c.key) > LONGEST).distinct()).scalars().all()
    for key in long:
        digest = "sha256:" + hashlib.sha256(key.encode()).hexdigest()
        conn.execute(sa.update(table).where(table.c.key == key).values(key=digest))


def downgrade() -> None:
    op.drop_column("events", "note")

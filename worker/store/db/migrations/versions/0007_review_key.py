"""Adds the record that a person has to name for an event in review.

What is in review already is told by its reason, as earlier releases worded it. Where a reason tells nothing, both stay null.
"""

from __future__ import annotations

import re
from ast import literal_eval

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = re.compile(
    r"(?:it links to |a create of |whether |\d+ records in Upsales match )?"
    r"(?P<resource>account|contact|order|activity|appointment|phoneCall|product|agreement|ticket|comment|event) "
    r"""(?P<id>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    r"(?: of (?P<connection>[a-z][a-z0-9_-]{0,62}))?"
)
SEVERAL = re.compile(r"(?P<number>\d+) records in Upsales match .*: (?P<ids>\d+(?:, \d+)*)")
TWICE = re.compile(r".* was made more than once: (?P<ids>\d+(?:, \d+)*)\. Merge them in Upsales\.")
UPDATED = re.compile(r"what an update of [A-Za-z]+ (?P<id>\d+) did could not be put right: ")

events = sa.table(
    "events",
    sa.column("id", sa.String),
    sa.column("connection", sa.String),
    sa.column("status", sa.String),
    sa.column("reason", sa.Text),
    sa.column("review_key", sa.Text),
    sa.column("candidates", sa.JSON(none_as_null=True)),
)


def upgrade() -> None:
    op.add_column("events", sa.Column("review_key", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("candidates", sa.JSON(), nullable=True))
    _fill(op.get_bind())


def _fill(conn: sa.Connection) -> None:
    asked = events.c.status == "review", events.c.reason.is_not(None)
    rows = conn.execute(sa.select(events.c.id, events.c.connection, events.c.reason).where(*asked)).all()
    told = [
        {"event": row.id, "key": _key(row.connection, row.reason), "records": _candidates(row.reason)} for row in rows
    ]
    if told:
        statement = sa.update(events).where(events.c.id == sa.bindparam("event"))
        conn.execute(statement.values(review_key=sa.bindparam("key"), candidates=sa.bindparam("records")), told)


def _key(connection: str, reason: str) -> str | None:
    found = KEY.match(reason)
    key = None if found is None else _unquoted(found["id"])
    return None if found is None or key is None else f"{found['connection'] or connection}:{found['resource']}:{key}"


def _unquoted(text: str) -> str | None:
    """What Python shows so; None where no database can hold it."""
    try:
        key = str(literal_eval(text))
        key.encode()
    except (SyntaxError, ValueError):
        return None
    return None if "\0" in key else key


def _candidates(reason: str) -> list[int] | None:
    """None, too, where only the first of many are told."""
    if update := UPDATED.match(reason):
        return [int(update["id"])]
    several = SEVERAL.fullmatch(reason)
    found = several or TWICE.fullmatch(reason)
    if found is None:
        return None
    ids = [int(each) for each in found["ids"].split(", ")]
    return None if several is not None and len(ids) != int(several["number"]) else ids


def downgrade() -> None:
    op.drop_column("events", "candidates")
    op.drop_column("events", "review_key")

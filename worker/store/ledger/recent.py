"""Reads the states of calls that were made lately or are not settled, for who follows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Select, select, union_all

from worker.store.db.clock import after
from worker.store.db.tables import calls

SECONDS = 300.0
"""Longer than any call takes: a read is journalled when it has ended."""
MOST = 20_000


def states(conn: Connection, wanted: Sequence[ColumnElement[bool]]) -> Mapping[str, str]:
    """By the call's id. Each half has an index, which holds little."""
    lately = _states(calls.c.verify_at.is_(None), calls.c.started_at >= after(-SECONDS), *wanted)
    unsettled = _states(calls.c.verify_at.is_not(None), *wanted)
    rows = conn.execute(union_all(lately, unsettled).limit(MOST))
    return {row.id: row.state for row in rows}


def states_of(conn: Connection, ids: Collection[str]) -> Mapping[str, str]:
    if not ids:
        return {}
    return {row.id: row.state for row in conn.execute(_states(calls.c.id.in_(sorted(ids))))}


def _states(*wanted: ColumnElement[bool]) -> Select[tuple[str, str]]:
    return select(calls.c.id, calls.c.state).where(*wanted)

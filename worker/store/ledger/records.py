"""Keeps what each Upsales record holds, and who may write to it now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from worker.errors import Busy
from worker.plan import Resource
from worker.store.db.clock import after, db_now
from worker.store.db.sql import insert_new
from worker.store.db.tables import records
from worker.sync.records import Held, Json, not_older, packed_fields, unpacked_fields

Packed: TypeAlias = dict[str, list[Json]]
SHORTEST_WAIT = 0.1


def _at(account: int, resource: Resource, record_id: int) -> ColumnElement[bool]:
    of_resource = and_(records.c.account == account, records.c.resource == resource)
    return and_(of_resource, records.c.record_id == record_id)


def fields(conn: Connection, account: int, resource: Resource, record_id: int) -> Mapping[str, Held]:
    statement = select(records.c.fields).where(_at(account, resource, record_id))
    return unpacked_fields(conn.execute(statement).scalar_one_or_none() or {})


def take(
    conn: Connection,
    account: int,
    resource: Resource,
    record_id: int,
    holder: str,
    seconds: float,
    *,
    kept: bool = False,
) -> Packed:
    """Take the record's lease. Answers what it holds. Raises Busy while another has it, or had it since: it was to be `kept`."""
    row = _row(conn, account, resource, record_id)
    if kept and row.holder != holder:
        raise Busy(f"{resource} {record_id} was written by another worker meanwhile", seconds=SHORTEST_WAIT)
    if row.holder not in (None, holder) and row.lease_until > row.now:
        left = (row.lease_until - row.now) / timedelta(seconds=1)
        raise Busy(
            f"{resource} {record_id} is being written by another worker", seconds=min(max(left, SHORTEST_WAIT), 1.0)
        )
    statement = update(records).where(_at(account, resource, record_id))
    conn.execute(statement.values(holder=holder, lease_until=after(seconds), touched_at=db_now()))
    held: Packed = row.fields
    return held


def give_back(conn: Connection, account: int, resource: Resource, record_id: int, holder: str) -> None:
    mine = and_(_at(account, resource, record_id), records.c.holder == holder)
    conn.execute(update(records).where(mine).values(holder=None, lease_until=None))


def merge(conn: Connection, account: int, resource: Resource, record_id: int, newer: Mapping[str, Held]) -> None:
    """Take in what is not older than what is held."""
    held: Packed = _row(conn, account, resource, record_id).fields
    _keep(conn, account, resource, record_id, held, packed_fields(not_older(newer, held)))


def fill(conn: Connection, account: int, resource: Resource, record_id: int, seen: Mapping[str, Held]) -> None:
    """Take in what nothing is held for."""
    held: Packed = _row(conn, account, resource, record_id).fields
    new = {name: value for name, value in seen.items() if name not in held}
    _keep(conn, account, resource, record_id, held, packed_fields(new))


def bury(conn: Connection, account: int, resource: Resource, record_id: int) -> None:
    conn.execute(delete(records).where(_at(account, resource, record_id)))


def _row(conn: Connection, account: int, resource: Resource, record_id: int) -> Any:
    """The record's row, made if need be, to ourselves until the transaction ends."""
    insert_new(conn, records, account=account, resource=resource, record_id=record_id, fields={}, touched_at=db_now())
    statement = select(records, db_now().label("now")).where(_at(account, resource, record_id))
    found = conn.execute(statement.with_for_update()).one_or_none()
    # None: it was there, and has just been buried.
    return found or _row(conn, account, resource, record_id)


def _keep(conn: Connection, account: int, resource: Resource, record_id: int, held: Packed, taken: Packed) -> None:
    if taken:
        statement = update(records).where(_at(account, resource, record_id))
        conn.execute(statement.values(fields={**held, **taken}, touched_at=db_now()))

"""Keeps what each Upsales record holds, and who may write to it now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from sqlalchemy import Connection, delete, select, update

from worker.errors import Busy
from worker.plan import Resource
from worker.store.db.clock import AFTER, db_now, micros
from worker.store.db.sql import given, insert_new, same
from worker.store.db.tables import records
from worker.sync.records import Held, Json, not_older, packed_fields, unpacked_fields

Packed: TypeAlias = dict[str, list[Json]]
SHORTEST_WAIT = 0.1


_AT = same(records.c.account, records.c.resource, records.c.record_id)
_FIELDS = select(records.c.fields).where(_AT)
_ROW = select(records, db_now().label("now")).where(_AT).with_for_update()
_TAKEN = update(records).where(_AT).values(lease_until=AFTER, touched_at=db_now())
_GIVEN_BACK = (
    update(records).where(_AT, records.c.holder == given(records.c.holder)).values(holder=None, lease_until=None)
)
_KEPT = update(records).where(_AT).values(touched_at=db_now())


def _at(account: int, resource: Resource, record_id: int) -> dict[str, Any]:
    return {"of_account": account, "of_resource": resource, "of_record_id": record_id}


def fields(conn: Connection, account: int, resource: Resource, record_id: int) -> Mapping[str, Held]:
    return unpacked_fields(conn.execute(_FIELDS, _at(account, resource, record_id)).scalar_one_or_none() or {})


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
    conn.execute(_TAKEN, {**_at(account, resource, record_id), "holder": holder, "micros": micros(seconds)})
    held: Packed = row.fields
    return held


def give_back(conn: Connection, account: int, resource: Resource, record_id: int, holder: str) -> None:
    conn.execute(_GIVEN_BACK, {**_at(account, resource, record_id), "of_holder": holder})


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
    conn.execute(delete(records).where(_AT), _at(account, resource, record_id))


def _row(conn: Connection, account: int, resource: Resource, record_id: int) -> Any:
    """The record's row, made if need be, to ourselves until the transaction ends."""
    found = conn.execute(_ROW, _at(account, resource, record_id)).one_or_none()
    if found is not None:
        return found
    insert_new(conn, records, account=account, resource=resource, record_id=record_id, fields={}, touched_at=db_now())
    # It may be made by another transaction meanwhile, and buried as soon.
    return _row(conn, account, resource, record_id)


def _keep(conn: Connection, account: int, resource: Resource, record_id: int, held: Packed, taken: Packed) -> None:
    if taken:
        conn.execute(_KEPT, {**_at(account, resource, record_id), "fields": {**held, **taken}})

"""Keeps natural keys as last seen, and as reserved while a record is being made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, select, update

from worker.plan import Key, Match, Resource, normalised
from worker.store.db.clock import db_now
from worker.store.db.sql import given, insert_in, insert_new, same, storable_key
from worker.store.db.tables import EPOCH, identities

Place = tuple[str, str]
"""A field and its normalised value."""


def place(match: Match) -> Place:
    return (match.field, storable_key(normalised(match)))


def places(matches: Iterable[Match]) -> Sequence[Place]:
    """Each once."""
    return sorted({place(match) for match in matches})


def _at(account: int, resource: Resource, where: Place) -> ColumnElement[bool]:
    field, value = where
    of_resource = and_(identities.c.account == account, identities.c.resource == resource)
    return and_(of_resource, identities.c.field == field, identities.c.value == value)


_PLACE = select(identities, db_now().label("now")).where(
    same(identities.c.account, identities.c.resource, identities.c.field, identities.c.value)
)


def find(conn: Connection, account: int, resource: Resource, where: Place) -> Row[Any] | None:
    field, value = where
    which = {"of_account": account, "of_resource": resource, "of_field": field, "of_value": value}
    return conn.execute(_PLACE, which).one_or_none()


def fields_of(conn: Connection, account: int, connection: str, key: Key, record_id: int | None) -> frozenset[str]:
    """By which fields a record is known; without one, those that are reserved for the key."""
    whose = _reserved(account, connection, key) if record_id is None else _of_record(account, key.resource, record_id)
    return frozenset(conn.execute(select(identities.c.field).where(whose).distinct()).scalars())


def reserve(conn: Connection, account: int, where: Place, connection: str, key: Key) -> Row[Any] | None:
    """None when the value is reserved for the key; else the row that is in the way."""
    field, value = where
    if insert_new(
        conn,
        identities,
        account=account,
        resource=key.resource,
        field=field,
        value=value,
        connection=connection,
        key=key.id,
        seen_at=db_now(),
    ):
        return None
    taken = conn.execute(select(identities).where(_at(account, key.resource, where))).one()
    own = taken.record_id is None and (taken.connection, taken.key) == (connection, key.id)
    return None if own else taken


def fulfil(conn: Connection, account: int, connection: str, key: Key, record_id: int, *, seen: bool = False) -> None:
    """The key's reservations become identities of its record; not `seen` to carry them, it is looked at before they count."""
    which = {"of_account": account, "of_resource": key.resource, "of_connection": connection, "of_key": key.id}
    conn.execute(_SEEN if seen else _FULFILLED, {**which, "record_id": record_id})


_RESERVED = same(identities.c.account, identities.c.resource, identities.c.connection, identities.c.key)
_FULFILLED = (
    update(identities)
    .where(_RESERVED, identities.c.record_id.is_(None))
    .values(connection=None, key=None, seen_at=EPOCH)
)
_SEEN = _FULFILLED.values(seen_at=db_now())


def give_up(conn: Connection, account: int, connection: str, key: Key) -> None:
    conn.execute(delete(identities).where(_reserved(account, connection, key)))


def reserved_by(conn: Connection, connection: str) -> Sequence[tuple[int, Resource]]:
    """The accounts and resources in which the connection has reservations."""
    mine = (identities.c.connection == connection, identities.c.record_id.is_(None))
    found = conn.execute(select(identities.c.account, identities.c.resource).where(*mine).distinct())
    return sorted((row.account, row.resource) for row in found)


def give_up_all(conn: Connection, connection: str) -> None:
    """The connection makes nothing any more that it began to make, in whatever account."""
    conn.execute(delete(identities).where(identities.c.connection == connection, identities.c.record_id.is_(None)))


def add(conn: Connection, account: int, resource: Resource, matches: Iterable[Match], record_id: int) -> None:
    """The record carries these values; what another record carries too stays that one's."""
    for field, value in places(matches):
        values = {"account": account, "resource": resource, "field": field, "value": value}
        insert_new(conn, identities, **values, record_id=record_id, seen_at=db_now())


def point(conn: Connection, account: int, resource: Resource, matches: Iterable[Match], record_id: int) -> None:
    """The record was just seen to carry these values. What is reserved stays reserved."""
    for field, value in places(matches):
        values = {"account": account, "resource": resource, "field": field, "value": value, "record_id": record_id}
        conn.execute(_pointed(conn.dialect.name), values)


@cache
def _pointed(dialect: str) -> Any:
    statement = insert_in(dialect, identities).values(seen_at=db_now())
    return statement.on_conflict_do_update(
        index_elements=list(identities.primary_key.columns),
        set_={"record_id": statement.excluded.record_id, "seen_at": db_now()},
        where=identities.c.record_id.is_not(None),
    )


def drop_others(conn: Connection, account: int, resource: Resource, matches: Iterable[Match], record_id: int) -> None:
    """The record carries other values in these fields now."""
    for field, value in places(matches):
        which = {"of_account": account, "of_resource": resource, "of_record_id": record_id}
        conn.execute(_OTHERS, {**which, "of_field": field, "of_value": value})


_OTHERS = delete(identities).where(
    same(identities.c.account, identities.c.resource, identities.c.record_id, identities.c.field),
    identities.c.value != given(identities.c.value),
)


def forget(conn: Connection, account: int, resource: Resource, where: Place, record_id: int) -> None:
    at = _at(account, resource, where)
    conn.execute(delete(identities).where(at, identities.c.record_id == record_id))


def move(conn: Connection, account: int, resource: Resource, lost: int, record_id: int) -> None:
    """One record was merged into another, which is looked at before the values count for it."""
    values = {"record_id": record_id, "seen_at": EPOCH}
    conn.execute(update(identities).where(_of_record(account, resource, lost)).values(**values))


def bury(conn: Connection, account: int, resource: Resource, record_id: int) -> None:
    conn.execute(delete(identities).where(_of_record(account, resource, record_id)))


def _of_record(account: int, resource: Resource, record_id: int) -> ColumnElement[bool]:
    of_resource = and_(identities.c.account == account, identities.c.resource == resource)
    return and_(of_resource, identities.c.record_id == record_id)


def _reserved(account: int, connection: str, key: Key) -> ColumnElement[bool]:
    of_resource = and_(identities.c.account == account, identities.c.resource == key.resource)
    of_key = and_(identities.c.connection == connection, identities.c.key == key.id)
    return and_(of_resource, of_key, identities.c.record_id.is_(None))

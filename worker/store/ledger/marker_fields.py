"""Keeps which custom fields for the marker an account has, and who is making one now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from worker.plan import Resource
from worker.store.db.clock import after, db_now
from worker.store.db.engine import Store
from worker.store.db.sql import insert_new, readable, storable_key
from worker.store.db.tables import marker_fields


@dataclass(frozen=True, slots=True)
class FieldState:
    """`state`: making, there or missing. `reason`: why it is missing, or what its making came to. `age`: seconds since then."""

    state: str
    reason: str | None
    age: float

    @property
    def lacking(self) -> str | None:
        """Why creates go without a marker."""
        return None if self.state == "there" else self.reason


@dataclass(frozen=True, slots=True)
class MarkerField:
    """The custom field of this alias, on one resource of an account."""

    account: int
    alias: str
    resource: Resource

    @property
    def key(self) -> dict[str, Any]:
        return {"account": self.account, "alias": storable_key(self.alias.casefold()), "resource": self.resource}


def known(conn: Connection, account: int | None, alias: str) -> Mapping[Resource, FieldState]:
    """By resource, as far as anybody has looked."""
    columns = (marker_fields.c.resource, marker_fields.c.state, marker_fields.c.reason, marker_fields.c.looked_at)
    of_alias = marker_fields.c.alias == storable_key(alias.casefold())
    rows = conn.execute(
        select(*columns, db_now().label("now")).where(marker_fields.c.account == account, of_alias)
    ).all()
    return {
        row.resource: FieldState(row.state, row.reason, (row.now - row.looked_at) / timedelta(seconds=1))
        for row in rows
    }


def lacking(conn: Connection, account: int | None, alias: str, resources: Iterable[Resource]) -> Mapping[Resource, str]:
    """Why creates of these resources go without a marker, by resource."""
    states, wanted = known(conn, account, alias), frozenset(resources)
    return {of: state.lacking for of, state in states.items() if of in wanted and state.lacking is not None}


def take(store: Store, field: MarkerField, *, again_after: float, given_up_after: float) -> bool:
    """Whether it is ours to look for and to make, so that nobody makes it twice. Seconds.

    `again_after`: since it was found missing. `given_up_after`: since somebody began to make it, and nobody knows how that ended.
    """
    with store.write() as conn:
        if insert_new(conn, marker_fields, **field.key, state="making", looked_at=db_now()):
            return True
        free = or_(
            and_(marker_fields.c.state == "missing", marker_fields.c.looked_at <= after(-again_after)),
            and_(marker_fields.c.state == "making", marker_fields.c.looked_at <= after(-given_up_after)),
        )
        taken = update(marker_fields).where(*_at(field), free)
        return conn.execute(taken.values(state="making", reason=None, looked_at=db_now())).rowcount == 1


def there(store: Store, field: MarkerField) -> None:
    _put(store, field, "there", None)


def missing(store: Store, field: MarkerField, reason: str) -> None:
    _put(store, field, "missing", reason)


def gone(store: Store, field: MarkerField, reason: str) -> None:
    """It was there, or nobody had looked. What somebody is making, or was refused, stays as it is."""
    with store.write() as conn:
        if insert_new(conn, marker_fields, **field.key, state="missing", reason=reason, looked_at=db_now()):
            return
        was_there = update(marker_fields).where(*_at(field), marker_fields.c.state == "there")
        conn.execute(was_there.values(state="missing", reason=reason, looked_at=db_now()))


def unanswered(store: Store, field: MarkerField, reason: str) -> None:
    """The call that was to make it got no answer. Until it has surely ended, nobody makes the field."""
    _put(store, field, "making", reason)


def give_back(store: Store, field: MarkerField) -> None:
    """Nobody has looked."""
    with store.write() as conn:
        conn.execute(delete(marker_fields).where(*_at(field)))


def _put(store: Store, field: MarkerField, state: str, reason: str | None) -> None:
    values = {"state": state, "reason": readable(reason), "looked_at": db_now()}
    with store.write() as conn:
        if not insert_new(conn, marker_fields, **field.key, **values):
            conn.execute(update(marker_fields).where(*_at(field)).values(**values))


def _at(field: MarkerField) -> tuple[ColumnElement[bool], ...]:
    return tuple(marker_fields.c[name] == value for name, value in field.key.items())

"""Keeps the links from external things, (connection, resource, key), to their records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, select, true, update

from worker.plan import Key, QualifiedKey, Resource
from worker.store.db.clock import db_now
from worker.store.db.sql import insert_in, insert_new, same
from worker.store.db.tables import calls, links
from worker.store.privacy.pseudonyms import may_name, pseudonyms


def of(connection: str, key: Key) -> ColumnElement[bool]:
    return and_(links.c.connection == connection, links.c.resource == key.resource, links.c.key == key.id)


_LINK = select(links).where(same(links.c.connection, links.c.resource, links.c.key))


def find(conn: Connection, connection: str, key: Key) -> Row[Any] | None:
    """The key's link. If the key was erased with the person whom it named, the link has its pseudonym until it is `restored`."""
    found = _find(conn, connection, key)
    hidden = _pseudonym(conn, connection, key) if found is None else None
    return found if hidden is None else _find(conn, connection, hidden)


def _find(conn: Connection, connection: str, key: Key) -> Row[Any] | None:
    which = {"of_connection": connection, "of_resource": key.resource, "of_key": key.id}
    return conn.execute(_LINK, which).one_or_none()


def restore(conn: Connection, connection: str, key: Key) -> None:
    """The sender has named the key again: the link has it back."""
    row = find(conn, connection, key)
    if row is not None and row.key != key.id:
        erased = of(connection, Key(key.resource, row.key))
        conn.execute(update(links).where(erased).values(key=key.id))
        conn.execute(update(calls).where(calls.c.id == row.call_id).values(key=key.id))


def _pseudonym(conn: Connection, connection: str, key: Key) -> Key | None:
    known = pseudonyms(conn) if may_name(key.id) else None
    return None if known is None else Key(key.resource, known.link(connection, key.resource, key.id))


def owner(
    conn: Connection, connection: str, account: int, resource: Resource, record_id: int, *, besides: str | None = None
) -> Key | None:
    """The connection's first key that is linked to the record, `besides` one; ids of the sender's come before natural keys."""
    found = conn.execute(
        select(links.c.key)
        .where(
            links.c.account == account,
            links.c.resource == resource,
            links.c.record_id == record_id,
            links.c.connection == connection,
            links.c.state == "linked",
            true() if besides is None else links.c.key != besides,
        )
        .order_by(links.c.created_at, links.c.key)
    ).scalars()
    keys = [Key(resource, each) for each in found]
    return min(keys, key=lambda key: key.natural, default=None)


def keys_of(conn: Connection, account: int, resource: Resource, record_id: int) -> Sequence[QualifiedKey]:
    """Every key of every connection that is taken to be the record, the oldest first."""
    statement = select(links.c.connection, links.c.key).where(_to(account, resource, record_id))
    rows = conn.execute(statement.where(links.c.state == "linked").order_by(links.c.created_at, links.c.key))
    return [QualifiedKey(row.connection, resource, row.key) for row in rows]


def begin(conn: Connection, connection: str, key: Key, account: int, call: str) -> bool:
    """Link `creating`. False when somebody else just linked the key."""
    return insert_new(
        conn,
        links,
        connection=connection,
        resource=key.resource,
        key=key.id,
        account=account,
        state="creating",
        call_id=call,
        created_at=db_now(),
    )


def restart(conn: Connection, connection: str, key: Key, account: int, call: str) -> None:
    values = {"account": account, "state": "creating", "call_id": call, "record_id": None, "missing_since": None}
    conn.execute(update(links).where(of(connection, key)).values(**values))


def join(conn: Connection, connection: str, key: Key, account: int, record_id: int) -> None:
    """The key is that record."""
    which = {"connection": connection, "resource": key.resource, "key": key.id}
    conn.execute(_joined(conn.dialect.name), {**which, "account": account, "record_id": record_id})


@cache
def _joined(dialect: str) -> Any:
    linked = {"state": "linked", "call_id": None, "missing_since": None}
    statement = insert_in(dialect, links).values(created_at=db_now(), **linked)
    new = {"account": statement.excluded.account, "record_id": statement.excluded.record_id}
    return statement.on_conflict_do_update(index_elements=list(links.primary_key.columns), set_=linked | new)


def rename(conn: Connection, connection: str, key: Key) -> None:
    """The sender calls the record by another key from now on."""
    conn.execute(update(links).where(of(connection, key), links.c.state == "linked").values(state="former"))


def abandon(conn: Connection, connection: str, key: Key, call: str) -> bool:
    """The create came to nothing. False when another call took its place."""
    mine = and_(of(connection, key), links.c.state == "creating", links.c.call_id == call)
    return conn.execute(delete(links).where(mine)).rowcount == 1


def move(conn: Connection, account: int, resource: Resource, lost: int, record_id: int) -> None:
    """Every key of one record is the other from now on: also one that nobody knew to have been merged."""
    to_lost = _to(account, resource, lost)
    conn.execute(update(links).where(to_lost).values(state="linked", record_id=record_id, missing_since=None))


def miss(conn: Connection, connection: str, key: Key, record_id: int) -> float:
    """Upsales has no such record. Answers for how many seconds that has been known."""
    mine = and_(of(connection, key), links.c.record_id == record_id)
    first = update(links).where(mine, links.c.missing_since.is_(None))
    conn.execute(first.values(missing_since=db_now()))
    row = conn.execute(select(links.c.missing_since, db_now().label("now")).where(mine)).one_or_none()
    # None: the key was linked otherwise meanwhile.
    return 0.0 if row is None else max((row.now - row.missing_since) / timedelta(seconds=1), 0.0)


def found(conn: Connection, connection: str, key: Key, record_id: int) -> None:
    """The record is there again."""
    mine = and_(of(connection, key), links.c.record_id == record_id)
    conn.execute(update(links).where(mine).values(missing_since=None))


def bury(conn: Connection, connection: str, key: Key, record_id: int, *, final: bool) -> None:
    """The key's record no longer exists: its link goes, or stays as `gone`. A key that is another record by now stays that."""
    mine = and_(of(connection, key), links.c.record_id == record_id)
    conn.execute(update(links).where(mine).values(state="gone") if final else delete(links).where(mine))


def any_to(conn: Connection, account: int, resource: Resource, record_id: int) -> bool:
    """Whether some key of some connection is taken to be the record."""
    which = {"of_account": account, "of_resource": resource, "of_record_id": record_id}
    return conn.execute(_ANY, which).one_or_none() is not None


_TO_RECORD = same(links.c.account, links.c.resource, links.c.record_id)
_ANY = select(links.c.key).where(_TO_RECORD, links.c.state == "linked").limit(1)


def _to(account: int, resource: Resource, record_id: int) -> ColumnElement[bool]:
    return and_(links.c.account == account, links.c.resource == resource, links.c.record_id == record_id)

"""Stores what a person decides about a record: which one it is, or that there is none."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from worker.errors import ConfigError
from worker.plan import Key
from worker.store.db.engine import Store
from worker.store.db.sql import one_at_a_time
from worker.store.db.tables import links as links_table
from worker.store.lanes import connections
from worker.store.ledger import identities, links, write_calls


def begun(conn: Connection, connection: str) -> list[Key]:
    """The connection's keys whose create was begun and not ended, the oldest first."""
    rows = conn.execute(
        select(links_table.c.resource, links_table.c.key)
        .where(links_table.c.connection == connection, links_table.c.state == "creating")
        .order_by(links_table.c.created_at)
    )
    return [Key(write_calls.as_resource(row.resource), row.key) for row in rows]


def adopt(store: Store, connection: str, key: Key, record_id: int) -> None:
    """The key is this record: ends a create that was begun, links a key that is not linked, and relinks one that is linked otherwise."""
    with store.write() as conn:
        link_to(conn, connection, key, record_id)


def make_again(store: Store, connection: str, key: Key, *, verify_in: float) -> None:
    """The record was never made. Whether it shows up after all is looked for in `verify_in` seconds."""
    with store.write() as conn:
        set_free(conn, connection, key, verify_in=verify_in)


def hold(conn: Connection, connection: str, key: Key) -> None:
    """Until the transaction ends, nobody else decides about the key. Comes before any event is locked, as everywhere."""
    one_at_a_time(conn, _account(conn, connection, key), key.resource)


def link_to(conn: Connection, connection: str, key: Key, record_id: int) -> None:
    """As `adopt`, in a transaction."""
    account = _account(conn, connection, key)
    one_at_a_time(conn, account, key.resource)
    link = links.find(conn, connection, key)
    if link is not None and link.state == "creating":
        _refuse_under_way(conn, connection, key, link)
        write_calls.close(conn, link.call_id, "done", record_id=record_id)
    links.join(conn, connection, key, account, record_id)
    identities.fulfil(conn, account, connection, key, record_id)


def set_free(conn: Connection, connection: str, key: Key, *, verify_in: float) -> None:
    """As `make_again`, in a transaction."""
    link = _creating(conn, connection, key)
    links.abandon(conn, connection, key, link.call_id)
    identities.give_up(conn, link.account, connection, key)
    write_calls.lose(conn, link.call_id, verify_in)


def _account(conn: Connection, connection: str, key: Key) -> int:
    link = links.find(conn, connection, key)
    account = connections.get(conn, connection).account if link is None else link.account
    if account is None:
        raise ConfigError(f"{connection} is bound to no Upsales account yet: no record can be known to be its own.")
    return int(account)


def _creating(conn: Connection, connection: str, key: Key) -> Row[Any]:
    link = links.find(conn, connection, key)
    if link is not None:
        one_at_a_time(conn, link.account, key.resource)
        link = links.find(conn, connection, key)
    if link is None or link.state != "creating":
        raise ConfigError(f"{connection}: no create of {key.resource} {key.id!r} is waiting for a decision.")
    _refuse_under_way(conn, connection, key, link)
    return link


def _refuse_under_way(conn: Connection, connection: str, key: Key, link: Row[Any]) -> None:
    open_write = write_calls.open_write(conn, link.call_id)
    if open_write is not None and open_write.state == "open" and open_write.remaining > 0:
        raise ConfigError(f"{connection}: {key.resource} {key.id!r} is being made right now: try again in a minute.")

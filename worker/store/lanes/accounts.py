"""Binds a connection to one Upsales account, and forgets the old account's records."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Connection, and_, delete, select, tuple_, update

from worker.store.db.clock import db_now
from worker.store.db.engine import Store
from worker.store.db.sql import one_at_a_time, readable
from worker.store.db.tables import connections as table
from worker.store.db.tables import lanes, links
from worker.store.lanes import connections
from worker.store.lanes.batches import BATCH, batches, locked_batch
from worker.store.lanes.connections import change, locked
from worker.store.ledger import identities, rechecks, write_calls

LEFT = "the connection was bound to another account before its outcome was known"
UNFINISHED = "it is being bound to another account: if that was stopped, run `relay connections rebind {}` again"


def bind(
    store: Store,
    name: str,
    *,
    account: int,
    account_name: str | None,
    user_id: int | None,
    user_name: str | None,
    fingerprint: str,
) -> bool:
    """The key's account is the connection's from now on. False, and nothing is changed, when it was bound to another one."""
    with store.write() as conn:
        row = locked(conn, name)
        if row.account not in (None, account):
            return False
        change(
            conn,
            name,
            account=account,
            account_name=readable(account_name),
            user_id=user_id,
            user_name=readable(user_name),
            fingerprint=fingerprint,
        )
        return True


def rebind(store: Store, name: str, also: Callable[[Connection], object] = lambda _: None) -> None:
    """Forget the account and what the connection's keys were in it; whoever works on its lanes now is overtaken.

    What it had begun to make there is free for others to make. If a call that got no answer made it all the same, the record
    stands there and belongs to nobody: without a key of that account it can't be looked for.

    Many short transactions. The connection is paused first, and bound to the old account until nothing of that is left: nobody
    meets the old links with a key of the new account. Whoever is stopped in between does it once more.

    From the first link on that is forgotten, `rebound_at` has the records looked for by their markers: the account may be the same.
    `also` is done in the transaction that ends it.
    """
    connections.pause(store, name, UNFINISHED.format(name), probe_in=None)
    with store.write() as conn:
        change(conn, name, rebound_at=db_now())
    for batch in batches(store, name):
        _overtake(store, batch)
    # Rechecks are made while it is paused, too. None is begun for a call that is given up.
    with store.write() as conn:
        given_up = write_calls.forsake(conn, name, LEFT)
    for first in range(0, len(given_up), BATCH):
        subjects = [rechecks.subject(call) for call in given_up[first : first + BATCH]]
        _overtake(store, and_(lanes.c.connection == name, lanes.c.subject.in_(subjects)))
    while _forget_links(store, name):
        pass
    with store.write() as conn:
        locked(conn, name)
        for account, resource in identities.reserved_by(conn, name):
            one_at_a_time(conn, account, resource)
        identities.give_up_all(conn, name)
        write_calls.forsake(conn, name, LEFT)
        nobody: dict[str, None] = dict.fromkeys(("account", "account_name", "user_id", "user_name", "fingerprint"))
        change(conn, name, rebound_at=db_now(), **nobody)
        connections.end_pause(conn, name)
        also(conn)
    connections.hurry(store, name)


def restored(conn: Connection) -> int:
    """Have every connection look for its records by their markers: this database has forgotten some. Answers how many connections there are."""
    return conn.execute(update(table).values(rebound_at=db_now())).rowcount


def _overtake(store: Store, batch: ColumnElement[bool]) -> None:
    with locked_batch(store, batch) as conn:
        conn.execute(update(lanes).where(batch).values(token=lanes.c.token + 1, owner=None, lease_until=db_now()))


def _forget_links(store: Store, name: str) -> int:
    """Some of them. Answers how many."""
    first = select(links.c.resource, links.c.key).where(links.c.connection == name).limit(BATCH)
    with store.write() as conn:
        some = tuple_(links.c.resource, links.c.key).in_(first.subquery().select())
        return conn.execute(delete(links).where(links.c.connection == name, some)).rowcount

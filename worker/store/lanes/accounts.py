"""Binds a connection to one Upsales account, and forgets the old account's records."""

from __future__ import annotations

from sqlalchemy import delete, update

from worker.store.db.clock import db_now
from worker.store.db.engine import Store
from worker.store.db.sql import lock_lanes, one_at_a_time, readable
from worker.store.db.tables import lanes, links
from worker.store.lanes import connections
from worker.store.lanes.connections import change, locked
from worker.store.ledger import identities, write_calls


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


def rebind(store: Store, name: str) -> None:
    """Forget the account and what the connection's keys were in it; whoever works on its lanes now is overtaken.

    What it had begun to make there is free for others to make. If a call that got no answer made it all the same, the record
    stands there and belongs to nobody: without a key of that account it can't be looked for.
    """
    with store.write() as conn:
        locked(conn, name)
        of_connection = lanes.c.connection == name
        lock_lanes(conn, of_connection)
        conn.execute(
            update(lanes).where(of_connection).values(token=lanes.c.token + 1, owner=None, lease_until=db_now())
        )
        for account, resource in identities.reserved_by(conn, name):
            one_at_a_time(conn, account, resource)
        conn.execute(delete(links).where(links.c.connection == name))
        identities.give_up_all(conn, name)
        write_calls.forsake(conn, name, "the connection was bound to another account before its outcome was known")
        change(conn, name, account=None, account_name=None, user_id=None, user_name=None, fingerprint=None)
        connections.end_pause(conn, name)

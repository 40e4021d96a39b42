"""Opens what is known of a connection's records, to be read alone."""

from __future__ import annotations

from worker.store.db.engine import Store
from worker.store.lanes import connections
from worker.store.lanes.lanes import Fence
from worker.store.ledger.ledger import SqlLedger

NO_LANE = -1
"""No lane has this token, so nothing can be written under it."""


def known_to(store: Store, connection: str, settled_after: float) -> SqlLedger:
    with store.read() as conn:
        account = connections.get(conn, connection).account
    return SqlLedger(
        store,
        Fence(connection, "", NO_LANE),
        account=-1 if account is None else account,
        fingerprint="",
        event=None,
        settled_after=settled_after,
    )

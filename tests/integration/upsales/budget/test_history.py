"""A key's calls as the journal tells them, on both databases."""

from __future__ import annotations

from typing import Any

from ulid import ULID

from worker.store import Store
from worker.store.db.clock import after
from worker.store.db.tables import calls, connections
from worker.upsales.budget import PastCall, journalled

DONE: dict[str, Any] = {
    "connection": "butik",
    "fingerprint": "0123456789ab",
    "method": "GET",
    "resource": "account",
    "write": False,
    "state": "done",
    "duration": 1_000_000,
    "looks": 0,
}


def journal(store: Store, ago: float, *, left: float = -1.0, **values: Any) -> None:
    """A call that was sent so long ago. `left`: seconds until its deadline."""
    with store.write() as conn:
        row = {**DONE, "id": str(ULID()), "started_at": after(-ago), "deadline_at": after(left), **values}
        conn.execute(calls.insert().values(**row))


def test_calls_of_the_key_are_told_by_their_end(store: Store) -> None:
    journal(store, 100)
    journal(store, 50, write=True, method="PUT")
    journal(store, 5, write=True, state="open", duration=None, left=15)
    journal(store, 40, write=True, state="unknown", duration=None, left=-20)
    journal(store, 10, fingerprint="ba9876543210")
    journal(store, 10, connection="annan")
    journal(store, 9000)
    past = journalled(store, "butik")("0123456789ab", 3600)
    ended = sorted((round(call.ended or 0), call.write) for call in past.calls if call.ended is not None)
    assert ended == [(20, True), (49, True), (99, False)]
    assert [call for call in past.calls if call.ended is None] == [PastCall(None, write=True)]


def test_a_day_counts_the_calls_of_the_whole_account(store: Store) -> None:
    with store.write() as conn:
        for name, account in (("butik", 7), ("formulär", 7), ("annan", 8)):
            conn.execute(connections.insert().values(name=name, account=account, state="active", probes=0, breaks=0))
    for name in ("butik", "formulär", "annan"):
        journal(store, 0, connection=name)
    journal(store, 2 * 86400)
    assert sum(journalled(store, "butik")("0123456789ab", 3600).hours.values()) == 2

"""Metrics tell of each connection that is listened to, and of no other."""

from __future__ import annotations

from datetime import UTC, datetime

from worker.instruments import standing
from worker.store.streams.leases import Listening

AT = datetime(2026, 3, 2, tzinfo=UTC)


def test_each_connection_has_its_series() -> None:
    found = Listening(
        connection="books", owner="ett", state="listening", reason=None, lasts=1.0, heard_at=AT, alive=True
    )
    families = standing.listening({"books": found, "ledger": None})
    told = {
        (sample.name, sample.labels["connection"]): sample.value for family in families for sample in family.samples
    }
    assert told == {
        ("relay_connection_listening", "books"): 1.0,
        ("relay_connection_listening", "ledger"): 0.0,
        ("relay_connection_heard_timestamp_seconds", "books"): AT.timestamp(),
        ("relay_connection_heard_timestamp_seconds", "ledger"): 0.0,
    }

"""Arrivals to put into a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ulid import ULID

from worker.store import Store
from worker.store.events.arrival import Arrival, NewEvent, Receipt
from worker.store.events.intake import accept

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def event(event_id: str, subject: str = "kund:Åsa", *, minute: int = 0, **values: Any) -> NewEvent:
    values = {"type": "customers/update", "time": NOON + timedelta(minutes=minute), **values}
    return NewEvent(id=str(ULID()), event_id=event_id, subject=subject, **values)


def arrival(*events: NewEvent, connection: str = "butik", **values: Any) -> Arrival:
    values = {
        "received_at": NOON + timedelta(hours=1),
        "method": "POST",
        "url": f"/webhooks/{connection}",
        "headers": (("content-type", "application/json"), ("x-topic", "kund/ändrad")),
        "body": '{"name": "Åsa Öberg, Straße 7"}'.encode(),
        **values,
    }
    return Arrival(request_id=str(ULID()), connection=connection, events=events, **values)


def take_in(store: Store, *arrivals: Arrival) -> list[Receipt]:
    with store.write() as conn:
        return list(accept(conn, arrivals))


def one(store: Store, event_id: str, subject: str = "kund:Åsa", *, connection: str = "butik", **values: Any) -> str:
    """Take one event in; its internal id."""
    (receipt,) = take_in(store, arrival(event(event_id, subject, **values), connection=connection))
    return receipt.events[0].id

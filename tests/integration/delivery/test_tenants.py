"""What one address receives for several tenants is stored and planned as each tenant's own, and stays that after a replay."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from tests.unit.web.test_tenants import lead, posted, tables
from worker.delivery.planning import StoredRequests
from worker.store import Store
from worker.store.db.tables import events
from worker.store.events.intake import accept
from worker.store.lanes.lanes import claim


def taken_in(store: Store, *leads: object) -> Mapping[str, str]:
    committed, answer = posted(*leads)
    assert answer.status_code == 202
    with store.write() as conn:
        accept(conn, committed.arrivals)
        rows = conn.execute(select(events.c.event_id, events.c.connection).order_by(events.c.seq)).all()
    return {row.event_id: row.connection for row in rows}


def planned_for(store: Store, connection: str) -> Mapping[str, object]:
    """By the sender's id: which tenant the stored request tells, as a worker reads it."""
    found, connections = claim(store, connection, "d", "någon", 20), tables()[0]
    assert found is not None
    requests = StoredRequests(store, connections[connection].connector, found.events)
    return {each.event_id: requests.event(each, connection).payload["page"] for each in found.events}


def test_each_tenant_gets_its_own_events_of_a_request_that_holds_several(store: Store) -> None:
    assert taken_in(store, lead(1, 7), lead(2, "8"), lead(3, 7)) == {
        "e-1": "meta-shop",
        "e-2": "meta-club",
        "e-3": "meta-shop",
    }
    assert planned_for(store, "meta-shop") == {"e-1": 7, "e-3": 7}
    assert planned_for(store, "meta-club") == {"e-2": "8"}


def test_one_id_at_two_tenants_is_two_events_and_again_two_duplicates(store: Store) -> None:
    taken_in(store, lead(1, 7))
    taken_in(store, lead(1, "8"))
    taken_in(store, lead(1, 7), lead(1, "8"))
    with store.read() as conn:
        rows = conn.execute(select(events.c.event_id, events.c.connection)).all()
    assert sorted(map(tuple, rows)) == [("e-1", "meta-club"), ("e-1", "meta-shop")]

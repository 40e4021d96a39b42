"""What a payload says can be found, and nothing of it stays once the payload is gone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update

from tests.integration.store.examples import arrival, event, take_in
from tests.integration.store.explained import plans
from worker.delivery.searchable import make_searchable
from worker.store import Store
from worker.store.db import retention
from worker.store.db.tables import event_terms, events, requests, terms
from worker.store.privacy import forget
from worker.store.privacy.expiry import Ages, expire
from worker.store.terms import stored
from worker.store.terms.keys import hashing, made_hashing
from worker.store.terms.values import normal

ANNA = {"email": "anna@example.se", "order": 4711, "name": "Anna Öberg"}
BERTIL = {"email": "bertil@example.se", "order": 4712}
LONG = 10_000 * 86400.0


def told(store: Store, event_id: str, payload: Any, subject: str = "order:1", **values: Any) -> None:
    body = json.dumps(payload).encode()
    take_in(store, arrival(event(event_id, subject, **values), body=body, received_at=None))


def found(store: Store, value: Any) -> list[str]:
    """The sender's ids of the events in which it stands."""
    with store.read() as conn:
        known = hashing(conn)
        if known is None:
            return []
        mine = select(terms.c.seq).where(terms.c.term == known.term(normal(value) or ""))
        return list(
            conn.execute(select(events.c.event_id).where(events.c.seq.in_(mine)).order_by(events.c.seq)).scalars()
        )


def left(store: Store) -> Mapping[str, int]:
    with store.read() as conn:
        return {
            table.name: conn.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (terms, event_terms)
        }


def end_all(store: Store, status: str = "delivered") -> None:
    with store.write() as conn:
        conn.execute(update(events).values(status=status, done_at=events.c.received_at))


def test_values_are_found_in_each_event_that_has_them(store: Store) -> None:
    told(store, "e1", ANNA)
    told(store, "e2", {**ANNA, "order": "4799"}, "kund:Åsa")
    told(store, "e3", BERTIL)
    assert make_searchable(store, {}) == 3
    assert found(store, "Anna@example.se") == ["e1", "e2"]
    assert found(store, 4711) == ["e1"]
    assert found(store, "kund:åsa") == ["e2"]
    assert make_searchable(store, {}) == 0


def test_an_event_of_many_has_what_it_says_itself(store: Store) -> None:
    body = json.dumps([ANNA, BERTIL]).encode()
    take_in(store, arrival(event("e1"), event("e2"), body=body, received_at=None))
    make_searchable(store, {})
    assert (found(store, "anna@example.se"), found(store, "bertil@example.se")) == (["e1"], ["e2"])


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[", b'"' + b"x" * 999 + b'"', b"[" * 100_000, b"null"])
def test_what_can_not_be_read_is_done_with(store: Store, body: bytes) -> None:
    take_in(store, arrival(event("e1"), body=body, received_at=None))
    assert make_searchable(store, {}) == 1
    assert make_searchable(store, {}) == 0


def test_whatever_it_was_ended_by_the_next_run_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.delivery.searchable.IN_ONE_TRANSACTION", 2)
    for n in range(5):
        told(store, f"e{n}", {"order": 5000 + n})
    kept, calls = stored.store, 0

    def ends(*given: Any) -> int:
        nonlocal calls
        calls += 1
        if calls == 2:
            kept(*given)
            raise KeyboardInterrupt
        return kept(*given)

    monkeypatch.setattr(stored, "store", ends)
    with pytest.raises(KeyboardInterrupt):
        make_searchable(store, {})
    monkeypatch.setattr(stored, "store", kept)
    assert make_searchable(store, {}) == 3
    assert [found(store, 5000 + n) for n in range(5)] == [[f"e{n}"] for n in range(5)]


def test_what_is_sent_again_with_another_payload_is_found_by_that(store: Store) -> None:
    told(store, "e1", ANNA)
    make_searchable(store, {})
    end_all(store, "dead")
    told(store, "e1", BERTIL)
    make_searchable(store, {})
    assert (found(store, 4711), found(store, 4712)) == ([], ["e1"])
    assert left(store)["event_terms"] == 1


def test_terms_go_with_their_events(store: Store) -> None:
    told(store, "e1", ANNA)
    told(store, "e2", BERTIL)
    make_searchable(store, {})
    end_all(store)
    assert retention.purge(store, keep_events=-60, keep_calls=LONG).events == 2
    assert left(store) == {"terms": 0, "event_terms": 0}


@pytest.mark.parametrize(("status", "ages"), [("delivered", {"payloads": -60}), ("dead", {"dead": -60})])
def test_terms_go_with_the_payloads(store: Store, status: str, ages: Mapping[str, float]) -> None:
    told(store, "e1", ANNA)
    make_searchable(store, {})
    end_all(store, status)
    never = Ages(payloads=LONG, dead=LONG, review=LONG, calls=LONG, records=LONG)
    assert expire(store, replace(never, **ages))
    assert left(store) == {"terms": 0, "event_terms": 0}
    make_searchable(store, {})
    assert left(store) == {"terms": 0, "event_terms": 0}


def test_nothing_of_a_forgotten_person_can_be_found(store: Store) -> None:
    """Nor what a worker had read before, and writes afterwards."""
    told(store, "e1", ANNA, "customer:anna@example.se")
    take_in(
        store,
        arrival(
            event("s1", "order:2"), event("s2", "order:3"), body=json.dumps([ANNA, BERTIL]).encode(), received_at=None
        ),
    )
    told(store, "e2", BERTIL)
    make_searchable(store, {})
    end_all(store)
    with store.write() as conn:
        of_shared = events.c.event_id.in_(("s1", "e1"))
        conn.execute(update(events).where(of_shared).values(searched=None))
    with store.read() as conn:
        read_before = stored.unsearched(conn, 10)
        known = hashing(conn)
    assert known is not None
    assert len(read_before) == 2
    done = forget.execute(store, forget.plan(store, "anna@example.se"), by="per", why="begäran")
    with store.write() as conn:
        assert stored.store(conn, {each: [known.term("anna@example.se")] for each in read_before}) == 0
    make_searchable(store, {})
    for value in ("anna@example.se", 4711, "anna öberg", "customer:anna@example.se"):
        assert found(store, value) == [], value
    assert found(store, "bertil@example.se") == ["s2", "e2"]
    assert done.proof.counts["terms"] > 0
    with store.read() as conn:
        kept = conn.execute(select(event_terms.c.seq)).scalars().all()
        named = conn.execute(select(events.c.event_id).where(events.c.seq.in_(kept))).scalars().all()
    assert sorted(named) == ["e2", "s2"]


def test_a_request_that_is_gone_leaves_nothing_to_find(store: Store) -> None:
    told(store, "e1", ANNA)
    with store.write() as conn:
        conn.execute(delete(requests))
        made_hashing(conn)
    assert make_searchable(store, {}) == 1
    assert left(store) == {"terms": 0, "event_terms": 0}


def test_what_is_to_be_made_searchable_is_found_by_an_index(store: Store) -> None:
    for n in range(300):
        told(store, f"e{n}", {"order": 5000 + n})
    make_searchable(store, {})
    told(store, "e300", ANNA)
    with store.write() as conn:
        conn.execute(text("ANALYZE"))
        if conn.dialect.name == "postgresql":
            conn.execute(text("ALTER DATABASE " + str(store.engine.url.database) + " SET enable_seqscan = off"))
    store.close()
    with plans(store) as explained, store.read() as conn:
        assert len(stored.unsearched(conn, 10)) == 1
        assert stored.searched_to(conn) is not None
    assert all("ix_events_unsearched" in plan for plan in explained), explained

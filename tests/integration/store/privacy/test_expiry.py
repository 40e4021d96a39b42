"""Each kind is kept for its own time, and what is kept no longer is gone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import structlog
from sqlalchemy import Table, func, select, update

from tests.integration.store.examples import arrival, event, one, take_in
from worker.delivery.cleanup import tidy
from worker.plan import Key, Match, QualifiedKey
from worker.settings import Delivery
from worker.store import Store
from worker.store.db import tables
from worker.store.db.clock import after
from worker.store.db.tables import EPOCH, calls, events, identities, links, records, requests
from worker.store.events.replay import replay
from worker.store.ledger import identities as known_as
from worker.store.ledger import links as ledger_links
from worker.store.ledger import records as ledger_records
from worker.store.ledger.write_calls import Caller, intend
from worker.store.people import audit
from worker.store.people.audit import Actor
from worker.store.privacy.expiry import Ages, Expired, expire

DAY = 86400.0
AGES = Ages(payloads=10 * DAY, dead=20 * DAY, review=30 * DAY, calls=40 * DAY, records=50 * DAY)
NOTHING = Expired(0, {}, 0, 0, 0)
MAIL = "bo@exempel.se"


def aged(store: Store, days: float) -> None:
    """Everything happened so long ago."""
    with store.write() as conn:
        conn.execute(update(events).values(received_at=after(-days * DAY), done_at=after(-days * DAY)))
        conn.execute(update(requests).values(received_at=after(-days * DAY)))
        conn.execute(update(calls).values(started_at=after(-days * DAY)))
        conn.execute(update(records).values(touched_at=after(-days * DAY)))


def ended(store: Store, status: str, event_id: str = "e1", **values: Any) -> str:
    made = one(store, event_id)
    with store.write() as conn:
        conn.execute(update(events).where(events.c.id == made).values(status=status, done_at=after(0), **values))
    return made


def number(store: Store, table: Table) -> int:
    with store.read() as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def test_payloads_of_what_ended_well_go_first_and_duplicates_are_still_recognised(store: Store) -> None:
    for status in ("delivered", "superseded", "ignored", "dead", "review", "pending"):
        ended(store, status, status)
    aged(store, 9)
    assert expire(store, AGES) == NOTHING
    aged(store, 11)
    assert expire(store, AGES) == replace(NOTHING, payloads=3)
    assert (number(store, requests), number(store, events)) == (3, 6)
    assert take_in(store, arrival(event("delivered")))[0].events[0].taken == "duplicate"


def test_a_payload_stays_while_a_replay_waits_or_the_event_is_kept_for_a_record(store: Store) -> None:
    replayed = ended(store, "delivered", "e1")
    ended(store, "ignored", "e2", waits_for=QualifiedKey("butik", "order", "1"), waits_until=after(60))
    replay(store, replayed)
    aged(store, 11)
    assert expire(store, AGES) == NOTHING


def test_dead_letters_and_reviews_are_not_kept_for_ever(store: Store) -> None:
    ended(store, "dead", "e1")
    asked = ended(store, "review", "e2", reason="twins", candidates=[1, 2])
    aged(store, 21)
    assert expire(store, AGES) == replace(NOTHING, dead={"butik": 1})
    assert (number(store, requests), number(store, events)) == (1, 1)
    aged(store, 31)
    assert expire(store, AGES) == replace(NOTHING, review=1)
    with store.read() as conn:
        row = conn.execute(select(events).where(events.c.id == asked)).one()
    assert (row.status, row.reason) == ("dead", "nobody decided about it for too long; it was in review: twins")
    assert row.candidates is None
    assert expire(store, AGES) == NOTHING
    aged(store, 31)
    assert expire(store, AGES).dead == {"butik": 1}
    assert (number(store, requests), number(store, events)) == (0, 0)


def test_what_died_lately_stays_however_long_ago_it_came(store: Store) -> None:
    made = ended(store, "dead")
    aged(store, 21)
    with store.write() as conn:
        conn.execute(update(events).where(events.c.id == made).values(done_at=after(0)))
    assert expire(store, AGES) == NOTHING


@pytest.mark.parametrize(("state", "verify_in"), [("open", None), ("unknown", None), ("open", 60.0)])
def test_what_a_call_carried_that_nobody_looks_for_goes(store: Store, state: str, verify_in: float | None) -> None:
    held = {"name": ["Bo Ek", 0, 1, "e", "butik"], "value": [5, 0, 1, "e", "butik"]}
    with store.write() as conn:
        intend(conn, "c1", Caller("butik", 1, "f00d", None), "contact", held, 30, key="K", verify_in=verify_in)
        conn.execute(update(calls).values(state=state))
    aged(store, 41)
    gone = verify_in is None
    assert expire(store, AGES) == replace(NOTHING, calls=int(gone))
    assert expire(store, AGES) == NOTHING
    with store.read() as conn:
        sent = conn.execute(select(calls.c.sent)).scalar_one()
    assert sent == (held | {"name": ["[erased]", 0, 1, "e", "butik"]} if gone else held)


@pytest.fixture
def contact(store: Store) -> Key:
    key = Key("contact", f"email:{MAIL}")
    with store.write() as conn:
        ledger_links.join(conn, "butik", key, 1, 7)
        known_as.add(conn, 1, "contact", [Match("email", MAIL)], 7)
        known_as.add(conn, 1, "account", [Match("name", "Acme")], 8)
        held = {"name": ["Bo Ek", 5, 6, "e", "butik"], "client": [{"id": 8}, 5, 6, "e", "butik"]}
        ledger_records.take(conn, 1, "contact", 7, "w", 0)
        conn.execute(update(records).values(fields=held))
    return key


def test_texts_of_a_record_go_when_no_event_is_about_it_any_more(store: Store, contact: Key) -> None:
    aged(store, 49)
    assert expire(store, AGES) == NOTHING
    aged(store, 51)
    assert expire(store, AGES) == replace(NOTHING, records=1)
    assert expire(store, AGES) == NOTHING
    with store.read() as conn:
        row = conn.execute(select(records)).one()
        assert conn.execute(select(identities.c.value)).scalars().all() == ["acme"]
        assert MAIL not in conn.execute(select(links.c.key)).scalar_one()
        found = ledger_links.find(conn, "butik", contact)
    assert row.fields == {"name": ["[erased]", 5, 6, "e", "butik"], "client": [{"id": 8}, 5, 6, "e", "butik"]}
    assert row.touched_at == EPOCH
    assert found is not None
    assert found.record_id == 7


def test_an_event_about_a_record_begins_its_time_anew(store: Store, contact: Key) -> None:
    aged(store, 51)
    with store.write() as conn:
        ledger_records.take(conn, 1, "contact", 7, "w", 30)
    assert expire(store, AGES) == NOTHING


def test_records_of_an_earlier_release_are_touched_by_the_upgrade(store: Store, contact: Key) -> None:
    with store.write() as conn:
        conn.execute(update(records).values(touched_at=None))
    assert expire(store, AGES).records == 1
    with store.read() as conn:
        assert conn.execute(select(records.c.touched_at)).scalar_one() > EPOCH
        assert conn.execute(select(records.c.fields)).scalar_one()["name"][0] == "Bo Ek"
    assert expire(store, AGES) == NOTHING


def test_the_upkeep_goes_by_the_settings_and_says_what_nobody_looked_after(store: Store) -> None:
    ended(store, "dead")
    aged(store, 181)
    with structlog.testing.capture_logs() as logs:
        tidy(store, Delivery())
    assert number(store, events) == 0
    assert [(each["connection"], each["number"]) for each in logs if "dead letters" in each["event"]] == [("butik", 1)]


def test_what_people_did_is_kept_for_its_time_and_goes_a_batch_at_a_time(store: Store) -> None:
    with store.write() as conn:
        for number in range(5):
            audit.record(conn, Actor("anna", "page"), "drop", f"event/{number}")
        conn.execute(update(tables.audit).where(tables.audit.c.seq <= 3).values(at=after(-401 * DAY)))
        conn.execute(update(tables.audit).where(tables.audit.c.seq == 4).values(at=after(-399 * DAY)))
        assert [audit.purge(conn, 400 * DAY, batch=2) for _ in range(3)] == [2, 1, 0]
        conn.execute(update(tables.audit).where(tables.audit.c.seq == 4).values(at=after(-401 * DAY)))
    tidy(store, Delivery())
    with store.read() as conn:
        assert [deed.about for deed in audit.listed(conn)] == ["event/4"]

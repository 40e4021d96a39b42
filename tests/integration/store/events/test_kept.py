"""Events that are kept for a record: what a person decided stands, and what is revived says why it ended before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, text, update

from tests.integration.store.examples import one
from tests.integration.store.explained import plans
from worker.errors import NeedsReview
from worker.plan import QualifiedKey
from worker.store import Store
from worker.store.db.clock import after, now
from worker.store.db.retention import purge
from worker.store.db.statuses import Ended
from worker.store.db.tables import events, links
from worker.store.events import kept
from worker.store.events.events import show
from worker.store.events.outcomes import Outcome, release
from worker.store.events.replay import drop, report
from worker.store.lanes.lanes import Claim, claim

ACME = QualifiedKey("butik", "account", "K-1: Åsa")
LACKING = Outcome("", "ignored", "not in Upsales: account 'K-1'", waits_for=ACME, seconds=3600.0)
MANY = 5000


def claimed(store: Store, subject: str = "kund:Åsa") -> Claim:
    found = claim(store, "butik", subject, "w1", 60)
    assert found is not None
    return found


def keep(store: Store, event: str, outcome: Outcome = LACKING, subject: str = "kund:Åsa") -> None:
    assert release(store, claimed(store, subject), [replace(outcome, event=event)])


def made(store: Store, key: QualifiedKey = ACME) -> None:
    link = {"connection": key.connection, "resource": key.resource, "key": key.id, "account": 4711}
    with store.write() as conn:
        conn.execute(links.insert(), {**link, "state": "linked", "record_id": 17, "created_at": now(conn)})


def status(store: Store, event: str) -> str:
    with store.read() as conn:
        return str(conn.execute(select(events.c.status).where(events.c.id == event)).scalar_one())


def test_what_a_person_dropped_stays_dropped_when_its_record_is_made(store: Store) -> None:
    event = one(store, "e1")
    keep(store, event, replace(LACKING, status="dead"))
    drop(store, event, "den ska inte med")
    assert kept.apply_kept(store, ACME) == 0
    made(store)
    assert kept.apply_all(store) == 0
    assert status(store, event) == "ignored"


def test_what_a_person_dropped_while_it_was_tried_is_not_kept(store: Store) -> None:
    event = one(store, "e1")
    at_work = claimed(store)
    drop(store, event, "den ska inte med")
    release(store, at_work, [replace(LACKING, event=event)])
    assert kept.apply_kept(store, ACME) == 0
    assert status(store, event) == "ignored"


def test_a_question_to_a_person_stands_when_its_record_is_made(store: Store) -> None:
    event = one(store, "e1")
    keep(store, event, replace(LACKING, status="delivered"))
    with store.write() as conn:
        report(conn, event, NeedsReview("made more than once", key=ACME, candidates=(7, 8)))
    assert kept.apply_kept(store, ACME) == 0
    assert status(store, event) == "review"


@pytest.mark.parametrize("ended", ["ignored", "delivered", "dead"])
def test_what_had_become_of_a_revived_event_is_told_as_it_was(store: Store, ended: Ended) -> None:
    event = one(store, "e1")
    keep(store, event, replace(LACKING, status=ended))
    assert kept.apply_kept(store, ACME) == 1
    with store.read() as conn:
        found = show(conn, event)
    assert found is not None
    assert (found.status, found.note) == ("pending", f"was {ended} before: not in Upsales: account 'K-1'")


def test_however_many_are_kept_for_a_record_all_of_them_are_applied(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST", 2)
    for number in range(5):
        keep(store, one(store, f"e{number}", f"kund:{number}"), subject=f"kund:{number}")
    assert kept.apply_kept(store, ACME) == 5


def test_what_is_kept_is_not_deleted_for_its_age(store: Store) -> None:
    event = one(store, "e1")
    keep(store, event)
    with store.write() as conn:
        conn.execute(update(events).values(received_at=after(-10 * 86400)))
    assert purge(store, keep_events=86400, keep_calls=86400).events == 0
    assert kept.apply_kept(store, ACME) == 1


def test_an_event_that_ends_just_after_its_record_was_made_is_applied_at_once(store: Store) -> None:
    """Whoever made the record looked for what is kept before this event was."""
    event = one(store, "e1")
    at_work = claimed(store)
    made(store)
    assert kept.apply_kept(store, ACME) == 0
    release(store, at_work, [replace(LACKING, event=event)])
    assert status(store, event) == "pending"
    with store.read() as conn:
        assert claim(store, "butik", "kund:Åsa", "w2", 60) is not None, show(conn, event)


def test_what_is_kept_finds_its_record_by_the_key_among_many(store: Store) -> None:
    with store.write() as conn:
        at = now(conn)
        link = {"connection": "butik", "resource": "account", "account": 4711, "state": "linked", "created_at": at}
        conn.execute(links.insert(), [{**link, "key": f"K-{n}", "record_id": n} for n in range(MANY)])
    event = one(store, "e1")
    keep(store, event)
    made(store)
    with store.write() as conn:
        conn.execute(text("ANALYZE"))
    with plans(store) as found:
        assert kept.apply_all(store) == 1
    assert not [plan for plan in found if "Seq Scan on links" in plan or "SCAN links" in plan]

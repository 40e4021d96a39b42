"""What is sent again is recognised for as long as its sender repeats it, also once the event itself is gone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, update

from tests.integration.store.examples import arrival, event, take_in
from worker.store import Store
from worker.store.db.clock import after
from worker.store.db.retention import purge
from worker.store.db.tables import events, past_ids, requests
from worker.store.events.arrival import Accepted
from worker.store.privacy.pseudonyms import made_pseudonyms

DAY = 86400.0


def sent(store: Store, event_id: str = "8222115557375075439:26:true") -> Accepted:
    (receipt,) = take_in(store, arrival(event(event_id, status="ignored")))
    (accepted,) = receipt.events
    assert receipt.stored is (accepted.taken == "inserted")
    return accepted


def days_pass(store: Store, days: float) -> None:
    """And what is old goes, with `keep_delivered` of a day."""
    with store.write() as conn:
        conn.execute(update(events).values(received_at=after(-days * DAY)))
        conn.execute(update(requests).values(received_at=after(-days * DAY)))
    while purge(store, keep_events=DAY, keep_calls=DAY):
        pass


def stored(store: Store) -> tuple[int, ...]:
    with store.read() as conn:
        tables = (events, requests, past_ids)
        return tuple(conn.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)


def test_what_is_sent_again_after_30_days_is_known_though_nothing_else_of_it_is_left(store: Store) -> None:
    first = sent(store)
    days_pass(store, 30)
    assert stored(store) == (0, 0, 1)

    again = sent(store)

    assert (again.taken, again.id) == ("duplicate", first.id)
    assert stored(store) == (0, 0, 1)


def test_what_nobody_repeats_any_more_is_forgotten(store: Store) -> None:
    sent(store)
    days_pass(store, 46)

    assert stored(store) == (0, 0, 0)
    assert sent(store).taken == "inserted"


def test_id_is_forgotten_when_its_time_has_come(store: Store) -> None:
    sent(store)
    days_pass(store, 30)
    with store.write() as conn:
        conn.execute(update(past_ids).values(until=after(-1)))

    days_pass(store, 0)

    assert stored(store) == (0, 0, 0)


def test_sender_that_repeats_for_longer_is_known_for_longer(store: Store) -> None:
    sent(store)
    with store.write() as conn:
        conn.execute(update(events).values(received_at=after(-60 * DAY)))

    purge(store, keep_events=DAY, keep_calls=DAY, repeats_for={"butik": timedelta(days=90)})

    assert sent(store).taken == "duplicate"


def test_event_that_is_still_there_is_what_stands(store: Store) -> None:
    first = sent(store)
    days_pass(store, 0.5)

    assert sent(store).id == first.id
    assert stored(store) == (1, 1, 0)


def test_same_id_of_another_connection_is_another_event(store: Store) -> None:
    sent(store, "e1")
    days_pass(store, 30)

    (receipt,) = take_in(store, arrival(event("e1"), connection="webb"))

    assert receipt.stored


def test_id_that_was_erased_with_a_person_is_known_after_its_event_is_gone(store: Store) -> None:
    sent(store, "svar:anna@norrbygg.example")
    with store.write() as conn:
        hidden = made_pseudonyms(conn).event("butik", "svar:anna@norrbygg.example")
        conn.execute(update(events).values(event_id=hidden))
    days_pass(store, 30)

    assert sent(store, "svar:anna@norrbygg.example").taken == "duplicate"


def test_of_one_request_what_is_new_is_stored_beside_what_is_known(store: Store) -> None:
    sent(store, "e1")
    days_pass(store, 30)

    (receipt,) = take_in(store, arrival(event("e1"), event("e2")))

    assert [each.taken for each in receipt.events] == ["duplicate", "inserted"]
    assert stored(store) == (1, 1, 1)


def test_id_that_stands_twice_in_one_request_is_known_each_time(store: Store) -> None:
    first = sent(store, "e1")
    days_pass(store, 30)

    (receipt,) = take_in(store, arrival(event("e1"), event("e1")))

    assert [(each.taken, each.id) for each in receipt.events] == [("duplicate", first.id)] * 2
    assert not receipt.stored

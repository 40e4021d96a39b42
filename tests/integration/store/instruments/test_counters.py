"""What is counted in the transactions of events: it adds up, whatever becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from tests.integration.store.events.parking import again
from tests.integration.store.examples import arrival, event, one, take_in
from tests.integration.store.explained import plans
from worker.errors import NeedsReview
from worker.plan import QualifiedKey
from worker.store import Store
from worker.store.db.clock import after, now
from worker.store.db.tables import events, minutes, totals
from worker.store.events import kept, replay
from worker.store.events.outcomes import Outcome, defer, release
from worker.store.events.replay_cancel import TakenBack, take_back
from worker.store.instruments.counters import bucket_of, count, count_apart, hour_of, minute_of
from worker.store.instruments.rollup import forget_old, mend_waiting, roll_up
from worker.store.instruments.totals import by_the_hour, last_received, lately, waiting
from worker.store.instruments.totals import totals as in_all
from worker.store.lanes.lanes import Claim, claim

KEY = QualifiedKey("butik", "account", "K-1")


def counted(store: Store) -> Mapping[str, int]:
    with store.read() as conn:
        return {what: n for (_, what), n in in_all(conn).items() if not what.startswith("took")}


def there(store: Store) -> Mapping[str, int]:
    with store.read() as conn:
        rows = conn.execute(select(events.c.status, func.count()).group_by(events.c.status))
        return {row[0]: row[1] for row in rows}


def waits(store: Store) -> tuple[int, int]:
    """As counted, and as it is."""
    with store.read() as conn:
        return waiting(in_all(conn)).get("butik", 0), there(store).get("pending", 0)


def claimed(store: Store, subject: str = "kund:Åsa") -> Claim:
    found = claim(store, "butik", subject, "w1", 60)
    assert found is not None
    return found


def ended(store: Store, *fates: str) -> Sequence[str]:
    """Events in one lane that ended so, in order."""
    ids = [one(store, f"e{n}-{len(there(store))}") for n in range(len(fates))]
    lane = claimed(store)
    assert release(store, lane, [Outcome(name, fate) for name, fate in zip(ids, fates, strict=True)])  # type: ignore[arg-type]
    return ids


def test_events_and_requests_are_counted_as_they_come(store: Store) -> None:
    take_in(store, arrival(event("e1"), event("e2", "order:1"), event("e3", status="ignored", reason="en regel")))
    take_in(store, arrival(event("e1")), arrival(event("e4"), event("e2")))
    assert counted(store) == {
        "answered:accepted": 2, "answered:duplicate": 1, "received": 4, "duplicate": 2, "ignored": 1,
    }  # fmt: skip
    assert waits(store) == (3, 3)


def test_fates_are_counted_when_they_are_stored(store: Store) -> None:
    ended(store, "delivered", "superseded", "dead", "review", "ignored", "delivered")
    found = counted(store)
    assert {fate: found[fate] for fate in there(store)} == there(store)
    assert waits(store) == (0, 0)


def test_what_a_person_ended_meanwhile_counts_once(store: Store) -> None:
    ids = [one(store, name) for name in ("e1", "e2", "e3")]
    lane = claimed(store)
    replay.drop(store, ids[1], "behövs inte")
    release(store, lane, [Outcome(name, "delivered") for name in ids])
    assert (counted(store)["delivered"], counted(store)["ignored"]) == (2, 1)
    assert waits(store) == (0, 0)


def test_what_comes_again_waits_again(store: Store) -> None:
    dead, delivered, reviewed = ended(store, "dead", "delivered", "review")
    replay.revive(store, dead)
    replay.replay(store, delivered)
    assert waits(store) == (2, 2)
    again(store, [reviewed, delivered], 60)
    assert waits(store) == (4, 4)
    release(store, claimed(store), [Outcome(dead, "dead")])
    take_in(store, arrival(event("e0-0")))
    assert counted(store)["again"] == 5
    assert waits(store) == (4, 4)


def test_what_people_decide_is_counted(store: Store) -> None:
    dead, reviewed, delivered = ended(store, "dead", "review", "delivered")
    waiting_still = one(store, "e9", "order:9")
    replay.drop(store, dead, "")
    replay.drop(store, waiting_still, "")
    with store.write() as conn:
        replay.report(conn, delivered, NeedsReview("två av den", key=KEY))
        replay.report(conn, "01FINNSINTE", NeedsReview("två av den", key=KEY))
    assert waits(store) == (0, 0)
    assert replay.revive_reviewed(store, "butik", "kund:Åsa", KEY) == 2
    assert waits(store) == (2, 2)
    assert counted(store)["review"] == 2
    assert reviewed


def test_what_was_kept_waits_again(store: Store) -> None:
    one(store, "e1")
    lane = claimed(store)
    release(store, lane, [Outcome(lane.events[0].id, "ignored", waits_for=KEY, seconds=60)])
    assert kept.apply_kept(store, KEY) == 1
    assert waits(store) == (1, 1)


def test_a_lane_that_is_put_off_counts_the_class_of_its_failure(store: Store) -> None:
    one(store, "e1")
    for _ in range(2):
        defer(store, claimed(store), seconds=0, attempts=1, failing=True, failure="unavailable")
    assert counted(store)["retry:unavailable"] == 2


def test_what_a_delivery_took_is_counted_by_bucket_and_no_replay_is(store: Store) -> None:
    with store.read() as conn:
        at = now(conn)
    take_in(
        store,
        arrival(event("e1"), received_at=at - timedelta(minutes=15)),
        arrival(event("e2"), received_at=at - timedelta(hours=7)),
    )
    lane = claimed(store)
    release(store, lane, [Outcome(each.id, "delivered") for each in lane.events])
    with store.read() as conn:
        found = in_all(conn)
    assert {what for _, what in found if what.startswith("took:")} == {"took:1800", "took:inf"}
    assert found["butik", "took_ms"] == pytest.approx((7 * 60 + 15) * 60_000, abs=600_000)
    replay.replay(store, lane.events[0].id)
    lane = claimed(store)
    release(store, lane, [Outcome(each.id, "delivered") for each in lane.events])
    with store.read() as conn:
        assert in_all(conn)["butik", "took:1800"] == 1


@pytest.mark.parametrize(("seconds", "bucket"), [(-1, "0.5"), (0.5, "0.5"), (0.51, "1"), (1800, "1800"), (1801, "inf")])
def test_a_bucket_holds_its_bound(seconds: float, bucket: str) -> None:
    assert bucket_of(seconds) == f"took:{bucket}"


def test_processes_count_in_rows_of_their_own_and_are_summed(store: Store) -> None:
    for store.shard in (1, 2, 2):
        count_apart(store, {("", "answered:unknown"): 3}, 5)
    with store.read() as conn:
        rows = conn.execute(select(minutes.c.shard, func.sum(minutes.c.n)).group_by(minutes.c.shard)).all()
        assert sorted(map(tuple, rows)) == [(1, 3), (2, 6)]
        assert in_all(conn) == lately(conn, 120) == {("", "answered:unknown"): 9}


def test_hours_that_are_over_are_added_up_once(store: Store) -> None:
    with store.read() as conn:
        at = now(conn)
    long_ago, hour = at - timedelta(hours=3), hour_of(at - timedelta(hours=3))
    with store.write() as conn:
        for moment in (long_ago, long_ago, at - timedelta(hours=60), at):
            count(conn, {("butik", "received"): 5}, moment)
    with store.read() as conn:
        before = in_all(conn)
    assert roll_up(store) == 2
    assert roll_up(store) == 0
    with store.read() as conn:
        assert in_all(conn) == before == {("butik", "received"): 20}
        assert by_the_hour(conn, "received", ["butik"], hour - 1) == {("butik", hour): 10}
    forget_old(store)
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(minutes)).scalar_one() == 2
        assert in_all(conn) == before


def test_what_is_in_no_total_yet_is_not_forgotten(store: Store) -> None:
    with store.write() as conn:
        count(conn, {("butik", "received"): 5}, now(conn) - timedelta(hours=60))
    forget_old(store)
    with store.read() as conn:
        assert in_all(conn) == {("butik", "received"): 5}


def test_hours_are_forgotten_and_stay_in_the_total(store: Store) -> None:
    with store.write() as conn:
        at = now(conn)
        count(conn, {("butik", "received"): 5}, at - timedelta(days=401))
    roll_up(store)
    forget_old(store)
    with store.read() as conn:
        assert in_all(conn) == {("butik", "received"): 5}
        assert by_the_hour(conn, "received", ["butik"], hour_of(at - timedelta(days=402))) == {}


def test_when_a_connection_last_sent_something(store: Store) -> None:
    with store.write() as conn:
        at = now(conn)
        count(conn, {("butik", "received"): 1, ("tyst", "duplicate"): 1}, at)
        count(conn, {("skolan", "received"): 1}, at - timedelta(hours=30))
    roll_up(store)
    with store.read() as conn:
        found = last_received(conn, ["butik", "skolan", "tyst", "okänd"])
    assert set(found) == {"butik", "skolan"}
    assert timedelta() <= now_of(store) - found["butik"] < timedelta(minutes=1)
    assert timedelta(hours=28) < at - found["skolan"] < timedelta(hours=31)


def now_of(store: Store) -> datetime:
    with store.read() as conn:
        return now(conn)


def test_a_number_of_waiting_events_that_is_wrong_is_mended(store: Store) -> None:
    one(store, "e1")
    with store.write() as conn:
        conn.execute(delete(minutes))
        conn.execute(update(events).values(received_at=after(-5)))
    assert waits(store) == (0, 1)
    assert mend_waiting(store) == {"butik": 1}
    assert mend_waiting(store) == {}
    assert waits(store) == (1, 1)
    with store.write() as conn:
        conn.execute(delete(events))
    assert mend_waiting(store) == {"butik": -1}
    with store.read() as conn:
        assert conn.execute(select(totals.c.what, totals.c.n)).all() == [("mended", 0)]


def test_minutes_and_hours_are_found_by_their_keys(store: Store) -> None:
    with store.write() as conn:
        at = now(conn)
        same = {"connection": "butik", "what": "received", "shard": 1, "n": 1}
        conn.execute(minutes.insert(), [{**same, "minute": minute_of(at) - n} for n in range(3000)])
    roll_up(store)
    with store.write() as conn:
        conn.exec_driver_sql("ANALYZE")
    with plans(store) as found, store.read() as conn:
        in_all(conn)
        lately(conn, 600)
        last_received(conn, ["butik"])
        by_the_hour(conn, "received", ["butik"], hour_of(at) - 168)
    assert not [plan for plan in found for scan in ("SCAN minutes", "Seq Scan on minutes") if scan in plan], found


def test_minutes_and_hours_are_those_of_the_epoch(store: Store) -> None:
    at = now_of(store)
    assert minute_of(at) // 60 == hour_of(at)


def test_replays_that_are_taken_back_wait_no_more(store: Store) -> None:
    ids = ended(store, "delivered", "dead")
    again(store, ids, 60)
    assert waits(store) == (2, 2)
    assert take_back(store) == TakenBack(replays=1, restored=1)
    assert waits(store) == (0, 0)
    assert mend_waiting(store) == {}

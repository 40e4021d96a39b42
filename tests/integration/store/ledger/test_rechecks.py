"""Rechecks on real databases: nobody's hold up another's, and what no machine can settle is told to a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tests.contracts.ledger import ACME, ORG_NO, held, packed
from tests.fakes import Clock, FakeCrm, FakeUpsales, Fault, Trouble
from tests.integration.store.examples import one
from worker.connectors.generic import connector as generic
from worker.delivery.recheck import Rechecks
from worker.errors import OutcomeUnknown
from worker.plan import QualifiedKey
from worker.settings import Connection, Settings
from worker.store import Store
from worker.store.db.clock import after, db_now
from worker.store.db.statuses import Ended
from worker.store.db.tables import calls, events, identities, lanes
from worker.store.events.events import Event, show
from worker.store.lanes import connections
from worker.store.lanes.lanes import Fence, claim
from worker.store.ledger.ledger import SqlLedger
from worker.store.ledger.rechecks import Due, connections_due, due
from worker.sync.context import Access, Timing
from worker.sync.records import Link, LinkState

ACCOUNT = 4711


@dataclass(slots=True)
class Office:
    """Rechecks of the calls of two connections to an Upsales in memory."""

    store: Store
    upsales: FakeUpsales = field(default_factory=lambda: FakeUpsales(Clock(), search_lag=0.0))

    def run(self, *, at_once: bool = True) -> None:
        """`at_once`: whatever is to be looked at is due now, and whoever looked at it has died."""
        if at_once:
            with self.store.write() as conn:
                conn.execute(update(calls).where(calls.c.verify_at.is_not(None)).values(verify_at=after(-1)))
                conn.execute(update(lanes).values(lease_until=after(-1)))
        rechecks = Rechecks(self.store, settings(), "w1", self.access)
        for name in settings().connections:
            rechecks.run(name)

    def access(self, found: Due, fence: Fence) -> Access:
        timing = Timing(search_lag=0.0, settled_after=300.0, call_timeout=20.0)
        return Access(FakeCrm(self.upsales, found.connection), self.ledger(fence, found.recheck.event), timing)

    def ledger(self, fence: Fence, event: str | None) -> SqlLedger:
        return SqlLedger(self.store, fence, account=ACCOUNT, fingerprint="f00d", event=event, settled_after=300.0)

    def working(self, event_id: str, connection: str = "butik") -> tuple[str, SqlLedger]:
        """A worker on a lane of its own with one event."""
        event = one(self.store, event_id, f"kund:{event_id}", connection=connection)
        found = claim(self.store, connection, f"kund:{event_id}", "w1", 60)
        assert found is not None
        return event, self.ledger(found.fence, event)

    def ended(self, event: str, status: str) -> None:
        with self.store.write() as conn:
            conn.execute(update(events).where(events.c.id == event).values(status=status))

    def lost_put(self, record_id: int, *, connection: str = "butik") -> tuple[str, str]:
        """An update of `name` to `sen` that took effect late; its event, and the call."""
        event, ledger = self.working(f"{connection} {record_id}", connection)
        ledger.hold("account", record_id, 30)
        call = ledger.intend_update("account", record_id, packed(name="sen"), 30)
        ledger.unknown(call, OutcomeUnknown("timeout"))
        self.ended(event, "delivered")
        return event, call

    def begun(self, event_id: str, sent: dict[str, Any] | None = None) -> tuple[str, str]:
        """A create of `ACME` that was sent and not answered; the event it was for, and the call."""
        event, ledger = self.working(event_id)
        call = ledger.intend_create(ACME, [ORG_NO], packed(name="Åkeri", orgNo=ORG_NO.value) | (sent or {}), 0)
        ledger.unknown(call, OutcomeUnknown("timeout"))
        with self.store.write() as conn:
            conn.execute(update(calls).where(calls.c.id == call).values(started_at=after(-4000)))
        return event, call

    def overwritten(self) -> tuple[str, str]:
        """As above; since then a newer event had written `nyast`."""
        account = self.upsales.made("account", name="sen")
        event, call = self.lost_put(account)
        _, other = self.working("nyare")
        other.release("account", account, {"name": held("nyast", minute=5, seq=9)})
        return event, call

    def call(self, call: str) -> Any:
        with self.store.read() as conn:
            return conn.execute(select(calls, db_now().label("now")).where(calls.c.id == call)).one()

    def next_recheck(self, call: str) -> float:
        """In how many seconds."""
        row = self.call(call)
        return float((row.verify_at - row.now) / timedelta(seconds=1))

    def event(self, event: str) -> Event:
        with self.store.read() as conn:
            found = show(conn, event)
        assert found is not None
        return found

    def fate(self, event: str) -> tuple[str, str]:
        found = self.event(event)
        return found.status, found.reason or ""

    def asked(self, event: str) -> tuple[QualifiedKey | None, tuple[int, ...]]:
        found = self.event(event)
        return found.review_key, found.candidates


def settings() -> Settings:
    names = ("butik", "formulär")
    return Settings(connections={n: Connection(name=n, connector=generic, settings=generic.settings()) for n in names})


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def gone_from_the_settings(_store: Store) -> None:
    pass


def paused(store: Store) -> None:
    connections.pause(store, "formulär", "städning", probe_in=None)


def stopped_by_the_breaker(store: Store) -> None:
    connections.breaker_failed(store, "formulär", "kund:Åsa", lanes=1, seconds=600)


@pytest.mark.parametrize(
    ("stopped", "stop"),
    [("borttagen", gone_from_the_settings), ("formulär", paused), ("formulär", stopped_by_the_breaker)],
)
def test_the_calls_of_a_connection_that_does_not_run_hold_nobody_up(
    office: Office, stopped: str, stop: Callable[[Store], None]
) -> None:
    for number in range(25):
        office.lost_put(1000 + number, connection=stopped)
    stop(office.store)
    _, mine = office.lost_put(17)
    with office.store.write() as conn:
        ours = calls.c.connection == "butik"
        conn.execute(update(calls).where(ours).values(verify_at=after(-1)))
        conn.execute(update(calls).where(~ours).values(verify_at=after(-600)))

    office.run(at_once=False)

    assert office.call(mine).state == "failed"


def test_an_event_that_is_to_be_delivered_again_is_delivered_before_a_person_is_asked(office: Office) -> None:
    event, call = office.overwritten()
    office.ended(event, "pending")
    office.upsales.faults.append(Fault(Trouble.REFUSED))

    office.run()

    assert office.event(event).status == "pending"
    assert round(office.next_recheck(call)) == 3600
    office.ended(event, "delivered")
    office.upsales.faults.append(Fault(Trouble.REFUSED))
    office.run()
    assert office.event(event).status == "review"


def test_a_repair_that_upsales_refuses_is_told_to_a_person_and_not_tried_again(office: Office) -> None:
    event, call = office.overwritten()
    office.upsales.faults.append(Fault(Trouble.REFUSED))

    office.run()

    (account,) = office.upsales.live("account")
    assert office.fate(event) == (
        "review",
        f"what an update of account {account} did could not be put right: 400: FailedValidation. Look at it in Upsales.",
    )
    assert office.asked(event) == (None, (account,))
    assert (office.call(call).state, office.call(call).verify_at, office.call(call).sent) == ("failed", None, None)
    made = len(office.upsales.calls)
    office.run()
    assert len(office.upsales.calls) == made


def test_a_repair_of_a_custom_field_that_is_gone_is_told_to_a_person(office: Office) -> None:
    account = office.upsales.made("account", name="Ö")
    event, ledger = office.working("sen")
    ledger.hold("account", account, 30)
    call = ledger.intend_update("account", account, {"custom.BORTTAGEN": held("1").packed()}, 30)
    ledger.unknown(call, OutcomeUnknown("timeout"))
    ledger.hold("account", account, 30)
    ledger.release("account", account, {"custom.BORTTAGEN": held("2", minute=5, seq=9)})
    office.ended(event, "delivered")

    office.run()

    status, reason = office.fate(event)
    assert status == "review"
    assert "account has no custom field BORTTAGEN" in reason
    assert office.call(call).state == "failed"


def test_a_recheck_that_fails_is_made_again_ever_more_seldom_up_to_an_hour(office: Office) -> None:
    _, call = office.overwritten()
    pauses = []
    for _ in range(9):
        office.upsales.read_faults.append(Fault(Trouble.UNAVAILABLE))
        office.run()
        pauses.append(round(office.next_recheck(call)))
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    office.run()
    assert office.call(call).state == "done"


def test_what_was_looked_for_in_vain_before_is_not_held_against_it(office: Office) -> None:
    """An event looked seven times for what its create did, then made it again; that the first call had no effect stays to be seen."""
    _, call = office.overwritten()
    _, ledger = office.working("letar")
    for _ in range(7):
        ledger.rechecked(call)
    office.upsales.read_faults.append(Fault(Trouble.UNAVAILABLE))
    office.run()
    assert round(office.next_recheck(call)) == 30


def test_a_recheck_that_has_to_wait_for_the_budget_is_not_counted(office: Office) -> None:
    _, call = office.overwritten()
    for _ in range(5):
        office.upsales.read_faults.append(Fault(Trouble.THROTTLED))
        office.run()
        assert round(office.next_recheck(call)) == 10
    assert office.call(call).failed_looks == 0


# Creates that nobody ends


PATIENCE = 5000.0


def is_due(office: Office, call: str, patience: float = PATIENCE) -> bool:
    """Whether the call is looked at when its time has come."""
    with office.store.write() as conn:
        conn.execute(update(calls).where(calls.c.id == call).values(verify_at=after(-1)))
    with office.store.read() as conn:
        ids = [found.recheck.call for found in due(conn, "butik", runs=True, patience=patience)]
        assert list(connections_due(conn, ["butik"], patience)) == (["butik"] if ids else [])
    return call in ids


def link(office: Office) -> Link | None:
    return office.working("någon")[1].link(ACME)


def test_a_create_is_rechecked_once_it_has_settled(office: Office) -> None:
    _, call = office.begun("först")
    assert 290 < office.next_recheck(call) <= 300


@pytest.mark.parametrize(
    ("status", "looked"),
    [("pending", False), ("review", False), ("dead", True), ("ignored", True), ("delivered", True)],
)
def test_a_create_is_looked_at_once_its_event_has_ended(office: Office, status: Ended, *, looked: bool) -> None:
    event, call = office.begun("först")
    office.ended(event, status)
    assert is_due(office, call) is looked


def test_a_create_is_left_to_another_event_of_its_lane_that_waits(office: Office) -> None:
    event, call = office.begun("först")
    other = one(office.store, "sedan", "kund:först")
    office.ended(event, "dead")
    assert not is_due(office, call)
    office.ended(other, "dead")
    assert is_due(office, call)


def test_a_create_is_not_left_to_its_lane_for_ever(office: Office) -> None:
    """What waits there may be about something else, and wait for the create itself."""
    _, call = office.begun("först")
    assert not is_due(office, call)
    assert is_due(office, call, patience=3000.0)


def test_a_create_whose_event_is_no_longer_kept_is_looked_at(office: Office) -> None:
    event, call = office.begun("först")
    with office.store.write() as conn:
        conn.execute(delete(events).where(events.c.id == event))
    assert is_due(office, call)


def test_what_a_dead_event_made_is_linked_and_the_event_stays_dead(office: Office) -> None:
    event, call = office.begun("först")
    office.ended(event, "dead")
    made = office.upsales.made("account", name="Åkeri", orgNo=ORG_NO.value)
    office.upsales.marked = ()

    office.run()

    assert link(office) == Link(LinkState.LINKED, made)
    identity = office.working("en annan")[1].identity("account", ORG_NO)
    assert identity is not None
    assert identity.record_id == made
    assert (office.call(call).state, office.call(call).record_id) == ("done", made)
    assert office.fate(event)[0] == "dead"


def test_of_what_a_dead_event_did_not_make_nothing_is_left(office: Office) -> None:
    event, call = office.begun("först")
    office.ended(event, "dead")
    office.upsales.marked = ()

    office.run()

    assert link(office) is None
    assert office.working("en annan")[1].identity("account", ORG_NO) is None
    assert (office.call(call).state, office.call(call).error) == ("failed", "it was never made")
    assert office.fate(event)[0] == "dead"


@pytest.mark.parametrize(("status", "then"), [("dead", "review"), ("ignored", "ignored")])
def test_what_nothing_tells_is_told_to_a_person_unless_one_has_dropped_it(
    office: Office, status: Ended, then: str
) -> None:
    event, call = office.begun("först")
    office.ended(event, status)
    with office.store.write() as conn:
        conn.execute(delete(identities))
    office.upsales.marked = ()

    office.run()

    status_now, reason = office.fate(event)
    assert status_now == then
    assert then == "ignored" or "account 'customer:1' got no answer" in reason
    assert office.asked(event) == (None if then == "ignored" else QualifiedKey.of("butik", ACME), ())
    assert (office.call(call).state, office.call(call).verify_at) == ("unknown", None)
    assert "account 'customer:1' got no answer" in office.call(call).error
    found = link(office)
    assert found is not None
    assert (found.state, found.undecided) == (LinkState.CREATING, True)
    assert not is_due(office, "en annan")


def test_whoever_means_what_waits_for_a_person_is_told_whose_it_is(office: Office) -> None:
    event, _ = office.begun("först")
    office.ended(event, "review")
    identity = office.working("en annan", "formulär")[1].identity("account", ORG_NO)
    assert identity is not None
    assert identity.undecided == QualifiedKey.of("butik", ACME)
    found = link(office)
    assert found is not None
    assert found.undecided

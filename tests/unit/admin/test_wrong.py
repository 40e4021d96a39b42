"""What is wrong says since when: by the thing itself, else by its alert."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from worker.admin.wrong import problems
from worker.alerts.facts import Standing
from worker.alerts.findings import Finding
from worker.store.alerts.alerts import Alert
from worker.store.instruments.gauges import ForPeople
from worker.store.lanes.connections import State

AT = datetime(2026, 11, 26, 13, 2, tzinfo=UTC)
AGO = AT - timedelta(hours=1)
STANDS = Standing(
    states={"shop": State(name="shop", state="paused", since=AGO)},
    for_people=[ForPeople("shop", "dead", 2, 7200.0), ForPeople("shop", "review", 1, 60.0)],
    oldest={"shop": 900.0},
    lacking={"shop": 0},
)


def alert(kind: str, connection: str) -> Alert:
    opened = AT - timedelta(days=2)
    return Alert(id=kind, kind=kind, connection=connection, text="", opened_at=opened, closed_at=None, right_for=None)


def finding(kind: str, connection: str = "shop") -> Finding:
    return Finding(kind, connection, kind)


def test_since_when_is_known_from_the_thing_itself() -> None:
    kinds = ("connection_paused", "dead_letters", "review_waiting", "deliveries_late")
    found = problems([finding(kind) for kind in kinds], [alert(kind, "shop") for kind in kinds], STANDS, AT)
    ages = {each.kind: AT - each.since for each in found if each.since}
    assert ages == {
        "connection_paused": timedelta(hours=1),
        "dead_letters": timedelta(hours=2),
        "review_waiting": timedelta(minutes=1),
        "deliveries_late": timedelta(minutes=15),
    }


def test_else_from_its_alert_and_else_nobody_knows() -> None:
    found = problems([finding("no_worker", ""), finding("dead_letters")], [alert("no_worker", "")], None, None)
    assert {each.kind: each.since for each in found} == {"no_worker": AT - timedelta(days=2), "dead_letters": None}


def test_what_stops_or_needs_a_person_comes_before_what_to_look_at() -> None:
    found = problems([finding("sender_silent"), finding("marker_missing"), finding("dead_letters")], [], STANDS, AT)
    assert [(each.kind, each.level) for each in found] == [
        ("dead_letters", "wrong"), ("sender_silent", "look"), ("marker_missing", "look"),
    ]  # fmt: skip

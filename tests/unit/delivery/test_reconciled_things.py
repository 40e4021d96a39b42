"""Each thing is planned as the event of its webhook would be, with what its plan reads; what was seen is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.lists import BOKNING, CHANGES, THIN, connection, listing
from worker.delivery.reconcile.leftover import Shapes
from worker.delivery.reconcile.seen import Seen
from worker.delivery.reconcile.things import Thing, items_of, thing_of
from worker.errors import GoneAtSource, SourceThrottled
from worker.plan import Key, Plan, Upsert
from worker.sdk.connector import Connector, Event
from worker.sources.ports import Page
from worker.sources.ports import Thing as Read
from worker.store.sources.reconciliations import Linked

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)


def told(event: Event, _settings: Any) -> Plan:
    read = event.read.get("whole", event.payload)
    if read["id"] == "wrong":
        raise KeyError("it raises")
    return (Upsert(key=Key("account", f"booking:{read['id']}"), set={"name": read["id"]}),)


def planning(connector: Connector) -> Connector:
    handles = {name: replace(rule, plan=told) for name, rule in connector.handles.items()}
    return replace(connector, handles=handles)


@dataclass
class Sender:
    failure: Exception | None = None
    got: list[str] = field(default_factory=list)

    def page(self, kind: str, since: datetime | None, bookmark: str | None = None) -> Page:
        raise NotImplementedError

    def get(self, kind: str, thing: str, *, event: str | None = None) -> Read:  # noqa: ARG002 - the port's signature
        self.got.append(thing)
        if self.failure is not None:
            raise self.failure
        return Read(kind=kind, id=thing, body={"id": thing, "changed": AT.isoformat()}, read_at=AT)


def things(connector: Connector, sender: Sender, *bodies: Any) -> list[Thing]:
    page = Page(kind="booking", items=bodies, bookmark=None, read_at=AT)
    source = connector.source
    assert source is not None
    changes = source.kinds["booking"].changes
    assert changes is not None
    found, _ = items_of(connector, "booking", changes, page)
    return [thing_of(connection("bokning", connector), sender, item, page) for item in found]


def body(thing: str, **more: Any) -> dict[str, Any]:
    return {"id": thing, "changed": AT.isoformat(), **more}


def test_what_concerns_nobody_is_counted_apart() -> None:
    page = Page(kind="booking", items=[body("1"), body("2", draft=True)], bookmark=None, read_at=AT)
    found, nobody = items_of(BOKNING, "booking", CHANGES, page)
    assert ([item.thing for item in found], nobody) == (["1"], 1)


def test_a_thing_is_planned_from_the_list_as_of_when_it_changed() -> None:
    sender = Sender()
    (found,) = things(planning(BOKNING), sender, body("1"))
    assert found.planned is not None
    assert found.planned.plan[0].key == Key("account", "booking:1")
    assert (found.planned.time, found.planned.mend, list(found.read)) == (AT, "careful", [])
    assert sender.got == []


@pytest.mark.parametrize("whole", [True, False])
def test_what_its_plan_reads_is_in_the_list_or_asked_for(whole: bool) -> None:  # noqa: FBT001 - it is a parameter of the test
    sender = Sender()
    connector = planning(listing(replace(CHANGES, whole=whole), THIN))
    (found,) = things(connector, sender, body("1"))
    assert found.planned is not None
    assert sender.got == ([] if whole else ["1"])
    (read,) = found.read
    assert (read.called, read.read.body["id"]) == ("whole", "1")


def test_one_that_was_deleted_meanwhile_has_no_plan() -> None:
    connector = planning(listing(replace(CHANGES, whole=False), THIN))
    (found,) = things(connector, Sender(GoneAtSource("deleted")), body("1"))
    assert (found.planned, found.ending) == (None, "ignored")


def test_a_sender_that_has_enough_is_waited_for() -> None:
    connector = planning(listing(replace(CHANGES, whole=False), THIN))
    with pytest.raises(SourceThrottled):
        things(connector, Sender(SourceThrottled("enough", seconds=9)), body("1"))


def test_one_that_can_not_be_planned_stops_no_other() -> None:
    found = things(planning(BOKNING), Sender(), body("wrong"), {"id": "2"}, body("3"))
    assert [each.ending for each in found] == ["dead", "dead", None]
    (ignored,) = things(BOKNING, Sender(), body("1"))
    assert ignored.ending == "ignored"


def test_keys_are_seen_or_not() -> None:
    seen = Seen()
    for number in (3, 1, 2, 1):
        seen.add("order", f"order:{number}")
    assert ("order", "order:1") in seen
    assert ("order", "order:4") not in seen
    seen.add("order", "order:4")
    assert ("order", "order:4") in seen
    assert ("account", "order:4") not in seen


def test_a_key_belongs_to_the_kind_whose_keys_look_so() -> None:
    shapes = Shapes()
    shapes.learn("booking", "17", Key("account", "booking:17"))
    shapes.learn("booking", "17", Key("account", "company:5599990017"))
    shapes.learn("booking", "17", Key("contact", "guest:18"))
    assert shapes.of(Linked("account", "booking:4711", 1)) == ("booking", "4711")
    for other in ("booking:", "booking:1:row", "company:5599990001", "visit:4711"):
        assert shapes.of(Linked("account", other, 1)) is None
    assert shapes.of(Linked("order", "booking:4711", 1)) is None

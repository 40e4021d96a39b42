"""Mailchimp's members: one person stays one, and who has left stays out, whatever comes in whichever order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from schemas import mailchimp
from tests.fakes import Lane, World
from tests.fakes.senders import OWNER
from worker.connectors.mailchimp import connector
from worker.connectors.mailchimp.events import subject
from worker.connectors.mailchimp.merges import groups
from worker.connectors.mailchimp.settings import Settings
from worker.connectors.mailchimp.source import found
from worker.plan import Ignored, Plan
from worker.sdk.connector import Event, Incoming
from worker.sdk.request import Request

OLD, NEW = "åsa@öberg.se", "åsa.öberg@åkeri.se"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIST = "a6b5da1054"
MOVED = {"list_id": LIST, "new_id": "2", "new_email": NEW, "old_email": OLD}


def member(address: str, **more: Any) -> dict[str, Any]:
    return {"id": address, "list_id": LIST, "email": address, "merges": {"FNAME": "Åsa", "LNAME": "Öberg"}, **more}


def plan(type_: str, minute: int, data: dict[str, Any], *, listed: bool = False, **settings: Any) -> Plan:
    told = {"type": type_, "data": data, "listed": listed}
    event = Event(
        id=f"{type_}:{minute}",
        type=type_,
        subject=subject(Incoming(Request("POST", "", (), b""), told)) or "",
        time=NOON + timedelta(minutes=minute),
        payload=mailchimp.Told().load(told),
        connection="brev",
    )
    mapped = connector.handles[type_].plan(event, Settings(owner=OWNER, **settings))
    assert not isinstance(mapped, Ignored)
    return mapped


def deliver(world: World, plans: Sequence[tuple[int, Plan]], *, together: bool) -> None:
    events = [world.event(*each, minute=minute, connection="brev") for minute, each in plans]
    for some in [events] if together else [[event] for event in events]:
        world.deliver(Lane("brev", "medlem", list(some)))
        world.clock.advance(60)


def people(world: World) -> list[dict[str, Any]]:
    return list(world.upsales.live("contact").values())


TOLD = (
    (1, plan("subscribe", 1, member(OLD))),
    (2, plan("upemail", 2, MOVED)),
    (3, plan("profile", 3, member(NEW))),
)


@pytest.mark.parametrize("order", ["123", "213", "231", "321"])
def test_who_has_a_new_address_is_no_second_person(order: str) -> None:
    world = World()
    deliver(world, [TOLD[int(number) - 1] for number in order], together=False)
    assert [each["email"] for each in people(world)] == [NEW]


@pytest.mark.parametrize("order", ["132", "312"])
def test_who_was_told_by_both_addresses_before_is_found_as_a_duplicate_by_people(order: str) -> None:
    """Upsales's API can't merge; its own search for duplicates shows contacts of one address."""
    world = World()
    deliver(world, [TOLD[int(number) - 1] for number in order], together=False)
    assert [each["email"] for each in people(world)] == [NEW, NEW]


def test_what_waits_together_makes_one_person() -> None:
    world = World()
    deliver(world, TOLD, together=True)
    assert [(each["email"], each["firstName"]) for each in people(world)] == [(NEW, "Åsa")]


def test_who_is_in_upsales_by_the_old_address_keeps_contact_and_company() -> None:
    world = World()
    company = world.upsales.made("account", name="Öbergs")
    contact = world.upsales.made("contact", email=OLD, client={"id": company}, firstName="Åsa")
    world.clock.advance(60)
    deliver(world, TOLD[1:], together=False)
    assert [(each["id"], each["email"], each["client"]["id"]) for each in people(world)] == [(contact, NEW, company)]
    assert len(world.upsales.live("account")) == 1


LEFT = (4, plan("unsubscribe", 4, member(OLD, action="unsub", reason="manual")))
AGAIN = (5, plan("subscribe", 5, member(OLD)))


@pytest.mark.parametrize(
    "order", list(permutations((TOLD[0], LEFT, AGAIN))), ids=lambda order: "".join(str(n) for n, _ in order)
)
def test_who_left_stays_out_in_whatever_order_it_comes(order: tuple[tuple[int, Plan], ...]) -> None:
    """An opt-out that comes first is kept until the person is there: it is delivered once more then."""
    world = World()
    deliver(world, [*order, LEFT] if order[0] == LEFT else order, together=False)
    (person,) = people(world)
    assert person["unsubscribed"]
    assert len(world.upsales.of("UNSUB")) == 1


def test_who_was_opted_in_by_a_person_is_not_opted_out_by_the_list() -> None:
    world = World()
    deliver(world, [TOLD[0], LEFT], together=False)
    (person,) = people(world)
    world.upsales.edited("contact", person["id"], unsubscribed=None)
    deliver(world, [(9, plan("unsubscribe", 9, member(OLD), listed=True))], together=False)
    assert people(world)[0]["unsubscribed"] is None


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ("Kurser, Mässor", ["Kurser", "Mässor"]),
        ("Tak\\, golv, Trappor", ["Tak, golv", "Trappor"]),
        ("", []),
        (" , ,", []),
    ],
)
def test_names_of_groups_may_hold_commas(told: str, names: list[str]) -> None:
    assert groups(told) == names


@pytest.mark.parametrize("status", ["pending", "transactional", "archived", "", None])
def test_who_asked_for_nothing_is_no_event(status: str | None) -> None:
    assert found({"id": "1", "status": status}) is None


def test_a_list_that_is_none_brings_nothing() -> None:
    some: tuple[Any, ...] = (None, [], "x", {})
    assert [found(each) for each in some] == [None] * 4


def test_a_member_of_the_list_is_told_as_a_webhook_would() -> None:
    told = found(
        {
            "id": "md5",
            "unique_email_id": "8a25ff1d98",
            "list_id": LIST,
            "email_address": OLD,
            "status": "unsubscribed",
            "unsubscribe_reason": "N/A",
            "merge_fields": {"FNAME": "Åsa"},
            "last_changed": "2026-11-23T09:15:00+00:00",
        }
    )
    assert told is not None
    assert told.type == "unsubscribe"
    loaded = mailchimp.Told().load(told.payload)
    assert (loaded["listed"], loaded["data"]["email"], loaded["data"]["merges"]) == (True, OLD, {"FNAME": "Åsa"})

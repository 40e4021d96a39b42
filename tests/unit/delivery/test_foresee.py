"""A dry run says exactly what a backfill would make, and makes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes import World
from tests.fakes.crm import FakeCrm
from tests.fakes.shop import ADOPTION, ORDER, READ_AT, ListReader, connector, order, shop, sold
from worker.delivery.backfill.foresee import Foreseen, Foresight
from worker.delivery.backfill.items import Item, Lister
from worker.delivery.listed import Shown
from worker.plan import Plan
from worker.sdk.connector import Event
from worker.sdk.mapping import field as at
from worker.sdk.route import plan_event
from worker.sdk.source import Get
from worker.settings import Upsales, Window
from worker.sync.context import Access
from worker.sync.imagined import ImaginedCrm, ImaginedLedger


class Stage:
    """What is there, and a foresight of what would become of things."""

    def __init__(self) -> None:
        self.world = World(marked=())
        self.world.adoption = ADOPTION
        self.brought: set[str] = set()
        self.shop = shop(adoption=ADOPTION)

    def foresee(self, *things: Any) -> Foreseen:
        crm = ImaginedCrm(FakeCrm(self.world.upsales, "butik"))
        ledger = ImaginedLedger(self.world.store.claim("butik", "torrkörning"))

        def opened(crm: ImaginedCrm, ledger: ImaginedLedger) -> Access:
            return Access(crm, ledger, self.world.timing, adoption=self.world.adoption)

        def known(told: Sequence[Shown]) -> Sequence[bool]:
            return [each.subject in self.brought for each in told]

        before = self.world.snapshot()
        found = Foresight(self.shop, crm, ledger, known, opened).of(ListReader(things), ["order"], None)
        assert self.world.snapshot() == before
        return found

    def bring_in(self, *things: Any) -> None:
        """As deliveries do, each in a lane of its own."""
        for thing in things:
            self.world.now(*planned(thing), subject=f"order:{thing['id']}")

    def company(self, number: str = "5599990001") -> int:
        made = self.world.upsales.made("account", name="Åkeri", orgNo=number)
        self.world.clock.advance(10)
        return made

    def order(self, company: int, number: int, **told: Any) -> int:
        row = {"product": {"id": 501}, "quantity": 1, "price": 100}
        data = {"description": f"Bod #{number}", "stage": {"id": 3}, "notes": "", "orderRow": [row], **told}
        made = self.world.upsales.made("order", client={"id": company}, **data)
        self.world.clock.advance(10)
        return made

    def numbers(self) -> dict[str, int]:
        return {resource: len(self.world.upsales.live(resource)) for resource in ("account", "order")}


def planned(thing: Any) -> Plan:
    item = Lister(connector, "order", READ_AT).item(thing)
    assert isinstance(item, Item)
    plan = plan_event(connector, None, item.event(connector, "butik", {}))
    assert isinstance(plan, tuple)
    return plan


def sold_as_read(event: Event, settings: Any) -> Plan:
    """As of a sender whose webhooks tell an id, and nothing else."""
    return sold(replace(event, payload=event.read["order"]), settings)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_two_orders_of_one_new_company_are_one_company(stage: Stage) -> None:
    found = stage.foresee(order(1), order(2), order(3, "5599990002"))
    assert (found.made, found.adopted) == ({"account": 2, "order": 3}, {})
    assert (found.total, found.events, found.writes) == (3, 3, 5)


def test_what_is_there_is_adopted_and_what_agrees_costs_no_write(stage: Stage) -> None:
    stage.order(stage.company(), 1)
    found = stage.foresee(order(1), order(2))
    assert (found.made, found.adopted, found.writes) == ({"order": 1}, {"account": 1, "order": 1}, 1)


def test_what_is_linked_is_left_alone_or_changed(stage: Stage) -> None:
    stage.bring_in(order(1), order(2))
    found = stage.foresee(order(1, minute=5), order(2, minute=5, notes="Portkod 7"))
    assert (found.made, found.adopted) == ({}, {})
    assert (found.changed, found.left) == ({"order": 1}, {"account": 1, "order": 1})


def test_what_an_event_brought_and_what_concerns_nobody_is_left_out(stage: Stage) -> None:
    stage.brought = {"order:1"}
    found = stage.foresee(order(1), order(2, draft=True), {"org_no": "5599990001"}, order(4))
    assert (found.known, found.nobody, found.events) == (1, 1, 1)
    assert found.faulty == ["it tells no subject of order.updated"]


def test_what_a_person_has_to_decide_is_told(stage: Stage) -> None:
    company = stage.company()
    stage.order(company, 1)
    stage.order(company, 1)
    found = stage.foresee(order(1), order(2))
    assert len(found.review) == 1
    assert "match order 'order:1'" in found.review[0]
    assert found.made == {"order": 1}


def test_what_can_not_be_mapped_is_told(stage: Stage) -> None:
    broken = {name: value for name, value in order(1).items() if name != "org_no"}
    found = stage.foresee(broken, order(2))
    assert len(found.dead) == 1
    assert found.made == {"account": 1, "order": 1}


THIN = replace(connector, handles={"order.updated": replace(ORDER, plan=sold_as_read, fetch=(Get("order", at("id")),))})


@pytest.mark.parametrize("whole", [True, False])
def test_what_a_mapping_reads_of_its_sender_is_read(stage: Stage, *, whole: bool) -> None:
    """A list may show it whole; else each thing is asked for."""
    source = THIN.source
    assert source
    kind = source.kinds["order"]
    assert kind.changes
    listed = replace(kind, changes=replace(kind.changes, whole=whole))
    stage.shop = replace(stage.shop, connector=replace(THIN, source=replace(source, kinds={"order": listed})))
    found = stage.foresee(order(1), order(2))
    assert (found.dead, found.made) == ([], {"account": 1, "order": 2})


def test_it_comes_to_what_was_foreseen(stage: Stage) -> None:
    stage.order(stage.company(), 3)
    things = [order(number, f"559999000{number % 4}", amount=100 * number) for number in range(1, 20)]
    before, found = stage.numbers(), stage.foresee(*things)
    stage.bring_in(*things)
    made = {name: stage.numbers()[name] - before[name] for name in before}
    assert made == found.made
    assert len(stage.world.upsales.writes) == found.writes


@pytest.mark.parametrize(("writes", "minutes"), [(0, 1), (90, 1), (99, 10), (300, 30)])
def test_the_budget_says_how_long_it_takes(writes: int, minutes: int) -> None:
    found = Foreseen(writes=writes, events=1)
    settings = Upsales(calls=(Window(10_000, 600),), writes=(Window(100, 600),))
    assert found.minutes(settings, a_minute=300) == minutes

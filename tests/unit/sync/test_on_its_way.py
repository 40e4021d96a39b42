"""An event waits while another one that waits would make what it needs, and says what it lacked where none would."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.fakes import Fault, Trouble, World
from worker.errors import Busy, OnItsWay, OutcomeUnknown, Rejected, Unlinked
from worker.plan import IfKnown, Key, Match, Product, Row, Upsert, Value

COMPANY = Key("account", "företag:1")
PERSON = Key("contact", "kund:Åsa")
ORDER = Key("order", "order:1")
NOTE = Key("activity", "återköp:1")
SCREW = Key("product", "skruv")


def company() -> Upsert:
    return Upsert(key=COMPANY, match=(Match("orgNo", "599999-0046"),), set={"name": "Åkeri & Söner"})


def order(**more: Value) -> Upsert:
    return Upsert(key=ORDER, set={"description": "Skruv", "client": COMPANY, **more})


def screw() -> Upsert:
    return Upsert(key=SCREW, match=(Match("articleNo", "S-1"),), set={"name": "Skruv", "articleNo": "S-1"})


def rows(article: str, fallback: str | None = None) -> tuple[Row, ...]:
    return (Row("1", Product(article, fallback), Decimal(1), Decimal(10)),)


def test_a_link_to_what_an_event_that_waits_makes_is_waited_for() -> None:
    world = World()
    maker = world.lane(company(), subject="företag")
    world.elsewhere = [maker]
    sale = world.lane(order())
    with pytest.raises(OnItsWay, match=r"account 'företag:1' is made by an event that waits"):
        world.attempt(sale)
    world.deliver(maker)
    world.deliver(sale)
    (made,) = world.upsales.live("order").values()
    assert made["client"]["id"] in world.upsales.live("account")


def test_a_link_to_what_nobody_makes_is_refused_and_names_it() -> None:
    world = World()
    with pytest.raises(Unlinked, match="not in Upsales") as refusal:
        world.attempt(world.lane(order()))
    assert refusal.value.key == COMPANY


def test_a_link_that_may_be_left_out_is_waited_for_as_well() -> None:
    world = World()
    maker = world.lane(company(), subject="företag")
    world.elsewhere = [maker]
    note = world.lane(Upsert(key=NOTE, set={"description": "Återköp", "client": IfKnown(COMPANY)}))
    with pytest.raises(OnItsWay):
        world.attempt(note)
    assert not world.upsales.live("activity")
    world.deliver(maker)
    world.deliver(note)
    (made,) = world.upsales.live("activity").values()
    assert made["client"]["id"] in world.upsales.live("account")


def test_a_link_that_is_left_out_is_named() -> None:
    world = World()
    result = world.now(Upsert(key=NOTE, set={"description": "Återköp", "client": IfKnown(COMPANY)}))
    assert result.left_out == {COMPANY}


def test_a_change_of_what_an_event_that_waits_makes_is_waited_for() -> None:
    world = World()
    maker = world.lane(company(), subject="företag")
    world.elsewhere = [maker]
    change = world.lane(Upsert(key=COMPANY, set={"phone": "0701234567"}, create=False), subject="ändring")
    with pytest.raises(OnItsWay):
        world.attempt(change)
    world.deliver(maker)
    world.deliver(change)
    (made,) = world.upsales.live("account").values()
    assert made["phone"] == "0701234567"


def test_a_change_of_what_nobody_makes_is_named() -> None:
    world = World()
    result = world.now(Upsert(key=ORDER, set={"probability": 0}, create=False))
    assert result.absent == {ORDER}
    assert not result.effective


def test_who_waits_keeps_nothing_else_of_its_lane_waiting() -> None:
    """Two lanes may each wait for what the other makes: neither stands still."""
    world = World()
    first = world.lane(order(), subject="ett")
    first.waiting.append(world.event(Upsert(key=PERSON, match=(Match("email", "åsa@öberg.se"),), set={"name": "Åsa"})))
    second = world.lane(company(), Upsert(key=NOTE, set={"contacts": (PERSON,)}), subject="två")
    world.elsewhere = [first, second]
    with pytest.raises(OnItsWay):
        world.attempt(first)
    assert len(world.upsales.live("contact")) == 1
    world.attempt(second)
    world.deliver(first)
    assert len(world.upsales.live("order")) == 1


def test_what_depends_on_who_waits_waits_too() -> None:
    world = World()
    maker = world.lane(company(), subject="företag")
    world.elsewhere = [maker]
    lane = world.lane(order(), Upsert(key=NOTE, set={"description": "Å", "opportunity": IfKnown(ORDER)}))
    with pytest.raises(OnItsWay):
        world.attempt(lane)
    assert not world.upsales.live("activity")


def test_a_product_of_ours_is_known_before_search_shows_it() -> None:
    world = World()
    world.now(company())
    world.now(screw(), subject="skruv")
    (number,) = world.upsales.live("product")
    world.now(order(orderRow=rows("S-1", fallback="A-1")), subject="order")
    (made,) = world.upsales.live("order").values()
    assert [row["product"]["id"] for row in made["orderRow"]] == [number]


def test_a_product_that_an_event_that_waits_makes_is_waited_for() -> None:
    world = World()
    world.now(company())
    maker = world.lane(screw(), subject="skruv")
    world.elsewhere = [maker]
    sale = world.lane(order(orderRow=rows("S-1", fallback="A-1")), subject="order")
    with pytest.raises(OnItsWay, match="product 'S-1'"):
        world.attempt(sale)
    world.deliver(maker)
    world.deliver(sale)
    (made,) = world.upsales.live("order").values()
    assert [row["product"]["id"] for row in made["orderRow"]] == list(world.upsales.live("product"))


def test_a_product_whose_create_got_no_answer_is_waited_for_and_no_fallback_stands_in() -> None:
    world = World()
    world.now(company())
    world.upsales.faults.append(Fault(Trouble.DROPPED))
    maker = world.lane(screw(), subject="skruv")
    with pytest.raises(OutcomeUnknown):
        world.attempt(maker)
    world.clock.advance(20)
    sale = world.lane(order(orderRow=rows("S-1", fallback="A-1")), subject="order")
    with pytest.raises(Busy, match="product 'S-1' is being made") as busy:
        world.attempt(sale)
    assert 20 <= busy.value.seconds <= 30
    world.deliver(maker)
    assert world.deliver(sale).substituted == set()


def test_a_fallback_that_stands_in_is_told() -> None:
    world = World()
    world.now(company())
    result = world.now(order(orderRow=rows("S-9", fallback="A-1")), subject="order")
    assert result.substituted == {Product("S-9", "A-1")}


def test_neither_product_nor_fallback_is_one_clear_line() -> None:
    world = World()
    world.now(company())
    with pytest.raises(Rejected, match=r"article number 'S-9', nor the fallback 'S-8'"):
        world.attempt(world.lane(order(orderRow=rows("S-9", fallback="S-8")), subject="order"))


def test_a_row_without_an_article_number_is_of_the_fallback() -> None:
    world = World()
    world.now(company())
    row = Row("1", Product(None, "A-1"), Decimal(1), Decimal(10))
    world.now(order(orderRow=(row,)), subject="order")
    (made,) = world.upsales.live("order").values()
    assert [row["product"]["id"] for row in made["orderRow"]] == [501]


def test_a_row_without_an_article_number_is_of_the_product_of_its_name() -> None:
    world = World()
    world.now(company())
    named = [Product(None, "A-1", "Kätting"), Product(None, "A-1", "Ankare"), Product("Å-2", "A-1", "Kätting")]
    sold = tuple(Row(str(n), product, Decimal(1), Decimal(10)) for n, product in enumerate(named))
    result = world.now(order(orderRow=sold), subject="order")
    (made,) = world.upsales.live("order").values()
    assert [row["product"]["id"] for row in made["orderRow"]] == [503, 501, 502]
    assert result.substituted == {Product(None, "A-1", "Ankare")}

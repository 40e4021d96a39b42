"""An order that another integration made is found by the number that it wrote into it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes import World
from worker.errors import NeedsReview
from worker.plan import Key, Match, Placed, Product, Row, Standing, Upsert, stands_in
from worker.sync.adoption import Adoption

BUYER = Key("account", "K-1")
ORDER = Key("order", "order:4711")
IN_DESCRIPTION = Adoption("description", "#{number}")
ROW = {"product": {"id": 501}, "quantity": 2, "price": 100}


@pytest.fixture
def world() -> World:
    made = World()
    made.adoption = IN_DESCRIPTION
    return made


def buyer(world: World) -> int:
    return world.upsales.made("account", name="Åkeri Öberg AB", orgNo="5599990001")


def order(number: str = "1002", *, key: Key = ORDER, quantity: int = 2, stage: int = 3) -> tuple[Upsert, Upsert]:
    row = Row("rad 1", Product("A-1"), Decimal(quantity), Decimal(100))
    return (
        Upsert(key=BUYER, match=(Match("orgNo", "559999-0001"),), on_create={"name": "Åkeri Öberg AB"}),
        Upsert(
            key=key,
            number=number,
            set={"probability": stage, "orderRow": (row,)},
            on_create={"description": f"Shopify #{number}"},
            placed={"client": (Placed(BUYER, Standing.TOLD),)},
        ),
    )


def made(world: World, company: int, **told: Any) -> int:
    data: Mapping[str, Any] = {"description": "Order #1002 från butiken", "probability": 3, "orderRow": [ROW], **told}
    number = world.upsales.made("order", client={"id": company}, **data)
    world.clock.advance(10)
    return number


def orders(world: World) -> Mapping[int, Any]:
    return world.upsales.live("order")


def test_it_is_adopted_and_what_agrees_costs_no_call(world: World) -> None:
    there = made(world, buyer(world))

    world.now(*order())

    assert list(orders(world)) == [there]
    assert not [write for write in world.upsales.writes if write.resource == "order"]


def test_rows_that_differ_are_written_once_and_not_added(world: World) -> None:
    there = made(world, buyer(world))

    world.now(*order(quantity=3))
    world.now(*order(quantity=3))

    (row,) = orders(world)[there]["orderRow"]
    assert (row["quantity"], row["price"]) == (3, 100)
    assert len([write for write in world.upsales.writes if write.resource == "order"]) == 1


def test_one_row_that_stands_for_the_same_sum_is_left_as_it_is(world: World) -> None:
    there = made(world, buyer(world), orderRow=[{"product": {"id": 502}, "quantity": 1, "price": 200}])

    world.now(*order())

    (row,) = orders(world)[there]["orderRow"]
    assert (row["product"]["id"], row["price"]) == (502, 200)


def test_a_row_that_a_person_added_stays(world: World) -> None:
    more = {"product": {"id": 502}, "quantity": 1, "price": 50}
    there = made(world, buyer(world), orderRow=[ROW, more])

    world.now(*order())

    assert [row["price"] for row in orders(world)[there]["orderRow"]] == [100, 50]


@pytest.mark.parametrize(
    "described", ["Order #10020", "Order #1002-B", "Order A#1002", "Order 1002", "&#1002;"], ids=str
)
def test_another_number_is_another_order(world: World, described: str) -> None:
    made(world, buyer(world), description=described)

    world.now(*order())

    assert len(orders(world)) == 2


def test_an_order_of_another_company_is_another_order(world: World) -> None:
    buyer(world)
    made(world, world.upsales.made("account", name="Norrskog AB"))

    world.now(*order())

    assert len(orders(world)) == 2


def test_several_wait_for_a_person(world: World) -> None:
    company = buyer(world)
    both = (made(world, company), made(world, company, description="Shopify #1002"))

    with pytest.raises(NeedsReview) as review:
        world.now(*order())

    assert review.value.candidates == both


@pytest.mark.parametrize("connection", ["butik", "kassa"])
def test_an_order_that_is_linked_already_is_never_adopted(world: World, connection: str) -> None:
    made(world, buyer(world))
    world.now(*order(), connection=connection)

    world.now(*order(key=Key("order", "order:4712")))

    assert len(orders(world)) == 2


def test_without_the_setting_nobody_looks(world: World) -> None:
    world.adoption = None
    made(world, buyer(world))

    world.now(*order())

    assert len(orders(world)) == 2


def test_a_custom_field_holds_the_number_alone(world: World) -> None:
    world.adoption = Adoption("custom.NOTE", "{number}")
    there = made(world, buyer(world), description="", custom=[{"fieldId": 12, "value": "1002"}])
    world.now(*order())
    assert list(orders(world)) == [there]

    world.now(*order("10020", key=Key("order", "order:4712")))
    assert len(orders(world)) == 2


@pytest.mark.parametrize("text", ["Shopify #1002", "<p>#1002</p>", "(#1002)", "#1002.", "order #1002, betald", "#1002"])
def test_a_number_stands_in_a_text_as_a_word(text: str) -> None:
    assert stands_in(Match("notes", "#1002", within=True), text)

"""Our order rows stay ours, whatever Upsales makes of their amounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fakes import Fault, Trouble, World
from worker.errors import OutcomeUnknown
from worker.plan import Key, Product, Row, Upsert

ORDER = Key("order", "1")
AMOUNTS = ("price", "listPrice", "quantity")
FORMS: dict[str, Callable[[Any], Any]] = {
    "as sent": lambda amount: amount,
    "rounded": lambda amount: round(float(amount), 2),
    "whole": lambda amount: round(float(amount)),
    "cut": int,
    "text": lambda amount: f"{float(amount):.2f}",
    "nothing": lambda _: 0,
    "absent": lambda _: None,
    "doubled": lambda amount: amount * 2,
}


def order(*rows: tuple[str, str, str, str]) -> Upsert:
    """Rows by key, article, quantity and price."""
    wanted = tuple(
        Row(key, Product(article), Decimal(quantity), Decimal(price)) for key, article, quantity, price in rows
    )
    return Upsert(key=ORDER, set={"description": "Ö", "orderRow": wanted})


def present(world: World) -> Sequence[dict[str, Any]]:
    (made,) = world.upsales.live("order").values()
    found: Sequence[dict[str, Any]] = made["orderRow"]
    return found


def test_a_row_whose_price_is_rounded_is_updated_and_not_added_again() -> None:
    world = World()
    world.upsales.forms["price"] = FORMS["rounded"]
    for quantity in "1234":
        world.now(order(("rad-1", "A-1", quantity, "33.333")))
    assert [(row["quantity"], row["price"]) for row in present(world)] == [(4, 33.33)]


amounts = st.decimals(min_value=Decimal("0.001"), max_value=1000, places=3).map(str)
rows = st.lists(
    st.tuples(st.sampled_from(["rad-1", "rad-2", "rad-å"]), st.sampled_from(["A-1", "Å-2"]), amounts, amounts),
    max_size=4,
)


@example(
    forms={"price": "nothing"},
    versions=[[("rad-1", "A-1", "1", "5"), ("rad-2", "A-1", "1", "7")], [("rad-2", "A-1", "1", "8")]],
    theirs=1,
)
@given(
    forms=st.dictionaries(st.sampled_from(AMOUNTS), st.sampled_from(sorted(FORMS))),
    versions=st.lists(rows, min_size=1, max_size=4),
    theirs=st.integers(0, 2),
)
def test_however_often_an_order_is_updated_it_has_the_rows_of_its_newest_version_and_those_of_others(
    forms: dict[str, str], versions: list[list[tuple[str, str, str, str]]], theirs: int
) -> None:
    world = World()
    world.now(order())
    (order_id,) = world.upsales.live("order")
    added = [{"product": {"id": 501}, "quantity": 1, "price": 5} for _ in range(theirs)]
    world.upsales.edited("order", order_id, orderRow=added)
    foreign = [row["id"] for row in present(world)]
    world.upsales.forms.update({name: FORMS[form] for name, form in forms.items()})
    for version in versions:
        world.now(order(*version))
        found = [row for row in present(world) if row["id"] not in foreign]
        assert len(present(world)) == len(found) + theirs
        assert sorted(row["product"]["id"] for row in found) == sorted(
            {"A-1": 501, "Å-2": 502}[each[1]] for each in version
        )


@pytest.mark.parametrize("form", ["as sent", "rounded", "whole", "cut", "text"])
@pytest.mark.parametrize("fault", [Trouble.UNANSWERED, Trouble.DROPPED])
@pytest.mark.parametrize("made", [False, True])
def test_a_row_whose_amounts_are_rounded_is_known_again_after_a_lost_answer(
    form: str, fault: Trouble, *, made: bool
) -> None:
    world = World()
    world.upsales.forms |= dict.fromkeys(AMOUNTS, FORMS[form])
    if made:
        world.now(order(("rad-1", "A-1", "1.5", "33.333")))
    world.upsales.faults.append(Fault(fault))
    lane = world.lane(order(("rad-1", "A-1", "1.5", "33.333"), ("rad-2", "A-1", "2.25", "9.995")))
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    world.deliver(lane)
    world.now(order(("rad-1", "A-1", "1.5", "33.333"), ("rad-2", "A-1", "2.25", "10.005")))
    world.settle()
    assert len(present(world)) == 2


def test_a_late_row_that_looks_like_the_newest_is_not_written_again() -> None:
    world = World()
    world.upsales.forms["price"] = FORMS["rounded"]
    world.now(order(("rad-1", "A-1", "1", "5")))
    world.upsales.faults.append(Fault(Trouble.DROPPED))
    lane = world.lane(order(("rad-1", "A-1", "1", "33.333")))
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    lane.waiting.append(world.event(order(("rad-1", "A-1", "1", "33.334"))))
    world.deliver(lane)
    writes = len(world.upsales.writes)
    world.settle()
    assert len(world.upsales.writes) == writes


def test_rows_of_a_create_that_ended_without_its_event_are_known() -> None:
    world = World()
    world.upsales.forms["price"] = FORMS["doubled"]
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    lane = world.lane(order(("rad-1", "A-1", "1", "5")))
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    world.end(lane, "dead")
    world.settle()
    world.now(order(("rad-1", "A-1", "2", "5")))
    assert [row["quantity"] for row in present(world)] == [2]

"""What counts as right in the demo's story, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from worker.cli.local.demo_comparison import briefly, compared, problem
from worker.cli.local.sandbox_control import Holding

ORDERS = {f"Shopify #{number}": 1 for number in (2001, 2002, 2003, 2004)}
RIGHT = Holding(("Vik Kajak AB",), ("nora@vikkajak.example",), 1, ORDERS, frozenset({"Shopify #2001"}))
NOTHING = Holding((), (), 0, {}, frozenset())


def judged(**values: Any) -> str | None:
    holding = replace(RIGHT, **values)
    return problem(holding, compared(holding, NOTHING))


def test_one_of_each_is_right_whatever_the_script_made() -> None:
    assert judged() is None
    assert [(row.relay, row.script) for row in compared(RIGHT, NOTHING)] == [(1, 0)] * 6


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"companies": ("Vik Kajak AB", "VIK KAJAK AB")}, "companies: 2"),
        ({"people": ()}, "people: 0"),
        ({"meetings": 2}, "meetings: 2"),
        ({"orders": ORDERS | {"Shopify #2003": 2}}, "orders: an answer was cut: 2"),
        ({"orders": ORDERS | {"Shopify #7": 1}}, "orders that nobody told of: Shopify #7"),
        ({"orders": {name: 1 for name in ORDERS if "2004" not in name}}, "orders: kill -9 in the middle: 0"),
        ({"paid": frozenset()}, "paid orders: none"),
        ({"paid": frozenset(ORDERS)}, "paid orders: Shopify #2001, Shopify #2002, Shopify #2003, Shopify #2004"),
    ],
)
def test_anything_else_is_named(values: Mapping[str, Any], said: str) -> None:
    assert judged(**values) == f"the story should end with one of each; {said}"


def test_what_is_there_is_told_briefly() -> None:
    assert briefly(RIGHT) == "1 company, 1 person, 1 meeting, 4 orders, paid"
    assert briefly(replace(NOTHING, companies=tuple("0123456789"))) == "10 companies"

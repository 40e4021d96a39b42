"""Goods for which the fallback product stands in are named in the order's notes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.fakes import FakeCrm, World
from worker.plan import Key, Product, Row, Upsert
from worker.sync.goods import naming_goods

ORDER = Key("order", "order:1")


@pytest.fixture
def crm() -> FakeCrm:
    return FakeCrm(World().upsales, "butik")


def order(*products: Product, notes: str = "") -> Upsert:
    rows = tuple(Row(str(n), each, Decimal(2), Decimal(10)) for n, each in enumerate(products))
    return Upsert(key=ORDER, set={"orderRow": rows}, if_empty={"notes": notes} if notes else {})


@pytest.mark.parametrize(
    "product",
    [Product("A-1", "A-1", "Kran"), Product(None, "A-1", "Kätting"), Product(None, "A-1"), Product("S-9", "A-1")],
    ids=str,
)
def test_what_is_found_or_has_no_name_is_not_named(crm: FakeCrm, product: Product) -> None:
    assert naming_goods(crm, (order(product),)) == (order(product),)


@pytest.mark.parametrize("product", [Product(None, "A-1", "Ankare"), Product("S-9", "A-1", "Ankare")], ids=str)
def test_what_is_not_found_is_named_after_what_was_written(crm: FakeCrm, product: Product) -> None:
    (named,) = naming_goods(crm, (order(product),))
    assert named.if_empty == {"notes": "2 x Ankare"}
    (named,) = naming_goods(crm, (order(product, notes="Ring först"),))
    assert named.if_empty == {"notes": "Ring först\n\n2 x Ankare"}

"""A row comes to what was paid for its line, to the cent."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from worker.sdk.mapping import rounded
from worker.sdk.mapping.rows import line_row, product, sum_of

SHELF = product("HY-1", "ÖVRIGT")
AMOUNTS = st.decimals(-(10**7), 10**7, places=2)


def test_line_that_divides_keeps_its_quantity() -> None:
    row = line_row("1", SHELF, quantity=Decimal(4), paid=Decimal("100.00"), listed=Decimal("120.00"))
    assert (row.quantity, row.price, row.list_price) == (Decimal(4), Decimal("25.00"), Decimal("30.00"))


def test_line_that_does_not_divide_is_one_piece() -> None:
    row = line_row("1", SHELF, quantity=Decimal(3), paid=Decimal("100.00"), listed=Decimal("110.00"))
    assert (row.quantity, row.price, row.list_price) == (Decimal(1), Decimal("100.00"), Decimal("110.00"))


@given(st.integers(1, 10_000), AMOUNTS, st.integers(0, 6))
def test_any_line_comes_to_what_was_paid(quantity: int, paid: Decimal, decimals: int) -> None:
    row = line_row("1", SHELF, quantity=Decimal(quantity), paid=paid, decimals=decimals)
    assert sum_of([row]) == rounded(paid, decimals)

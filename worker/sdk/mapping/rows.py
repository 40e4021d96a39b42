"""Makes order rows that come to a sender's sums, to the cent."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from worker.plan import Product, Row
from worker.sdk.mapping.text import ARTICLE_NO, clip
from worker.sdk.mapping.values import rounded

ONE = Decimal(1)


def product(article: str | None, fallback: str) -> Product:
    return Product(clip(article, ARTICLE_NO) if article else None, fallback=fallback)


def line_row(
    key: str, sold: Product, *, quantity: Decimal, paid: Decimal, listed: Decimal | None = None, decimals: int = 2
) -> Row:
    """A row that comes to what was `paid` for all pieces. One that does not divide by its quantity is one piece."""
    paid = rounded(paid, decimals)
    piece = rounded(paid / quantity, decimals)
    if piece * quantity != paid:
        quantity, piece = ONE, paid
    full = piece if listed is None else rounded(listed / quantity, decimals)
    return Row(key=key, product=sold, quantity=quantity, price=piece, list_price=full)


def sum_of(rows: Iterable[Row]) -> Decimal:
    return sum((row.quantity * row.price for row in rows), Decimal())

"""Makes rows of an offer, an order or an invoice, which come to its total, to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from worker.connectors.fortnox.settings import Settings
from worker.plan import Row
from worker.sdk.mapping import rounded
from worker.sdk.mapping.rows import line_row, product, sum_of

QUANTITIES = {"Offer": "Quantity", "Order": "OrderedQuantity", "Invoice": "DeliveredQuantity"}
FEES = ("Freight", "AdministrationFee")
ONE, HUNDRED = Decimal(1), Decimal(100)


def rows(kind: str, document: Mapping[str, Any], settings: Settings) -> tuple[Row, ...]:
    """The last row is the rest of the total: what Fortnox rounds, and what no row tells. Empty: there is nothing to sell."""
    lines = [_row(row, kind, number, document, settings) for number, row in enumerate(_sold(kind, document), 1)]
    lines += _fees(document, settings)
    left = worth(document, lines, settings) - sum_of(lines)
    if left:
        lines.append(single("rest", left, settings))
    return tuple(lines)


def worth(document: Mapping[str, Any], lines: list[Row], settings: Settings) -> Decimal:
    """With VAT or without. Where no total is told, the rows are all there is."""
    total = document["Total"]
    if total is None or document["TotalVAT"] is None:
        return sum_of(lines)
    if not settings.include_tax:
        total -= document["TotalVAT"] + (document["RoundOff"] or 0)
    return rounded(total, settings.price_decimals)


def single(key: str, price: Decimal, settings: Settings) -> Row:
    return line_row(
        key,
        product(None, settings.fallback_product),
        quantity=ONE,
        paid=price,
        decimals=settings.price_decimals,
    )


def told(kind: str, document: Mapping[str, Any]) -> Iterator[str]:
    """Rows of text, and rows without an article: a row in Upsales has the product's name and no other."""
    for row in document[f"{kind}Rows"] or ():
        if row["Description"] and not row["ArticleNumber"]:
            yield row["Description"]


def _sold(kind: str, document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Without rows that are text alone."""
    for row in document[f"{kind}Rows"] or ():
        if row["Total"] or row["TotalExcludingVAT"] or (row["ArticleNumber"] and row[QUANTITIES[kind]]):
            yield row


def _row(row: Mapping[str, Any], kind: str, number: int, document: Mapping[str, Any], settings: Settings) -> Row:
    """`Total` is that of all pieces, after the discount."""
    quantity = row[QUANTITIES[kind]] or ONE
    price = row["Price"]
    return line_row(
        row["RowId"] or str(number),
        product(row["ArticleNumber"], settings.fallback_product),
        quantity=quantity,
        paid=_paid(row, document, settings),
        listed=None if price is None else _taxed(price * quantity, row, document, settings),
        decimals=settings.price_decimals,
    )


def _paid(row: Mapping[str, Any], document: Mapping[str, Any], settings: Settings) -> Decimal:
    if row["TotalExcludingVAT"] is not None and not settings.include_tax:
        return Decimal(row["TotalExcludingVAT"])
    return _taxed(row["Total"] or Decimal(), row, document, settings)


def _taxed(amount: Decimal, row: Mapping[str, Any], document: Mapping[str, Any], settings: Settings) -> Decimal:
    """`VATIncluded` says whether a document's own amounts are with VAT."""
    rate = ONE + (row["VAT"] or Decimal()) / HUNDRED
    if bool(document["VATIncluded"]) == settings.include_tax:
        return amount
    return amount * rate if settings.include_tax else amount / rate


def _fees(document: Mapping[str, Any], settings: Settings) -> Iterator[Row]:
    for name in FEES:
        fee, tax = document[name], document[f"{name}VAT"] or Decimal()
        if fee:
            within = bool(document["VATIncluded"])
            amount = fee + (tax if settings.include_tax and not within else 0)
            amount -= tax if within and not settings.include_tax else 0
            yield single(name, amount, settings)

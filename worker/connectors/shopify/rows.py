"""Makes order rows that come to what the buyer pays, with or without tax."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from worker.connectors.shopify.amounts import (
    ONE,
    ZERO,
    as_set,
    discount,
    list_price,
    of_set,
    shipping,
    shipping_left,
    still_to_pay,
    tax,
    tax_left,
    unspread_discount,
)
from worker.connectors.shopify.settings import Settings
from worker.plan import Row
from worker.sdk.mapping import money, rounded
from worker.sdk.mapping.rows import line_row, product, sum_of


@dataclass(frozen=True, slots=True)
class Piece:
    """A line, and how many pieces of it count."""

    line: Mapping[str, Any]
    quantity: int

    @property
    def share(self) -> Decimal:
        return Decimal(self.quantity) / (self.line["quantity"] or 1)

    @property
    def title(self) -> str | None:
        found: str | None = self.line["name"] or self.line["title"]
        return found


@dataclass(frozen=True, slots=True)
class Sale:
    """What an order comes to. `rest`: the title of the row with key `rest`, which holds what no line says."""

    rows: tuple[Row, ...]
    pieces: tuple[Piece, ...]
    extras: tuple[str, ...]


def left(order: Mapping[str, Any]) -> tuple[Piece, ...]:
    """What is left after edits and refunds."""
    found = ((line, line["current_quantity"]) for line in order["line_items"])
    pieces = (Piece(line, line["quantity"] if now is None else now) for line, now in found)
    return tuple(each for each in pieces if each.quantity)


def lost(order: Mapping[str, Any]) -> tuple[Piece, ...]:
    """What an order was about when it was lost: what is left, else what was given back, else all that was ordered."""
    back: dict[str, int] = {}
    for item in (item for refund in order["refunds"] or () for item in refund["refund_line_items"] or ()):
        back[item["line_item_id"]] = back.get(item["line_item_id"], 0) + (item["quantity"] or 0)
    returned = (Piece(line, min(back.get(line["id"], 0), line["quantity"])) for line in order["line_items"])
    ordered = tuple(Piece(line, line["quantity"]) for line in order["line_items"])
    return left(order) or tuple(each for each in returned if each.quantity) or ordered


def sale(order: Mapping[str, Any], settings: Settings) -> Sale:
    """An order that stands: its rows come to what is left to pay, without the shipping that is left out."""
    pieces = left(order)
    share = shipping_left(order)
    rows = [*_lines(order, pieces, settings), *_shipped(order, share, settings)]
    extras = list(_extras(order, settings))
    rows += [row for _, row in extras]
    wanted = _wanted(order, pieces, settings)
    rest = -unspread_discount(order) if wanted is None else wanted - sum_of(rows)
    return _completed(order, rows, pieces, extras, rest, settings)


def lost_sale(order: Mapping[str, Any], settings: Settings) -> Sale:
    """An order that is lost shows what was lost."""
    pieces = lost(order)
    rows = [*_lines(order, pieces, settings), *_shipped(order, ONE, settings)]
    return _completed(order, rows, pieces, [], -unspread_discount(order), settings)


def _completed(
    order: Mapping[str, Any],
    rows: list[Row],
    pieces: tuple[Piece, ...],
    extras: list[tuple[str, Row]],
    rest: Decimal,
    settings: Settings,
) -> Sale:
    rest = rounded(rest, settings.price_decimals)
    if rest:
        extras.append((_rest_title(order, rest), _single("rest", rest, settings)))
        rows.append(extras[-1][1])
    return Sale(tuple(rows), pieces, tuple(title for title, _ in extras))


def _lines(order: Mapping[str, Any], pieces: tuple[Piece, ...], settings: Settings) -> Iterator[Row]:
    """Discounts and tax are told for all pieces that were ordered, so those that are left have their share."""
    for piece in pieces:
        line = piece.line
        paid = line["price"] * line["quantity"] - discount(line)
        yield line_row(
            line["id"],
            product(line["sku"], settings.fallback_product),
            quantity=Decimal(piece.quantity),
            paid=as_set(paid, tax(line), order, include_tax=settings.include_tax) * piece.share,
            listed=list_price(line, order, include_tax=settings.include_tax) * piece.quantity,
            decimals=settings.price_decimals,
        )


def _shipped(order: Mapping[str, Any], share: Decimal, settings: Settings) -> Iterator[Row]:
    if not settings.shipping_product or not share:
        return
    for line in shipping(order):
        yield line_row(
            f"shipping:{line['id']}",
            product(settings.shipping_product, settings.fallback_product),
            quantity=ONE,
            paid=as_set(line["price"] - discount(line), tax(line), order, include_tax=settings.include_tax) * share,
            listed=list_price(line, order, include_tax=settings.include_tax),
            decimals=settings.price_decimals,
        )


def _extras(order: Mapping[str, Any], settings: Settings) -> Iterator[tuple[str, Row]]:
    """What a buyer pays beside the lines. A tip is a line as well in newer versions."""
    tips = sum((line["price"] * line["quantity"] for line in order["line_items"] if line["tip"]), ZERO)
    told = {
        "Tip": money(order["total_tip_received"]) - tips,
        "Duties": of_set(order["current_total_duties_set"] or order["original_total_duties_set"]),
        "Fees": of_set(order["current_total_additional_fees_set"] or order["original_total_additional_fees_set"]),
    }
    for title, amount in told.items():
        price = rounded(amount, settings.price_decimals)
        if price > 0:
            yield title, _single(title.lower(), price, settings)


def _single(key: str, price: Decimal, settings: Settings) -> Row:
    bare = product(None, settings.fallback_product)
    return line_row(key, bare, quantity=ONE, paid=price, decimals=settings.price_decimals)


def _wanted(order: Mapping[str, Any], pieces: tuple[Piece, ...], settings: Settings) -> Decimal | None:
    """What the rows are to come to. None where Shopify tells no total."""
    whole = still_to_pay(order)
    if whole is None:
        return None
    if not settings.include_tax:
        whole -= tax_left(order, ((each.line, each.share) for each in pieces))
    if not settings.shipping_product:
        whole -= shipping_left(order) * sum(
            (
                as_set(line["price"] - discount(line), tax(line), order, include_tax=settings.include_tax)
                for line in shipping(order)
            ),
            ZERO,
        )
    return rounded(whole, settings.price_decimals)


def _rest_title(order: Mapping[str, Any], rest: Decimal) -> str:
    codes = ", ".join(each["code"] for each in order["discount_codes"] or () if each["code"])
    if rest < 0 and unspread_discount(order):
        return f"Discount {codes}".strip()
    if rest < 0 and order["refunds"]:
        return "Refund"
    return "Rounding" if abs(rest) < ONE else "Adjustment"

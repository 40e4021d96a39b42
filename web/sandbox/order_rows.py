"""Works out what is stored of an order row that was sent, and what the rows add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from web.sandbox.answers import Json, Record, invalid
from web.sandbox.coercion import identifier, number, objects, reference
from web.sandbox.customs import merged

if TYPE_CHECKING:
    from web.sandbox.customer import Customer


def priced(sent: Record, held: Mapping[int, Record], customer: Customer, *, keep_customs: bool) -> Record:
    """One row as stored. A row sent with an id this order has keeps what it does not mention."""
    row_id = identifier(sent)
    old = held.get(row_id, {}) if row_id is not None else {}
    product = reference("products", sent.get("product", sent.get("productId", old.get("product"))), customer)
    if product is None:
        raise invalid("Missing required parameter: orderRow.product.id")
    list_price = _amount("listPrice", sent, old, (customer.find("products", product) or {}).get("listPrice"))
    price = _amount("price", sent, old, list_price)
    customs = merged(old.get("custom", ()) if keep_customs else (), objects(sent.get("custom")), customer, "orderrow")
    return {
        "id": old["id"] if old else customer.new_id("orderrow"),
        "product": product,
        "quantity": _amount("quantity", sent, old, 1),
        "price": price,
        "listPrice": list_price,
        "discount": float(exact(list_price) - exact(price)),
        "purchaseCost": _amount("purchaseCost", sent, old, 0),
        "sortId": _amount("sortId", sent, old, 0),
        "bundleRows": sent.get("bundleRows", old.get("bundleRows", [])),
        "custom": customs if "custom" in sent else old.get("custom", []),
    }


def row_sum(rows: Sequence[Record]) -> Decimal:
    return sum((exact(row["quantity"]) * exact(row["price"]) for row in rows), Decimal(0))


def exact(amount: Json) -> Decimal:
    return Decimal(str(amount or 0))


def _amount(name: str, sent: Record, old: Record, otherwise: Json) -> Json:
    if sent.get(name) is not None:
        return number(sent[name])
    return old.get(name, number(otherwise or 0))

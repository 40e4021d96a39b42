"""Tells a web shop's customers and orders as Shopify does: all of one second, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.chaos.own import MENTIONED, OwnTold, Said, at_company
from tests.chaos.proofs import shopify_signed
from tests.chaos.scaled import STORE
from tests.chaos.story import JSON, Sent, written
from tests.chaos.things import Thing

RANKS = {"customers/create": 0, "customers/update": 1, "orders/create": 0, "orders/paid": 2}
"""What comes later in the life of a thing that was made and changed in one second."""
PAID, OPEN = "Order", "Muntligt ja"


@dataclass(frozen=True, slots=True)
class StoreTold(OwnTold):
    """Its type is the topic, its data the body."""

    @property
    def id(self) -> str:
        return f"{self.type}:{self.data['id']}:{self.number}"

    @property
    def order(self) -> tuple[int, ...]:
        return (self.number if self.second is None else self.second, RANKS[self.type], self.number)

    def sent(self, secret: str) -> Sent:
        body = written({**self.data, "updated_at": self.time})
        told = {"X-Shopify-Topic": self.type, "X-Shopify-Event-Id": str(self.number)}
        return Sent({**told, **shopify_signed(body, secret), **JSON}, body)

    def says(self, account: int) -> Iterator[Said]:
        data = self.data
        buyer = data.get("customer", data)
        home = (data.get("billing_address") or data["default_address"])["company"]
        placed = self.type.startswith("orders/")
        firm, (thing, person, _) = at_company(
            account, buyer["email"], home, firstName=buyer["first_name"], lastName=buyer["last_name"]
        )
        yield firm
        yield thing, person, MENTIONED if placed else self.order
        if placed:
            rows = [(row["sku"], float(row["current_quantity"]), float(row["price"])) for row in data["line_items"]]
            stage = PAID if data["financial_status"] == "paid" else OPEN
            fields = {"client": home, "contact": buyer["email"], "stage": stage, "rows": rows}
            yield Thing(account, "orders", f"Shopify {data['name']}"), fields, self.order


def customer(topic: str, number: int, key: int, last_name: str, second: int) -> StoreTold:
    data = {**person(key, last_name), "default_address": {"company": company(key), "country_code": "SE"}}
    return StoreTold(STORE, number, topic, data, second)


def order(topic: str, number: int, key: int, last_name: str, second: int) -> StoreTold:
    paid = topic == "orders/paid"
    data: dict[str, Any] = {
        "id": 5_000_000 + key,
        "name": f"#{key}",
        "currency": "SEK",
        "financial_status": "paid" if paid else "pending",
        "order_number": key,
        "customer": person(key, last_name),
        "billing_address": {"company": company(key), "country_code": "SE"},
        "line_items": [
            {
                "id": 14_000 + key,
                "sku": "KONSULT-1",
                "quantity": 3,
                "current_quantity": 2 if paid else 3,
                "price": f"{100 + key}.00",
            }
        ],
    }
    return StoreTold(STORE, number, topic, data, second)


def person(key: int, last_name: str) -> dict[str, Any]:
    return {
        "id": 7_000_000 + key,
        "email": f"kund{key}@mekaniska{key}.example",
        "first_name": "Åsa",
        "last_name": last_name,
    }


def company(key: int) -> str:
    return f"Mekaniska {key} AB"

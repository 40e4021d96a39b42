"""Fills a fresh account: people, stages, types, currencies, products, custom fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from web.sandbox.answers import Record
from web.sandbox.entities import ENTITIES
from web.sandbox.writes import Write, create

if TYPE_CHECKING:
    from web.sandbox.customer import Customer

EXTERNAL_ID = {"name": "External id", "datatype": "String", "alias": "EXTERNAL_ID", "editable": 0}

FURNITURE: Mapping[str, Sequence[Record]] = {
    "users": (
        {"name": "Sales", "email": "sales@example.com", "administrator": 1},
        {"name": "Åsa Öberg", "email": "asa.oberg@example.com"},
        {"name": "Left Long Ago", "email": "left@example.com", "active": 0},
    ),
    "currencies": (
        {"iso": "SEK", "rate": 1, "masterCurrency": True},
        {"iso": "EUR", "rate": 0.09},
        {"iso": "USD", "rate": 0.1},
        {"iso": "NOK", "rate": 1.03},
    ),
    "orderstages": (
        {"name": "Prospekt", "probability": 10},
        {"name": "Behovsanalys", "probability": 25},
        {"name": "Offert", "probability": 50},
        {"name": "Muntligt ja", "probability": 90},
        {"name": "Order", "probability": 100},
        {"name": "Förlorad", "probability": 0},
    ),
    "activitytypes/activity": (
        {"name": "Att göra", "kind": "TODO"},
        {"name": "Telefonsamtal", "kind": "PHONE_CALL"},
    ),
    "activitytypes/appointment": ({"name": "Möte"}, {"name": "Webbmöte"}),
    "productcategories": ({"name": "Tjänster"},),
    "products": (
        {"name": "Övrigt", "articleNo": "ÖVRIGT", "listPrice": 0},
        {"name": "Konsulttimme", "articleNo": "KONSULT-1", "listPrice": 1250},
        {"name": "Årslicens", "articleNo": "LIC-ÅR", "listPrice": 9900},
        {"name": "Frakt", "articleNo": "FRAKT", "listPrice": 0},
    ),
    "ticketstatus": ({"name": "Ny"}, {"name": "Pågår"}, {"name": "Löst", "closed": 1}),
    **{
        f"customfields/{entity}": (EXTERNAL_ID,)
        for entity in ("account", "contact", "order", "activity", "appointment", "product", "agreement")
    },
}


def furnish(customer: Customer, now: float) -> None:
    for resource, rows in FURNITURE.items():
        for row in rows:
            made = create(Write(customer, ENTITIES[resource], row, 0, now, person=True))
            customer.put(resource, made, now, at_once=True)

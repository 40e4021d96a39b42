"""Describes orders, subscriptions and what they are made of."""

from __future__ import annotations

from web.sandbox import rules
from web.sandbox.entities.entity import Entity
from web.sandbox.fields import (
    CUSTOM,
    ROWS,
    Field,
    Kind,
    boolean,
    date,
    flag,
    free,
    integer,
    number,
    ref,
    refs,
    text,
)

_ORDER = {
    "description": text(default="<<No description>>"),
    "client": ref("accounts", required=True),
    "user": ref("users", required=True),
    "stage": ref("orderstages", required=True),
    "date": date(Kind.DAY, required=True),
    "orderRow": ROWS,
    "contact": ref("contacts"),
    "project": ref("projects"),
    "clientConnection": ref("accounts"),
    "notes": text(),
    "probability": integer(),
    "closeDate": date(Kind.CLOSING),
    "currency": text(3),
    "currencyRate": number(1),
    "competitorId": integer(),
    "lostReason": integer(),
    "custom": CUSTOM,
    "notify": Field(kind=Kind.BOOLEAN, write_only=True),
    "agreement": ref("agreements", ours=True),
    "value": number(ours=True),
    "orderValue": Field(kind=Kind.NUMBER, read_only=True, write_only=True),
    "weightedValue": number(ours=True),
    "valueInMasterCurrency": number(ours=True),
    "weightedValueInMasterCurrency": number(ours=True),
}

ORDER_RULES: tuple[rules.Rule, ...] = (rules.probability, rules.order_rows, rules.totals, rules.closed)

SALES: tuple[Entity, ...] = (
    Entity(
        "orders",
        _ORDER,
        nested=("id", "description"),
        custom="order",
        rules=ORDER_RULES,
        needs_active_client=True,
    ),
    # The same records under a second name, known from Upsales's own client only.
    Entity(
        "opportunities",
        _ORDER,
        nested=("id", "description"),
        custom="order",
        rules=(*ORDER_RULES, rules.still_open),
        needs_active_client=True,
        table_of="orders",
        open_only=True,
    ),
    Entity(
        "agreements",
        {
            **{name: field for name, field in _ORDER.items() if name != "date"},
            "description": text(required=True),
            "date": date(Kind.DAY),
            "metadata": free(),
        },
        nested=("id", "description"),
        custom="agreement",
        rules=(rules.agreement_terms, *ORDER_RULES),
        wrapped_in="agreement",
        needs_active_client=True,
        item_metadata=True,
    ),
    Entity(
        "orderstages",
        {
            "name": text(required=True),
            "probability": integer(required=True),
            "exclude": flag(0),
            "roles": refs(None),
            "active": flag(1),
        },
        nested=("id", "name", "probability"),
        needed_on_update=("probability",),
        indexed=False,
        calls=1500,
    ),
    Entity(
        "products",
        {
            "name": text(required=True),
            "articleNo": text(100),
            "description": text(),
            "listPrice": number(0),
            "purchaseCost": number(0),
            "active": flag(1),
            "category": ref("productcategories"),
            "currencies": free(()),
            "tiers": free(()),
            "roles": refs(None),
            "custom": CUSTOM,
        },
        nested=("id", "name", "articleNo", "listPrice"),
        custom="product",
        unique=("articleNo",),
    ),
    Entity(
        "productcategories",
        {"name": text(128, required=True), "parentId": integer(0)},
        indexed=False,
        item_metadata=True,
    ),
    Entity(
        "currencies",
        {"iso": text(), "rate": number(1), "masterCurrency": boolean(), "active": boolean(default=True)},
        nested=("iso",),
        methods=frozenset({"list"}),
        indexed=False,
        listed="bare",
    ),
)

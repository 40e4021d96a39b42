"""Maps a subscription to an agreement: what is subscribed to, its price and interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from worker.connectors.stripe.amounts import amount
from worker.connectors.stripe.parties import place_of
from worker.connectors.stripe.reading import names
from worker.connectors.stripe.rows import called, product
from worker.connectors.stripe.settings import Settings
from worker.plan import Key, Row, Stage, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import clip, day, filled, rounded

MONTHS = {"month": 1, "year": 12}
AGREEMENT_DESCRIPTION = 130


def agreement(event: Event, sold: Sequence[Mapping[str, Any]], period: int, settings: Settings) -> Upsert:
    """Upsales takes its interval and start only once (https://api.upsales.com, Subscriptions): another interval is another agreement."""
    said, products = event.payload["data"]["object"], names(event)
    currency = said["currency"] or next(filter(None, map(priced_in, sold)), "")
    name = (
        said["description"]
        or ", ".join(filter(None, (title(item) or called(item, products) for item in sold)))
        or said["id"]
    )
    described = clip(f"Stripe: {name}", AGREEMENT_DESCRIPTION)
    metadata: dict[str, Value] = {
        "agreementDescription": described,
        "agreementStartdate": day(begins(said, sold, event), settings.time_zone),
        "agreementIntervalType": 1,
        "agreementIntervalPeriod": period,
        "agreementOrderCreationTime": 0,
        "periodLength": 0,
    }
    return Upsert(
        key=Key("agreement", f"subscription:{said['id']}:{period}"),
        set={"orderRow": tuple(row(item, currency, products, settings) for item in sold)},
        on_create=filled(
            {
                "description": described,
                "user": User(settings.owner),
                "stage": Stage(probability=100),
                "currency": currency,
                "metadata": metadata,
            }
        ),
        placed={"client": place_of(said["customer"], needed=True)},
    )


def begins(said: Mapping[str, Any], sold: Sequence[Mapping[str, Any]], event: Event) -> datetime:
    """The running period, not the first one: Upsales makes an order for each period from here on."""
    starts = said["trial_end"] if said["status"] == "trialing" else said["current_period_start"]
    starts = starts or next((item["current_period_start"] for item in sold if item.get("current_period_start")), None)
    return datetime.fromtimestamp(starts, UTC) if starts else event.time


def row(item: Mapping[str, Any], currency: str, products: Mapping[str, str], settings: Settings) -> Row:
    """Prices by usage or in tiers have no amount of their own: zero."""
    price, plan = item["price"] or {}, item["plan"] or {}
    minor = next((each for each in (price.get("unit_amount_decimal"), price.get("unit_amount")) if each), None)
    return Row(
        key=item["id"] or price.get("id") or "item",
        product=product(item, products, settings),
        quantity=Decimal(1 if item["quantity"] is None else item["quantity"]),
        price=rounded(amount(minor or plan.get("amount"), currency), settings.price_decimals),
    )


def items(said: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """What is subscribed to; until 2017 that was the subscription's own plan."""
    listed: Sequence[Mapping[str, Any]] = (said["items_"] or {}).get("data") or ()
    alone = {"id": "plan", "price": None, "plan": said["plan"], "quantity": said.get("quantity")}
    return listed or ((alone,) if said["plan"] else ())


def months(sold: Sequence[Mapping[str, Any]]) -> int | None:
    """The interval that all of it has; None when Upsales has no such interval."""
    said = [(item["price"] or {}).get("recurring") or item["plan"] or {} for item in sold]
    found = {MONTHS.get(each.get("interval") or "", 0) * (each.get("interval_count") or 1) for each in said}
    return found.pop() or None if len(found) == 1 else None


def priced_in(item: Mapping[str, Any]) -> str | None:
    found: str | None = (item["price"] or {}).get("currency") or (item["plan"] or {}).get("currency")
    return found


def title(item: Mapping[str, Any]) -> str | None:
    found: str | None = (item["price"] or {}).get("nickname") or (item["plan"] or {}).get("nickname")
    return found or (item["plan"] or {}).get("name")

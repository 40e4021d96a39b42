"""Maps subscriptions to agreements if set so; their end is a to-do either way."""

from __future__ import annotations

from worker.connectors.stripe.agreements import agreement, items, months, title
from worker.connectors.stripe.parties import place_of
from worker.connectors.stripe.settings import Settings
from worker.plan import ActivityType, Ignored, Key, Plan, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import block, day

RUNNING = frozenset({"trialing", "active", "past_due"})


def subscription(event: Event, settings: Settings) -> Plan | Ignored:
    said = event.payload["data"]["object"]
    if settings.subscriptions == "orders":
        return Ignored("subscriptions are told by their invoices")
    if said["status"] not in RUNNING:
        return Ignored("subscription that is not running")
    sold = items(said)
    period = months(sold)
    if not period:
        return Ignored("subscription that is not billed by month or year")
    before = event.payload["data"]["previous_attributes"]
    was = months(items(before)) if before else None
    agreed = agreement(event, sold, period, settings)
    if was in (None, period):
        return (agreed,)
    return (
        agreed,
        todo(event, settings, f"interval:{was}", "Stripe subscription has a new interval: end its old agreement"),
    )


def ended(event: Event, settings: Settings) -> Plan:
    return (todo(event, settings, "ended", "Stripe subscription ended"),)


def todo(event: Event, settings: Settings, key: str, what: str) -> Upsert:
    """A to-do for a person. The relay can't end an agreement: it would have to repeat what Upsales takes only once."""
    said = event.payload["data"]["object"]
    why = said["cancellation_details"] or {}
    notes = [said["description"], *map(title, items(said)), why.get("reason"), why.get("feedback"), why.get("comment")]
    return Upsert(
        key=Key("activity", f"subscription:{said['id']}:{key}"),
        on_create={
            "description": what,
            "notes": block("\n".join(filter(None, [*notes, said["id"]]))),
            "users": (User(settings.owner),),
            "activityType": ActivityType("activity"),
            "date": day(event.time, settings.time_zone),
        },
        placed={"client": place_of(said["customer"])},
    )

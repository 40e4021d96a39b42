"""What happened, as an activity for the owner to follow up."""

from __future__ import annotations

from decimal import Decimal

from worker.devkit.scaffold.template.settings import Settings
from worker.plan import ActivityType, Key, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, clip, filled, summary
from worker.sdk.read import bounded


def activity(
    event: Event,
    title: str,
    home: Key,
    people: tuple[Upsert, ...],
    settings: Settings,
    *,
    about: str | None = None,
    amount: Decimal | None = None,
    currency: str | None = None,
) -> Upsert:
    """Made once for each thing and type of event. Its notes hold all that the sender said."""
    price = f"{amount.normalize():f} {currency or ''}".strip() if amount else None
    return Upsert(
        key=Key("activity", bounded(f"{event.type}:{event.subject}")),
        on_create=filled(
            {
                "description": clip(": ".join(filter(None, (title, about, price))), DESCRIPTION),
                "notes": summary(event.payload),
                "users": (User(settings.owner),),
                "activityType": ActivityType("activity", settings.activity_type),
                "client": home,
                "contacts": tuple(each.key for each in people),
                "date": event.time.date(),
            }
        ),
    )

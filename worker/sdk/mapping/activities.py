"""Makes an activity to follow up of what happened at a sender."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from worker.plan import ActivityType, Key, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping.companies import Home
from worker.sdk.mapping.days import HOME_ZONE, day
from worker.sdk.mapping.text import DESCRIPTION, clip
from worker.sdk.mapping.values import filled, summary


def follow_up(
    event: Event,
    title: str,
    home: Home,
    contacts: Sequence[Upsert] = (),
    *,
    owner: str,
    activity_type: str | None = None,
    about: str | None = None,
    amount: Decimal | None = None,
    currency: str | None = None,
    time_zone: str = HOME_ZONE,
) -> Upsert:
    """Made once for each thing and type of event. Its notes hold all that the sender said. `time_zone`: where its day is."""
    price = f"{amount.normalize():f} {currency or ''}".strip() if amount else None
    return Upsert(
        key=Key("activity", f"{event.type}:{event.subject}"),
        on_create=filled(
            {
                "description": clip(": ".join(filter(None, (title, about, price))), DESCRIPTION),
                "notes": summary(event.payload),
                "users": (User(owner),),
                "activityType": ActivityType("activity", activity_type),
                "contacts": tuple(each.key for each in contacts),
                "date": day(event.time, time_zone),
            }
        ),
        placed={"client": home.place},
    )

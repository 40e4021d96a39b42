"""Makes activities: what happened to an invoice, and what somebody has to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from worker.connectors.fortnox.parties import owner
from worker.connectors.fortnox.reading import place
from worker.connectors.fortnox.settings import Settings
from worker.plan import ActivityType, IfKnown, Key, Upsert, User
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, block, clip, day, filled


def noted(
    event: Event,
    said: Mapping[str, Any],
    settings: Settings,
    title: str,
    *,
    key: str,
    order: Key | None,
    lines: Iterable[str | None] = (),
    open_: bool = False,
) -> Upsert:
    """On the customer's company and on the order, as far as they are known. `open_`: a to-do for whoever `Our reference` names."""
    when = day(event.time, settings.time_zone)
    return Upsert(
        key=Key("activity", key),
        on_create=filled(
            {
                "description": clip(title, DESCRIPTION),
                "notes": block("\n".join(filter(None, lines))),
                "users": (User(owner(said["OurReference"], settings)),),
                "activityType": ActivityType("activity"),
                "date": when,
                "closeDate": None if open_ else when,
            }
        ),
        if_empty={"opportunity": IfKnown(order)} if order else {},
        placed={"client": place(said)} if said["CustomerNumber"] else {},
    )

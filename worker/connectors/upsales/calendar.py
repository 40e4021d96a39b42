"""Maps activities and appointments that changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.connectors.upsales.companies import named_company
from worker.connectors.upsales.contacts import named_contact
from worker.connectors.upsales.settings import Settings
from worker.connectors.upsales.values import custom, link, users
from worker.plan import ActivityType, Key, Plan, Upsert, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, block, clip, filled

OUTCOMES = frozenset({"planned", "completed", "notCompleted"})
LOCATION = 2048


def changed_activity(event: Event, settings: Settings) -> Plan:
    said = event.payload["data"]["object"]
    always: dict[str, Value] = {
        "date": said["date"],
        "closeDate": said["closeDate"],
        **custom("activity", said, settings),
    }
    made: dict[str, Value] = {"activityType": ActivityType("activity", settings.activity_type)}
    return _plan(Key("activity", event.subject), said, settings, always, made)


def changed_appointment(event: Event, settings: Settings) -> Plan:
    said = event.payload["data"]["object"]
    always: dict[str, Value] = {
        "date": said["date"],
        "endDate": said["endDate"],
        "location": clip(said["location"] or "", LOCATION),
        "agenda": block(said["agenda"] or ""),
        "outcome": said["outcome"] if said["outcome"] in OUTCOMES else None,
        **custom("appointment", said, settings),
    }
    made: dict[str, Value] = {
        "activityType": ActivityType("appointment", settings.appointment_type),
        "isAppointment": 1,
    }
    return _plan(Key("appointment", event.subject), said, settings, always, made)


def _plan(
    key: Key, said: Mapping[str, Any], settings: Settings, always: Mapping[str, Value], made: Mapping[str, Value]
) -> Plan:
    """What both have in common. An activity has one contact at most."""
    home = named_company(said["client"], settings) if said["client"] else None
    people = [named_contact(each, home) for each in said["contacts"] or ()] if home else []
    found = tuple({each.key: each for each in people if each}.values())[: 1 if key.resource == "activity" else None]
    links: dict[str, Value] = {"contacts": tuple(map(link, found))}
    record = Upsert(
        key=key,
        set=filled(
            {"description": clip(said["description"], DESCRIPTION), "users": users(said["users"], settings), **always}
        ),
        on_create=filled({**made, **links}),
        if_empty=filled({"notes": block(said["notes"] or "")}),
        placed={"client": home.place if home.made else home.optional()} if home else {},
    )
    return (*(home.upserts if home else ()), *found, record)

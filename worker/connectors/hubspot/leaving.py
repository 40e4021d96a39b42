"""Maps records that are deleted, merged into others, brought back, or to be erased."""

from __future__ import annotations

from worker.connectors.hubspot.records import key
from worker.connectors.hubspot.settings import Settings
from worker.plan import ActivityType, ClientOf, IfKnown, Ignored, Key, Plan, Upsert, User
from worker.sdk.connector import Event, MapEvent
from worker.sdk.mapping import day, stage

KEPT = Ignored("gone records are kept")


def gone(kind: str) -> MapEvent:
    def plan(event: Event, settings: Settings) -> Plan | Ignored:
        own = key(kind, event.payload["portalId"], event.payload["objectId"])
        return KEPT if settings.gone_records == "keep" else (leaving(own, settings),)

    return plan


def restored(kind: str) -> MapEvent:
    def plan(event: Event, settings: Settings) -> Plan | Ignored:
        own = key(kind, event.payload["portalId"], event.payload["objectId"])
        return KEPT if settings.gone_records == "keep" else (Upsert(key=own, set={"active": 1}, create=False),)

    return plan


def merged(kind: str) -> MapEvent:
    """Upsales's API can't merge: those that went into another record leave, as if they were deleted."""

    def plan(event: Event, settings: Settings) -> Plan | Ignored:
        said = event.payload
        survivor = said["newObjectId"] or said["primaryObjectId"]
        left = dict.fromkeys(number for number in said["mergedObjectIds"] if number and number != survivor)
        if settings.gone_records == "keep":
            return KEPT
        if not left:
            return Ignored("merge that leaves nobody out")
        return tuple(leaving(key(kind, said["portalId"], number), settings) for number in left)

    return plan


def leaving(own: Key, settings: Settings) -> Upsert:
    if own.resource == "order":
        return Upsert(key=own, set={"stage": stage(settings.stage_lost)}, create=False)
    return Upsert(key=own, set={"active": 0}, create=False)


def erased(event: Event, settings: Settings) -> Plan:
    """A to-do for the owner: what the law asks for takes a person."""
    said = event.payload
    person = key("contact", said["portalId"], said["objectId"])
    return (
        Upsert(
            key=Key("activity", f"erase:{said['portalId']}:{said['objectId']}"),
            on_create={
                "description": "HubSpot: erase a contact's personal data",
                "notes": f"HubSpot contact {said['objectId']}",
                "client": ClientOf(person),
                "contacts": (IfKnown(person),),
                "users": (User(settings.owner),),
                "activityType": ActivityType("activity"),
                "date": day(event.time, settings.time_zone),
            },
        ),
    )

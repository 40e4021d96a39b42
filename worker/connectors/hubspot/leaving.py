"""Maps records that are deleted, merged into others, brought back, or to be erased."""

from __future__ import annotations

from dataclasses import replace

from worker.connectors.hubspot.records import key
from worker.connectors.hubspot.settings import Settings
from worker.plan import ActivityType, ClientOf, IfKnown, Ignored, Key, Plan, Upsert, User, Value
from worker.sdk.connector import Event, MapEvent
from worker.sdk.mapping import day, stage

KEPT = Ignored("gone records are kept")


def gone(kind: str) -> MapEvent:
    def plan(event: Event, settings: Settings) -> Plan | Ignored:
        own = key(kind, event.payload["portalId"], event.payload["objectId"])
        return KEPT if settings.gone_records == "keep" else (leaving(own, settings),)

    return plan


def restored(kind: str) -> MapEvent:
    """A deal is open again until its stage is told."""

    def plan(event: Event, settings: Settings) -> Plan | Ignored:
        own = key(kind, event.payload["portalId"], event.payload["objectId"])
        back: dict[str, Value] = {"stage": stage(settings.stage_open)} if kind == "deal" else {"active": 1}
        return KEPT if settings.gone_records == "keep" else (Upsert(key=own, set=back, create=False),)

    return plan


def merged(kind: str) -> MapEvent:
    """Upsales's API can't merge: one goes on, by the new id if there is one, and the others leave as if they were deleted.

    The stage of a deal that goes on is told by its other events.
    """

    def plan(event: Event, settings: Settings) -> Plan | Ignored:
        said = event.payload
        survivor = said["newObjectId"] or said["primaryObjectId"]
        numbers = dict.fromkeys(filter(None, (said["primaryObjectId"], *said["mergedObjectIds"])))
        left = [key(kind, said["portalId"], number) for number in numbers if number != survivor]
        if not left:
            return Ignored("merge that leaves nobody out")
        own = key(kind, said["portalId"], survivor)
        going = tuple(replace(leaving(each, settings), merged_into=own) for each in left)
        if settings.gone_records == "keep":
            return tuple(replace(each, set={}) for each in going)
        return going if kind == "deal" else (*going, Upsert(key=own, set={"active": 1}, create=False))

    return plan


def leaving(own: Key, settings: Settings) -> Upsert:
    away: dict[str, Value] = {"stage": stage(settings.stage_lost)} if own.resource == "order" else {"active": 0}
    return Upsert(key=own, set=away, create=False, gone=True)


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

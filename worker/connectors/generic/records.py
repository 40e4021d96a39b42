"""Maps an event to its record, after the company and the contact that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.generic import KINDS, POLICIES
from worker.connectors.generic.companions import companions, links, others, place
from worker.connectors.generic.settings import Settings
from worker.connectors.generic.values import emptied, values
from worker.plan import ActivityType, Key, Match, Placed, Plan, Resource, Stage, Upsert, User, Value
from worker.sdk.connector import Event, MapEvent
from worker.sdk.mapping import block, clip, day
from worker.sdk.mapping.days import where_told

OWNED: Mapping[Resource, str] = {
    "account": "users",
    "activity": "users",
    "appointment": "users",
    "order": "user",
    "agreement": "user",
    "phoneCall": "user",
    "ticket": "user",
    "comment": "user",
}
"""Where the owner of a setting goes when the event names nobody."""


def record(resource: Resource, *, once: bool = False) -> MapEvent:
    """The mapping of a resource. `once`: a record that is made and never changed."""

    def plan(event: Event, settings: Settings) -> Plan:
        data = event.payload["data"]
        said: dict[str, dict[str, Value]] = {group: {} for group in POLICIES}
        before: list[Upsert] = []
        places: tuple[Placed, ...] = ()
        told = (data, *(data[group] for group in POLICIES if data.get(group)))
        for group, fields in (("set", data), *((group, data.get(group)) for group in POLICIES)):
            if fields:
                before += companions(fields, settings)
                places = places or place(fields, settings)
                said[group] |= values(resource, fields, settings) | links(resource, fields, settings)
                said["set"] |= emptied(fields) if group == "set" and not once else {}
        if more := next(filter(None, map(others, told)), None):
            said = with_more_people(said, more)
        said["on_create"] = defaults(resource, event, settings) | said["on_create"]
        if once:
            said = {"set": {}, "on_create": said["if_empty"] | said["on_create"] | said["set"], "if_empty": {}}
        if resource == "agreement":
            said = with_period(said)
        return (*before, upsert(Key(resource, data["id"]), said, places))

    return plan


def upsert(key: Key, said: Mapping[str, Mapping[str, Value]], places: tuple[Placed, ...]) -> Upsert:
    """A field that is always set needs no other policy."""
    always = said["set"]
    rest = {group: {n: v for n, v in said[group].items() if n not in always} for group in ("on_create", "if_empty")}
    match = natural_key(key.resource, said)
    placed = {"client": places} if places else {}
    return Upsert(
        key=key, match=match, set=always, on_create=rest["on_create"], if_empty=rest["if_empty"], placed=placed
    )


def with_more_people(said: Mapping[str, Mapping[str, Value]], more: str) -> dict[str, dict[str, Value]]:
    """After the notes; where the event has none, only while nobody else has written any."""
    group = "set" if said["set"].get("notes") else "if_empty"
    text = "\n".join(str(part) for part in (said[group].get("notes"), more) if part)
    return {name: {**fields, **({"notes": block(text)} if name == group else {})} for name, fields in said.items()}


def with_period(said: Mapping[str, Mapping[str, Value]]) -> dict[str, dict[str, Value]]:
    """When a subscription runs can be said only once: https://api.upsales.com, Subscriptions."""
    period = next((said[group]["metadata"] for group in POLICIES if "metadata" in said[group]), None)
    rest = {group: {n: v for n, v in said[group].items() if n != "metadata"} for group in POLICIES}
    if isinstance(period, Mapping):
        title = next((said[group]["description"] for group in POLICIES if "description" in said[group]), None)
        described = {"agreementDescription": clip(title, 130)} if isinstance(title, str) else {}
        fixed: dict[str, Value] = {"agreementIntervalType": 1, "agreementOrderCreationTime": 0}
        rest["on_create"]["metadata"] = {**described, **fixed, **period}
    return rest


def defaults(resource: Resource, event: Event, settings: Settings) -> dict[str, Value]:
    """What Upsales asks for when a record is made and an event need not say."""
    made: dict[str, Value] = {}
    if settings.owner and resource in OWNED:
        owner = User(settings.owner)
        made[OWNED[resource]] = (owner,) if OWNED[resource] == "users" else owner
    if resource == "order":
        made["date"] = day(where_told(event.time, event.payload["time"]), settings.time_zone)
    if resource == "agreement":
        made["stage"] = Stage(probability=100)
    if resource == "activity":
        made["activityType"] = ActivityType("activity")
    if resource == "appointment":
        made |= {"activityType": ActivityType("appointment"), "isAppointment": 1}
    if resource == "phoneCall":
        made["date"] = event.time.replace(microsecond=0)
    return made


def natural_key(resource: Resource, said: Mapping[str, Mapping[str, Value]]) -> tuple[Match, ...]:
    """By what an existing record is known. Shared: an event may have named the same record without its external id."""
    known = {name: value for group in reversed(POLICIES) for name, value in said[group].items()}
    fields = {"account": ("orgNo", "webpage", "name"), "contact": ("email",), "product": ("articleNo",)}.get(
        resource, ()
    )
    found = ((name, known[name]) for name in fields if known.get(name))
    return tuple(Match(name, str(value), shared=True) for name, value in found)


KEPT: Mapping[str, frozenset[str]] = {
    event_type: frozenset(kind().fields) - kind.can_be_emptied - {"custom"}
    for event_type, kind in KINDS.items()
    if event_type.endswith(".upsert")
}
"""What an update can't empty: Upsales can't be without it, or it says where the record belongs."""


def not_emptied(payload: Any) -> Iterator[str]:
    """The places where an update says null in vain."""
    kept, data = KEPT.get(payload["type"], frozenset()), payload.get("data")
    groups = (("/data", data), ("/data/set", data.get("set"))) if isinstance(data, Mapping) else ()
    for where, fields in groups:
        if isinstance(fields, Mapping):
            yield from (f"{where}/{name}" for name in fields if name in kept and fields[name] is None)

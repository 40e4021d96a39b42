"""From one event to its plan: the record it is about, after the company and the contact it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from worker.connector import Event, MapEvent
from worker.connectors.generic.settings import Settings
from worker.connectors.generic.values import values
from worker.mapping import company, email, filled, org_number, phone
from worker.plan import ActivityType, Key, Match, Plan, Resource, Stage, Upsert, User, Value

GROUPS = ("set", "on_create", "if_empty")

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
        groups = {"set": data, "on_create": data.get("on_create") or {}, "if_empty": data.get("if_empty") or {}}
        named = {name: fields for name, fields in groups.items() if fields}
        before = [upsert for fields in named.values() for upsert in companions(fields, settings)]
        said = {name: values(resource, fields, settings) | links(resource, fields) for name, fields in named.items()}
        said = {name: said.get(name, {}) for name in GROUPS}
        said["on_create"] = defaults(resource, event, settings) | said["on_create"]
        if once:
            said = {"set": {}, "on_create": said["on_create"] | said["set"], "if_empty": {}}
        return (*before, tidy(Upsert(key=Key(resource, data["id"]), match=natural_key(resource, said), **said)))

    return plan


def tidy(upsert: Upsert) -> Upsert:
    """A field that is always set needs no other policy; what a subscription's period is can be said only once."""
    always, created = dict(upsert.set), dict(upsert.on_create)
    if "metadata" in always:
        created["metadata"] = always.pop("metadata")
    if upsert.key.resource == "agreement" and isinstance(period := created.get("metadata"), Mapping):
        described = {"agreementDescription": always.get("description") or created.get("description")}
        created["metadata"] = (
            filled(described) | {"agreementIntervalType": 1, "agreementOrderCreationTime": 0} | dict(period)
        )
    gaps = {name: value for name, value in upsert.if_empty.items() if name not in always}
    return replace(upsert, set=always, on_create={n: v for n, v in created.items() if n not in always}, if_empty=gaps)


def defaults(resource: Resource, event: Event, settings: Settings) -> dict[str, Value]:
    """What Upsales asks for when a record is made and an event need not say."""
    made: dict[str, Value] = {}
    if settings.owner and resource in OWNED:
        owner = User(settings.owner)
        made[OWNED[resource]] = (owner,) if OWNED[resource] == "users" else owner
    if resource == "order":
        made["date"] = event.time.date()
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
    known = {name: value for group in reversed(GROUPS) for name, value in said[group].items()}
    fields = {"account": ("orgNo", "name"), "contact": ("email",), "product": ("articleNo",)}.get(resource, ())
    found = ((name, known[name]) for name in fields if name in known)
    return tuple(Match(name, str(value), shared=True) for name, value in found)[:1]


def links(resource: Resource, fields: Mapping[str, Any]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if client := fields.get("client"):
        found["client"] = company_key(client)
    if person := fields.get("contact"):
        key = person_key(person)
        found |= {"contacts": (key,)} if resource in ("activity", "appointment") else {"contact": key}
    if order := fields.get("order"):
        found["opportunity"] = Key("order", order)
    return found


def companions(fields: Mapping[str, Any], settings: Settings) -> Iterator[Upsert]:
    """The company and the contact, where the event says more of them than their external id."""
    client, person = fields.get("client"), fields.get("contact")
    if client and (client["name"] or client["orgNo"]):
        number = org_number(client["orgNo"])
        known = {"phone": phone(client["phone"], settings.phone_region), "webpage": client["webpage"]}
        yield company(
            client["name"] or client["orgNo"],
            owner=settings.owner,
            key=client["id"] or None,
            org_number=number,
            if_empty=known,
        )
    if person and person["email"]:
        known = values("contact", {name: value for name, value in person.items() if name != "id"}, settings)
        yield Upsert(
            key=person_key(person),
            match=(Match("email", str(known["email"]), shared=True),) if "email" in known else (),
            on_create={"client": company_key(client)} if client else {},
            if_empty=known,
        )


def company_key(client: Mapping[str, Any]) -> Key:
    return (
        Key("account", client["id"])
        if client["id"]
        else company(client["name"] or client["orgNo"], org_number=org_number(client["orgNo"])).key
    )


def person_key(person: Mapping[str, Any]) -> Key:
    return Key("contact", person["id"] or f"email:{email(person['email']) or person['email'].lower()}")

"""Maps contacts that changed, and those that other records name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.connectors.upsales.companies import moved, named_company, placed
from worker.connectors.upsales.settings import Settings
from worker.connectors.upsales.values import custom, flag
from worker.plan import Ignored, Key, Match, Plan, Upsert, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import CONTACT_NAME, TITLE, Home, block, clip, email, filled, person_name, phone


def changed_contact(event: Event, settings: Settings) -> Plan | Ignored:
    said = event.payload["data"]["object"]
    names = named(said)
    if not names:
        return Ignored("contact without name and address")
    home = named_company(said["client"], settings)
    always: dict[str, Value] = {
        **names,
        "phone": phone(said["phone"], settings.phone_region),
        "cellPhone": phone(said["cellPhone"], settings.phone_region),
        "title": clip(said["title"] or "", TITLE),
        "active": flag(said["active"]),
        **custom("contact", said, settings),
    }
    person = Upsert(
        key=Key("contact", event.subject),
        match=_by_mail(names),
        set=filled(always) | moved(home, settings),
        if_empty=filled({"notes": block(said["notes"] or "")}),
        placed=placed(home, settings),
    )
    return (*home.upserts, person)


def named_contact(contact: Mapping[str, Any] | None, home: Home) -> Upsert | None:
    """Made only at a company that can be made itself: Upsales keeps no contact without one."""
    names = named(contact) if contact else {}
    if not contact or not names:
        return None
    key = f"contact:{contact['id']}" if contact["id"] else f"email:{names['email']}" if "email" in names else None
    if key is None:
        return None
    return Upsert(
        key=Key("contact", key),
        match=_by_mail(names),
        if_empty=names,
        placed={"client": home.place} if home.made else {},
        create=home.made,
    )


def named(contact: Mapping[str, Any]) -> dict[str, Value]:
    first, last = person_name(contact["firstName"], contact["lastName"], contact["name"])
    address = email(contact["email"])
    return filled({"firstName": clip(first, CONTACT_NAME), "lastName": clip(last, CONTACT_NAME), "email": address})


def _by_mail(names: Mapping[str, Value]) -> tuple[Match, ...]:
    """Two contacts there are two here, though they share an address."""
    return (Match("email", str(names["email"])),) if "email" in names else ()

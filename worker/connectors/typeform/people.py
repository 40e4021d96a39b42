"""Maps the person who filled in the form, and their company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from worker.connectors.typeform.settings import Settings
from worker.plan import Upsert, Value
from worker.sdk.mapping import Home, Person, block, contacts_of_person, home_of_person


def person(said: Mapping[str, str]) -> Person:
    """What people say of themselves."""
    return Person(
        email=said.get("email"),
        first_name=said.get("first_name"),
        last_name=said.get("last_name"),
        name=said.get("name"),
        phone=said.get("phone"),
        title=said.get("title"),
        company=said.get("company"),
        org_number=said.get("org_number"),
        website=said.get("website"),
    )


def company(said: Mapping[str, str], settings: Settings) -> Home:
    """With the custom fields that the settings name. The fallback company gets none."""
    found = home_of_person(person(said), owner=settings.owner, fallback=settings.fallback_company)
    if found.unknown:
        return found
    home, *rest = found.upserts
    return replace(found, upserts=(replace(home, set=custom("account", said)), *rest))


def contact(said: Mapping[str, str], home: Home, token: str, settings: Settings) -> Sequence[Upsert]:
    """It fills gaps, and never changes what a salesperson wrote."""
    found = contacts_of_person(person(said), f"response:{token}", home, phone_region=settings.phone_region)
    return [replace(each, set=custom("contact", said)) for each in found]


def custom(resource: str, said: Mapping[str, str]) -> dict[str, Value]:
    """The custom fields that the settings name."""
    prefix = f"{resource}."
    return {f"custom.{what[len(prefix) :]}": block(text) for what, text in said.items() if what.startswith(prefix)}

"""Maps the person who filled in the form, and their company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from worker.connectors.typeform.settings import Settings
from worker.plan import Upsert, Value
from worker.sdk.mapping import Home, Person, block, contacts_of_person, home_of_person


def company(person: Person, said: Mapping[str, str], settings: Settings) -> Home:
    """With the custom fields that the settings name. The fallback company gets none."""
    found = home_of_person(person, owner=settings.owner, fallback=settings.fallback_company)
    if found.unknown:
        return found
    home, *rest = found.upserts
    return replace(found, upserts=(replace(home, set=custom("account", said)), *rest))


def contact(person: Person, said: Mapping[str, str], home: Home, token: str, settings: Settings) -> Sequence[Upsert]:
    """It fills gaps, and never changes what a salesperson wrote."""
    found = contacts_of_person(person, f"response:{token}", home, phone_region=settings.phone_region)
    return [replace(each, set=custom("contact", said)) for each in found]


def custom(resource: str, said: Mapping[str, str]) -> dict[str, Value]:
    """The custom fields that the settings name, uncut: they are converted to the fields' types."""
    prefix = f"{resource}."
    return {f"custom.{what[len(prefix) :]}": block(text) for what, text in said.items() if what.startswith(prefix)}

"""Finds what a connection's settings name in Upsales. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, Literal, TypeAlias

from worker.plan import RESOURCES, ActivityType, Product, Reference, Resource, TicketStatus, User
from worker.sdk.mapping.values import stage

Named: TypeAlias = Callable[[str], Reference]


def _activity_type(kind: Literal["activity", "appointment"]) -> Named:
    return lambda text: ActivityType(kind, text)


# Connectors call what they need in Upsales by these names; of a table of settings, its values.
KINDS: tuple[tuple[re.Pattern[str], Named], ...] = (
    (re.compile(r"owners?"), User),
    (re.compile(r"(?:\w+_)?stages?|stage_\w+"), stage),
    (re.compile(r"products?|\w+_product"), Product),
    (re.compile(r"activity_type"), _activity_type("activity")),
    (re.compile(r"ticket_statuses"), TicketStatus),
    (re.compile(r"appointment_type"), _activity_type("appointment")),
)

SENDERS_WORDS: Mapping[str, Resource] = {"client": "account", "company": "account", "deal": "order"}


def references(settings: Any) -> Iterator[tuple[str, Reference]]:
    """By setting: `owner = asa@example.com`."""
    for each in fields(settings):
        kind = next((of for pattern, of in KINDS if pattern.fullmatch(each.name)), None)
        if kind is None:
            continue
        for text in _texts(getattr(settings, each.name)):
            yield f"{each.name} = {text}", kind(text)


def aliases(settings: Any) -> Iterator[tuple[str, Resource | None, str]]:
    """By setting, the resource and the alias of the custom field that it names. None: it names no kind of record."""
    for each in fields(settings):
        where = each.metadata.get("custom_fields")
        if where == "of contacts":
            _, dot, alias = str(getattr(settings, each.name)).partition(".")
            if dot:
                yield each.name, "contact", alias
            continue
        for there, here in (getattr(settings, each.name) if where else {}).items():
            kind, dot, rest = (there if where == "in keys" else here).partition(".")
            # Of a value without a dot no field is the target.
            if dot or where == "in keys":
                yield f"{each.name} {there}", _resource(kind) if dot else None, here if where == "in keys" else rest


def _resource(kind: str) -> Resource | None:
    return SENDERS_WORDS.get(kind) or next((each for each in RESOURCES if each == kind), None)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from dict.fromkeys(text for text in value.values() if isinstance(text, str))
    elif isinstance(value, str):
        yield value

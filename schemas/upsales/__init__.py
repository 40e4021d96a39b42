"""Describes what may be sent to Upsales: all of it is stored as sent, or refused before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import Schema

from schemas.upsales.account import Account
from schemas.upsales.activity import Activity
from schemas.upsales.agreement import Agreement
from schemas.upsales.appointment import Appointment
from schemas.upsales.comment import Comment
from schemas.upsales.contact import Contact
from schemas.upsales.custom import custom_problem
from schemas.upsales.event import Event
from schemas.upsales.fields import FIXED
from schemas.upsales.file import File
from schemas.upsales.order import Order
from schemas.upsales.phone_call import PhoneCall
from schemas.upsales.product import Product
from schemas.upsales.ticket import Ticket

__all__ = ["FIXED", "SCHEMAS", "UNKNOWN", "custom_problem", "fields_of", "problems"]

UNKNOWN = "Unknown field."
"""What `problems` says of a field there is not."""

SCHEMAS: Mapping[str, Schema] = MappingProxyType(
    {
        "account": Account(),
        "contact": Contact(),
        "order": Order(),
        "activity": Activity(),
        "appointment": Appointment(),
        "phoneCall": PhoneCall(),
        "product": Product(),
        "agreement": Agreement(),
        "ticket": Ticket(),
        "comment": Comment(),
        "event": Event(),
        "file": File(),
    }
)


def problems(resource: str, body: Mapping[str, Any], *, creating: bool) -> Mapping[str, list[str]]:
    """What is wrong with the body, by dotted path (`orderRow.0.price`; the whole body is `_schema`). Empty: it may be sent."""
    return dict(_flat(SCHEMAS[resource].validate(body, partial=not creating)))


def fields_of(resource: str, path: str) -> list[str]:
    """Those that are there beside the field at the end of the path."""
    schema = SCHEMAS[resource]
    for step in path.split(".")[:-1]:
        field = schema.fields.get(step)
        inner = getattr(field, "inner", field)
        schema = getattr(inner, "schema", schema)
    return sorted(schema.fields)


def _flat(errors: Mapping[Any, Any], path: str = "") -> Iterator[tuple[str, list[str]]]:
    for name, found in errors.items():
        if isinstance(found, Mapping):
            yield from _flat(found, f"{path}{name}.")
        else:
            yield f"{path}{name}", list(found)

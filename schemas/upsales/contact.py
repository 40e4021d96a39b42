"""Describes contacts: `/contacts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, validates_schema

from schemas.upsales.custom import custom_values
from schemas.upsales.fields import Email, Flag, Moment, Reference, References, Text

_NAMES = ("firstName", "lastName")


class Contact(Schema):
    client = Reference(required=True)
    name = Text(50)
    firstName = Text(50)
    lastName = Text(50)
    email = Email(128)
    phone = Text(30)
    cellPhone = Text(30)
    title = Text(128)
    salutation = Text()
    linkedin = Text()
    notes = Text()
    active = Flag()
    categories = References()
    projects = References()
    custom = custom_values()
    unsubscribed = Moment()

    @validates_schema
    def one_kind_of_name(self, data: Mapping[str, Any], **_: Any) -> None:
        if "name" in data and any(name in data for name in _NAMES):
            raise ValidationError("is ignored beside firstName and lastName: send one or the other", "name")

    @validates_schema
    def somebody(self, data: Mapping[str, Any], *, partial: Any = None, **_: Any) -> None:
        """Upsales would make a contact without name or address."""
        if not partial and not any(data.get(name) for name in ("email", "name", *_NAMES)):
            raise ValidationError("or a name is needed", "email")

"""Describes an account's settings: users, keys, triggers, custom fields."""

from __future__ import annotations

from web.sandbox.entities.entity import READ, Entity
from web.sandbox.fields import (
    boolean,
    choice,
    flag,
    free,
    ref,
    text,
)

CUSTOM_ENTITIES = (
    "account", "contact", "activity", "appointment", "order", "orderrow",
    "product", "project", "user", "agreement", "udo", "ticket",
)  # fmt: skip

DATATYPES = (
    "String", "Integer", "Currency", "Text", "Boolean", "Select", "MultiSelect",
    "Date", "Time", "Percent", "Email", "Link", "Discount", "User",
)  # fmt: skip

_CUSTOM_FIELD = {
    "name": text(128, required=True),
    "datatype": choice(*DATATYPES, required=True, refusal="FailedValidation"),
    "alias": text(256),
    "obligatoryField": flag(0),
    "searchable": flag(0),
    "visible": flag(1),
    "editable": flag(1),
    "default": free(),
}

SETTINGS: tuple[Entity, ...] = (
    Entity(
        "users",
        {
            "name": text(),
            "email": text(),
            "active": flag(1),
            "administrator": flag(0),
            "userTitle": text(),
            "userPhone": text(),
            "userCellPhone": text(),
            "role": ref(None),
        },
        nested=("id", "name", "email"),
        methods=READ,
        indexed=False,
    ),
    Entity(
        "triggers",
        {"name": text(), "active": flag(1), "events": free(()), "criterias": free(()), "actions": free(())},
        methods=READ,
        indexed=False,
        listed="total",
        paged=False,
    ),
    Entity("apikeys", {"name": text(), "active": boolean(default=True)}, methods=READ, indexed=False),
    *(Entity(f"customfields/{name}", _CUSTOM_FIELD, indexed=False) for name in CUSTOM_ENTITIES),
)

"""Reads the values that records of every kind carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.wire import printable
from worker.connectors.upsales.settings import Settings
from worker.plan import IfKnown, Upsert, User, Value
from worker.sdk.mapping import block, email, filled


def users(said: Iterable[Mapping[str, Any]] | None, settings: Settings) -> tuple[Value, ...]:
    """Users of the same e-mail address; nobody known is the owner."""
    mails = dict.fromkeys(filter(None, (email(each["email"]) for each in said or ())))
    return tuple(User(mail, fallback=settings.owner) for mail in mails) or (User(settings.owner),)


def custom(kind: str, said: Mapping[str, Any], settings: Settings) -> dict[str, Value]:
    """The custom fields that the settings name; their ids are those of the account there."""
    found = {f"{kind}.{each['fieldId']}": each["value"] for each in said["custom"] or ()}
    return filled(
        {
            f"custom.{alias}": block(printable(str(value)))
            for field, alias in settings.custom_fields.items()
            if isinstance(value := found.get(field), str | int)
        }
    )


def link(named: Upsert) -> Value:
    """To a record that is named beside another. One that can't be made may be missing."""
    return named.key if named.create else IfKnown(named.key)


def flag(value: bool | None) -> int | None:  # noqa: FBT001 - a flag of the sender
    return None if value is None else int(value)

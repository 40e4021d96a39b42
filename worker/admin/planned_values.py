"""Writes what a plan says as texts, masked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from worker.admin.masking import Masking
from worker.admin.plain import is_plain_number, kind_of
from worker.admin.shapes import shape
from worker.plan import ActivityType, ClientOf, IfKnown, Key, Placed, Product, Ref, Row, Stage, Sure, TicketStatus, User


def key_text(key: Key, masking: Masking) -> str:
    return f"{key.resource} {masking.id(key.id)}"


def value_text(name: str, value: Any, masking: Masking) -> str:  # noqa: PLR0911, C901 - one return a kind of value
    """`name`: of its field. Stages, types and products are the account's own words."""
    match value:
        case str():
            return masking.text(name.rpartition(".")[2], value)
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case int() | Decimal():
            return _number(name, str(value), masking)
        case date():
            return value.isoformat() if kind_of(name) != "personal" or not masking.masks else shape(value.isoformat())
        case Key() | IfKnown() | Placed():
            return key_text(value if isinstance(value, Key) else value.key, masking)
        case Sure():
            return f"{value_text(name, value.value, masking)} ({value.standing.name.lower()})"
        case Row():
            goods = value_text(name, value.product, masking)
            return f"{value.quantity} of {goods} at {value.price}"
        case tuple():
            return ", ".join(value_text(name, each, masking) for each in value) or "none"
        case Mapping():
            return ", ".join(f"{part} {value_text(part, each, masking)}" for part, each in value.items())
        case _:
            return _reference(value, masking)


def _number(name: str, spelled: str, masking: Masking) -> str:
    return spelled if not masking.masks or is_plain_number(name, spelled) else shape(spelled)


def _reference(value: Any, masking: Masking) -> str:  # noqa: PLR0911 - one return a kind of reference
    match value:
        case User():
            return f"user {masking.text('email', value.email)}"
        case Stage():
            named = masking.sentence(value.name)
            return f"stage {named or f'of {value.probability} %'}"
        case ActivityType():
            return f"{value.kind} type {masking.sentence(value.name) or 'first'}"
        case TicketStatus():
            return f"ticket status {masking.sentence(value.name)}"
        case Product():
            number = value.article_no or value.fallback
            return f"product {masking.id(number) if number else masking.text('name', value.name or '')}"
        case Ref():
            return f"id {value.id}"
        case ClientOf():
            of = value.record
            return f"the company of {key_text(of, masking) if isinstance(of, Key) else f'{value.resource} {of.id}'}"
        case _:
            return type(value).__name__

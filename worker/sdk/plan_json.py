"""Writes a plan as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from worker.plan import (
    ActivityType,
    ClientOf,
    Content,
    IfKnown,
    Key,
    Match,
    Placed,
    Plan,
    Product,
    Ref,
    Row,
    Stage,
    Sure,
    TicketStatus,
    User,
)


def as_json(plan: Plan) -> list[dict[str, Any]]:
    """The plan as JSON. Equal plans are equal JSON; fields at their default are left out."""
    return [_parts(upsert) for upsert in plan]


def _parts(value: Any) -> dict[str, Any]:
    held = ((each, getattr(value, each.name)) for each in fields(value))
    return {each.name: _json(part) for each, part in held if part != each.default and part not in ((), {})}


def _json(value: Any) -> Any:
    """A value of a plan is tagged with its class where JSON has no such thing: `{"User": "åsa@acme.example"}`."""
    return next((shown(value) for kind, shown in SHOWN if isinstance(value, kind)), value)


SHOWN: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (Key, lambda key: {"Key": f"{key.resource} {key.id}"}),
    (IfKnown, lambda link: {"IfKnown": f"{link.key.resource} {link.key.id}"}),
    (ClientOf, lambda of: {"ClientOf": _json(of.record)}),
    (User, lambda user: {"User": _parts(user) if user.fallback else user.email}),
    (Placed, lambda place: {"Key": f"{place.key.resource} {place.key.id}", "standing": place.standing.name.lower()}),
    (Sure, lambda sure: {"value": _json(sure.value), "standing": sure.standing.name.lower()}),
    (Match, _parts),
    ((Row, Stage, ActivityType, TicketStatus, Product, Ref), lambda value: {type(value).__name__: _parts(value)}),
    (Content, lambda content: {"Content": str(content)}),
    (Decimal, lambda amount: {"Decimal": str(amount)}),
    (date, lambda day: {type(day).__name__: day.isoformat()}),
    (tuple, lambda values: [_json(each) for each in values]),
    (Mapping, lambda table: {name: _json(table[name]) for name in sorted(table)}),
)

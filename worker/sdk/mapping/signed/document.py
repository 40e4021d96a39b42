"""Defines what a sender tells of a document that was sent to be signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from worker.sdk.mapping.people import Person
from worker.sdk.mapping.sales import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody on the other side. `signed`, `declined`: when they did that. `reason`: why they declined, in their words."""

    person: Person
    signed: datetime | None = None
    declined: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """`id`: the sender's own. The first participant who names a company says whose the document is.

    `order_id`: the Upsales id of the order that it is about, where the sender was told. `number`: what people call that order.
    `value`: what the document is worth, where it has no lines. `author`: the e-mail address of who sent it.
    `labels`: what it is called or tagged with, its template among them: by these a document that recurs is told (`Signing.recurring`).
    `ended`: when the last one signed, or it was declined or expired. `starts`: when what was agreed on begins.
    `told`: more that is worth reading, a line each.
    """

    id: str
    title: str
    participants: Sequence[Participant] = ()
    lines: Sequence[Line] = ()
    order_id: str | None = None
    number: str | None = None
    value: Decimal | None = None
    currency: str | None = None
    author: str | None = None
    labels: Sequence[str] = ()
    ended: datetime | None = None
    starts: date | None = None
    told: Sequence[str] = ()

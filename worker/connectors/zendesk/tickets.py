"""Reads a ticket, whether its API, or a trigger's body, tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from schemas.wire import Needs
from worker.errors import Rejected
from worker.sdk.connector import Event
from worker.sdk.event_time import instant
from worker.sdk.mapping import Person, readable

UNREAD = "an event tells ids alone: give the connection a token"
TELLING = ("ticket_title", "requester_email", "organization_name")
"""What of a trigger's body says enough to be written."""
OVER = frozenset({"solved", "closed", "deleted", "archived", "scrubbed"})
STAFF = frozenset({"agent", "admin"})
NONE = frozenset({"", "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    name: str
    id: str | None = None
    external_id: str | None = None
    domains: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """`status`, `priority`: in small letters; empty where there is none. `assignee`: an e-mail address. `staff`: who asks answers tickets, too."""

    number: str
    subject: str
    description: str
    status: str
    priority: str
    tags: Sequence[str]
    created: datetime | None
    requester: Person
    staff: bool
    organization: Organization | None
    assignee: str | None

    @property
    def is_open(self) -> bool:
        return self.status not in OVER


def ticket_of(event: Event) -> Ticket:
    """As it was read, else as a trigger tells it. Raises Rejected, ValidationError."""
    shown = event.read.get("ticket")
    if shown is not None:
        return _read(shown)
    if event.type != "trigger":
        raise Rejected(UNREAD)
    if not any(event.payload[name] for name in TELLING):
        raise ValidationError(Needs(f"Needs one of {', '.join(TELLING)}, or the connection a token."))
    return _told(event.payload)


def word(text: str | None) -> str:
    """A status or a priority: `OPEN` of an event and `Open` of a trigger are `open`, a dash is nothing."""
    said = (text or "").strip().casefold().replace("on-hold", "hold")
    return "" if said in NONE else said


def _read(shown: Mapping[str, Any]) -> Ticket:
    ticket = shown["ticket"]
    people = {each["id"]: each for each in shown["users"] or () if each["id"]}
    asking = people.get(ticket["requester_id"], {})
    found = (each for each in shown["organizations"] or () if each["id"] and each["id"] == ticket["organization_id"])
    organization = next(found, None)
    return Ticket(
        number=ticket["id"],
        subject=readable(ticket["subject"] or ""),
        description=readable(ticket["description"] or ""),
        status=word(ticket["status"]),
        priority=word(ticket["priority"]),
        tags=ticket["tags"] or (),
        created=ticket["created_at"],
        requester=Person(
            id=ticket["requester_id"], email=asking.get("email"), name=asking.get("name"), phone=asking.get("phone")
        ),
        staff=asking.get("role") in STAFF,
        organization=organization
        and Organization(
            name=organization["name"] or "",
            id=organization["id"],
            external_id=organization["external_id"],
            domains=[each for each in organization["domain_names"] or () if each],
        ),
        assignee=people.get(ticket["assignee_id"], {}).get("email"),
    )


def _told(body: Mapping[str, Any]) -> Ticket:
    name = body["organization_name"]
    return Ticket(
        number=body["ticket_id"],
        subject=readable(body["ticket_title"] or ""),
        description=readable(body["ticket_description"] or ""),
        status=word(body["ticket_status"]),
        priority=word(body["ticket_priority"]),
        tags=body["tags"] or (),
        created=instant(body["created_at"]),
        requester=Person(id=body["requester_id"], email=body["requester_email"], name=body["requester_full_name"]),
        staff=False,
        organization=Organization(name=name, id=body["organization_id"], external_id=body["organization_external_id"])
        if name
        else None,
        assignee=body["assignee_email"],
    )

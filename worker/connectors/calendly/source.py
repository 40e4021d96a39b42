"""Declares Calendly's own API: meetings that a webhook does not tell of in full."""

from __future__ import annotations

from typing import Any

from schemas import calendly
from worker.sdk.connector import Extract, Incoming
from worker.sdk.mapping import field, last_part
from worker.sdk.source import Get, Kind, Limit, Source, bearer
from worker.sdk.source.dotted import at

MEETING = last_part(field("payload.event"))


def no_link_yet(meeting: Any) -> str | None:
    """A conference is made after the booking."""
    kind = at(meeting, "location.type")
    conference = isinstance(kind, str) and kind.endswith("_conference")
    return "its conference has no link yet" if conference and not at(meeting, "location.join_url") else None


def untold(incoming: Incoming) -> str | None:
    return None if at(incoming.payload, "payload.scheduled_event") else MEETING(incoming)


def untold_or_no_link(incoming: Incoming) -> str | None:
    told = at(incoming.payload, "payload.scheduled_event")
    return MEETING(incoming) if not told or no_link_yet(told) else None


def the_meeting(of: Extract) -> tuple[Get, ...]:
    return (Get("meeting", id=of, optional=True),)


SOURCE = Source(
    url="https://api.calendly.com",
    sign=bearer(),
    kinds={
        "meeting": Kind(schema=calendly.ScheduledEvent, get="/scheduled_events/{id}", at="resource", early=no_link_yet),
    },
    # Of plans that have webhooks: https://developer.calendly.com/api-docs/overview/rate-limits
    limits=(Limit(500, 60),),
    unread=True,
)

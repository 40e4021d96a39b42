"""Declares Zendesk's own API: a ticket with its people, and what changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from schemas import zendesk
from worker.connectors.zendesk.identity import PREFIX, number
from worker.sdk.source import Basic, Changes, Get, Kind, Limit, NextLink, Occurred, Source


def in_seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def changed(ticket: Any) -> Occurred | None:
    """A ticket that was deleted is listed, too, and can't be read."""
    if not isinstance(ticket, dict) or "id" not in ticket:
        return None
    name = "ticket.soft_deleted" if ticket.get("status") == "deleted" else "ticket.status_changed"
    told = {"type": f"{PREFIX}{name}", "subject": f"zen:ticket:{ticket['id']}", "time": ticket.get("updated_at")}
    return Occurred(name, {**told, "detail": ticket})


SOURCE = Source(
    url="https://{subdomain}.zendesk.com",
    # https://developer.zendesk.com/api-reference/introduction/security-and-auth/#api-token
    sign=Basic(),
    kinds={
        "ticket": Kind(
            schema=zendesk.Shown,
            get="/api/v2/tickets/{id}?include=users,organizations",
            changed="ticket.updated_at",
            changes=Changes(
                # https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
                path="/api/v2/incremental/tickets/cursor?start_time={since}",
                items="tickets",
                changed="updated_at",
                event=changed,
                pages=NextLink("after_url", last="end_of_stream"),
                since=in_seconds,
                # The people of a ticket stand beside the list.
                whole=False,
                # Those of the last minute are left out.
                overlap=300.0,
            ),
        ),
    },
    # Of the smallest plan; others have more: https://developer.zendesk.com/api-reference/introduction/rate-limits/
    limits=(Limit(200, 60),),
    # Few answers are tried again: https://developer.zendesk.com/api-reference/webhooks/introduction/#webhook-retries
    catch_up="1h",
    unread=True,
)

TICKET = (Get("ticket", id=number),)

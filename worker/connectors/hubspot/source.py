"""Declares HubSpot's own API: contacts, companies and deals, and where they belong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from schemas import hubspot
from worker.connectors.hubspot.names import PRIMARY
from worker.sdk.connector import Extract, Incoming
from worker.sdk.source import Changes, Cursor, Get, Kind, Limit, Occurred, Source, bearer
from worker.sdk.source.dotted import at

API = "/crm/v3/objects"
PLURALS: Mapping[str, str] = {"company": "companies", "contact": "contacts", "deal": "deals"}
ASSOCIATIONS: Mapping[str, str] = {"contact": "&associations=companies", "deal": "&associations=companies,contacts"}


def found(kind: str) -> Callable[[Any], Occurred | None]:
    """A record of a list, as the webhook of its creation would have told of it."""

    def event(record: Any) -> Occurred | None:
        if not isinstance(record, dict) or "portalId" not in record:
            return None
        said = {"portalId": record["portalId"], "objectId": record.get("id"), "occurredAt": record.get("updatedAt")}
        return Occurred(f"{kind}.creation", {"subscriptionType": f"{kind}.creation", **said})

    return event


def record(kind: str) -> Kind:
    asked = f"properties={{{kind}_properties}}{ASSOCIATIONS.get(kind, '')}"
    return Kind(
        schema=hubspot.Record,
        get=f"{API}/{PLURALS[kind]}/{{id}}?{asked}",
        changed="updatedAt",
        # What has changed since a moment is found by POST only (`/search`), and nothing is posted to senders.
        changes=Changes(
            everything=f"{API}/{PLURALS[kind]}?limit=100&{asked}",
            items="results",
            changed="updatedAt",
            event=found(kind),
            pages=Cursor("paging.next.after", "after"),
            adds={"portalId": "portal"},
        ),
    )


SOURCE = Source(
    url="https://api.hubapi.com",
    sign=bearer(),
    # Companies first, so that contacts and deals find them.
    kinds={kind: record(kind) for kind in ("company", "contact", "deal")},
    # Of a private app in an account of the smallest plan; others have more:
    # https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
    limits=(Limit(100, 10),),
    unread=True,
)


def record_and_company(kind: str, of: Extract) -> tuple[Get, ...]:
    """The record, and the company where it belongs. A company belongs nowhere."""
    if kind == "company":
        return (Get("company", id=of),)
    return (Get(kind, id=of), Get("company", id=company_of(kind), optional=True))


def company_of(kind: str) -> Extract:
    """The primary one; where HubSpot names none, the only one."""

    def primary(incoming: Incoming) -> str | None:
        read = incoming.read.get(kind)
        named = at(read, f"properties.{PRIMARY}")
        if isinstance(named, str) and named:
            return named
        results = at(read, "associations.companies.results") or ()
        held = [(each.get("type"), each.get("id")) for each in results if isinstance(each, dict)]
        # A company is listed once for each label that it has, and only the primary one has this:
        # https://developers.hubspot.com/docs/api/crm/associations
        return _only(held, f"{kind}_to_company") or _only(held)

    return primary


def _only(held: Sequence[tuple[Any, Any]], label: str | None = None) -> str | None:
    found = {number for said, number in held if isinstance(number, str) and label in (None, said)}
    return found.pop() if len(found) == 1 else None

"""Declares HubSpot's own API: a contact, a company or a deal by its id, with what it belongs to."""

from __future__ import annotations

from schemas import hubspot
from worker.connectors.hubspot.names import PRIMARY
from worker.sdk.connector import Extract, Incoming
from worker.sdk.source import Get, Kind, Limit, Source, bearer
from worker.sdk.source.dotted import at

API = "/crm/v3/objects"

SOURCE = Source(
    url="https://api.hubapi.com",
    sign=bearer(),
    kinds={
        "contact": Kind(
            schema=hubspot.Record,
            get=f"{API}/contacts/{{id}}?properties={{contact_properties}}&associations=companies",
            changed="updatedAt",
        ),
        "company": Kind(
            schema=hubspot.Record,
            get=f"{API}/companies/{{id}}?properties={{company_properties}}",
            changed="updatedAt",
        ),
        "deal": Kind(
            schema=hubspot.Record,
            get=f"{API}/deals/{{id}}?properties={{deal_properties}}&associations=companies,contacts",
            changed="updatedAt",
        ),
    },
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

    def found(incoming: Incoming) -> str | None:
        record = incoming.read.get(kind)
        named = at(record, f"properties.{PRIMARY[kind]}")
        if isinstance(named, str) and named:
            return named
        results = at(record, "associations.companies.results")
        # HubSpot lists a company once for each label that it has.
        ids = {each["id"] for each in results or () if isinstance(each, dict) and isinstance(each.get("id"), str)}
        return ids.pop() if len(ids) == 1 else None

    return found

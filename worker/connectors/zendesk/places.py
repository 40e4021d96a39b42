"""Maps who asks, and their company: the organization's, else the person's."""

from __future__ import annotations

from dataclasses import replace

from worker.connectors.zendesk.settings import Settings
from worker.connectors.zendesk.tickets import Organization, Ticket
from worker.plan import Match
from worker.sdk.mapping import Home, company, company_domain, company_name, home_at, home_of_person, org_number


def home(ticket: Ticket, settings: Settings) -> Home:
    """A support desk is no authority on companies: of several that match it is the one that Upsales's forms would take."""
    organization = ticket.organization
    name = company_name(organization.name) if organization else None
    if organization is None or name is None:
        return home_of_person(ticket.requester, owner=settings.owner, fallback=settings.fallback_company)
    domains = [domain for domain in (company_domain(f"@{each}") for each in organization.domains) if domain]
    found = company(
        name,
        id=f"organization:{organization.id}" if organization.id else None,
        owner=settings.owner,
        org_number=org_number(organization.external_id) if settings.external_id == "org-number" else None,
        mail=f"@{domains[0]}" if domains else None,
        ambiguous="as_upsales",
    )
    return home_at(replace(found, match=(*own_id(organization, settings), *found.match)))


def own_id(organization: Organization, settings: Settings) -> tuple[Match, ...]:
    number = organization.external_id or ""
    is_one = settings.external_id == "upsales" and number.isascii() and number.isdecimal()
    return (Match("id", number, shared=True),) if is_one else ()

"""Writes what a ticket is called, where it is, and all that it says."""

from __future__ import annotations

from worker.connectors.zendesk.settings import Settings
from worker.connectors.zendesk.tickets import Ticket
from worker.sdk.mapping import block, full_name
from worker.sdk.mapping.notes import labelled


def name(told: Ticket) -> str:
    return f"Zendesk #{told.number}{f': {told.subject}' if told.subject else ''}"


def link(number: str, settings: Settings) -> str:
    return f"https://{settings.subdomain}.zendesk.com/agent/tickets/{number}"


def notes(told: Ticket, settings: Settings) -> str:
    who = ", ".join(filter(None, (full_name(told.requester), told.requester.email)))
    lines = labelled(
        {
            "Status": told.status,
            "Priority": told.priority,
            "Requester": who,
            "Organization": told.organization.name if told.organization else None,
            "Assignee": told.assignee,
            "Tags": ", ".join(told.tags),
            "Link": link(told.number, settings),
        }
    )
    return block("\n".join([*lines, *(["", told.description] if told.description else [])]))

"""Maps tickets that are merged into others, deleted, or called spam."""

from __future__ import annotations

from worker.connectors.zendesk.activities import done
from worker.connectors.zendesk.records import key
from worker.connectors.zendesk.settings import Settings
from worker.connectors.zendesk.words import link
from worker.plan import Plan, TicketStatus, Upsert, Value
from worker.sdk.connector import Event, MapEvent


def merged(event: Event, settings: Settings) -> Plan:
    """The other ticket has a record of its own; where it has none yet, it goes on in this one's."""
    into = event.payload["event"] and event.payload["event"]["target_ticket_id"]
    words = f"Merged into Zendesk #{into}\n{link(into, settings)}" if into else "Merged into another ticket of Zendesk"
    record = Upsert(
        key=key(event.subject, settings),
        set=status("closed", settings),
        while_ours={} if settings.tickets == "ticket" else {"notes": words},
        create=False,
        gone=bool(into),
        merged_into=key(f"ticket:{into}", settings) if into else None,
    )
    return (record, *over(event, settings))


def gone(words: str, *, for_good: bool = False) -> MapEvent:
    """`for_good`: nothing that the ticket said is kept, as nothing is at Zendesk. What people wrote here stays."""

    def plan(event: Event, settings: Settings) -> Plan:
        number = event.payload["detail"]["id"]
        left: dict[str, Value] = {"notes": f"Zendesk #{number}: {words}"}
        named: dict[str, Value] = {"description": f"Zendesk #{number}: {words}"} if for_good else {}
        title: dict[str, Value] = {"title": f"Zendesk #{number}: {words}"} if for_good else {}
        is_ticket = settings.tickets == "ticket"
        record = Upsert(
            key=key(event.subject, settings),
            set={**title, **status("deleted", settings)} if is_ticket else {},
            while_ours={} if is_ticket else {**left, **named},
            create=False,
            final=for_good,
        )
        return (record, *over(event, settings))

    return plan


def status(name: str, settings: Settings) -> dict[str, Value]:
    there = settings.ticket_statuses.get(name) if settings.tickets == "ticket" else None
    return {"status": TicketStatus(there)} if there else {}


def over(event: Event, settings: Settings) -> Plan:
    return () if settings.todos == "none" else (done(event, settings),)

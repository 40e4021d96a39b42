"""Maps a ticket, as it is now, to what stands for it in Upsales."""

from __future__ import annotations

from collections.abc import Sequence

from worker.connectors.zendesk.activities import as_activity, todo
from worker.connectors.zendesk.actors import OWN, actors, is_own
from worker.connectors.zendesk.places import home
from worker.connectors.zendesk.settings import Settings
from worker.connectors.zendesk.tickets import Ticket, ticket_of
from worker.connectors.zendesk.words import name
from worker.plan import Ignored, Key, Plan, Resource, TicketStatus, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import Home, clip, contacts_of_person, email, filled

TITLE = 150


def key(subject: str, settings: Settings) -> Key:
    resource: Resource = "ticket" if settings.tickets == "ticket" else "activity"
    return Key(resource, subject)


def ticket(event: Event, settings: Settings) -> Plan | Ignored:
    """The whole ticket as it is now, whatever of it changed."""
    if is_own(actors(event), settings):
        return OWN
    told = ticket_of(event)
    if told.staff and told.organization is None:
        return Ignored("a ticket of a colleague")
    place = home(told, settings)
    people = contacts_of_person(told.requester, event.subject, place, phone_region=settings.phone_region)
    made = as_ticket if settings.tickets == "ticket" else as_activity
    record = made(event, told, place, people, settings)
    return (*place.upserts, *people, record, *todo(event, told, place, people, settings))


def as_ticket(event: Event, told: Ticket, place: Home, people: Sequence[Upsert], settings: Settings) -> Upsert:
    status = settings.ticket_statuses.get(told.status)
    always: dict[str, Value] = {
        "title": clip(told.subject, TITLE) or name(told),
        "status": TicketStatus(status) if status else None,
        "priority": settings.priorities.get(told.priority),
    }
    made: dict[str, Value] = {
        "user": User(email(told.assignee) or settings.owner, fallback=settings.owner),
        "contact": people[0].key if people else None,
    }
    return Upsert(
        key=key(event.subject, settings), set=filled(always), on_create=filled(made), placed={"client": place.place}
    )

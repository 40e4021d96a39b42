"""Maps a ticket to what stands for it in Upsales, and to a to-do while it is urgent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from worker.connectors.zendesk.places import home
from worker.connectors.zendesk.settings import Settings
from worker.connectors.zendesk.tickets import Ticket, ticket_of
from worker.plan import ActivityType, Ignored, Key, Plan, Resource, TicketStatus, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, Home, block, clip, contacts_of_person, day, email, filled, full_name
from worker.sdk.mapping.notes import labelled

TITLE = 150
URGENT = {"none": frozenset[str](), "urgent": frozenset({"urgent"}), "high": frozenset({"high", "urgent"})}
OWN = Ignored("a change of our own users")


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


def actors(event: Event) -> Sequence[str | None]:
    """Who made the change, by id and address."""
    if event.type == "trigger":
        return (event.payload["current_user_id"], event.payload["current_user_email"])
    return (event.payload["detail"]["actor_id"],)


def is_own(who: Sequence[str | None], settings: Settings) -> bool:
    own = {each.casefold() for each in settings.own_users}
    return any(each and each.casefold() in own for each in who)


def key(subject: str, settings: Settings) -> Key:
    resource: Resource = "ticket" if settings.tickets == "ticket" else "activity"
    return Key(resource, subject)


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


def as_activity(event: Event, told: Ticket, place: Home, people: Sequence[Upsert], settings: Settings) -> Upsert:
    """Closed from the beginning: it tells what happened, and asks for nothing."""
    on = day(told.created or event.time, settings.time_zone)
    ours: dict[str, Value] = {"description": clip(name(told), DESCRIPTION), "notes": notes(told, settings)}
    made = common(on, people, settings) | {"closeDate": on}
    return Upsert(
        key=key(event.subject, settings), while_ours=ours, on_create=filled(made), placed={"client": place.place}
    )


def todo(event: Event, told: Ticket, place: Home, people: Sequence[Upsert], settings: Settings) -> tuple[Upsert, ...]:
    """Open while the ticket is urgent and not solved."""
    is_urgent = told.priority in URGENT[settings.todos]
    if is_urgent and told.is_open:
        made: dict[str, Value] = {
            "description": clip(f"{told.priority.capitalize()}: {name(told)}", DESCRIPTION),
            "notes": notes(told, settings),
            "priority": 3,
            **common(day(event.counts_as_of, settings.time_zone), people, settings),
        }
        return (
            Upsert(
                key=todo_key(event.subject),
                set={"closeDate": None},
                on_create=filled(made),
                placed={"client": place.place},
            ),
        )
    was_urgent = settings.todos != "none" and (is_urgent or event.type == "ticket.priority_changed")
    return (done(event, settings),) if was_urgent else ()


def done(event: Event, settings: Settings) -> Upsert:
    closed = {"closeDate": day(event.counts_as_of, settings.time_zone)}
    return Upsert(key=todo_key(event.subject), set=closed, create=False)


def todo_key(subject: str) -> Key:
    return Key("activity", f"urgent:{subject}")


def common(on: date, people: Sequence[Upsert], settings: Settings) -> dict[str, Value]:
    return {
        "users": (User(settings.owner),),
        "activityType": ActivityType("activity", settings.activity_type),
        "date": on,
        "contacts": tuple(each.key for each in people),
    }


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

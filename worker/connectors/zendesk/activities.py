"""Maps a ticket to a closed activity, and to a to-do while it is urgent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from worker.connectors.zendesk.settings import Settings
from worker.connectors.zendesk.tickets import Ticket
from worker.connectors.zendesk.words import name, notes
from worker.plan import ActivityType, Key, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import DESCRIPTION, Home, clip, day, filled

URGENT = {"none": frozenset[str](), "urgent": frozenset({"urgent"}), "high": frozenset({"high", "urgent"})}


def as_activity(event: Event, told: Ticket, place: Home, people: Sequence[Upsert], settings: Settings) -> Upsert:
    """Closed from the beginning: it tells what happened, and asks for nothing."""
    on = day(told.created or event.time, settings.time_zone)
    ours: dict[str, Value] = {"description": clip(name(told), DESCRIPTION), "notes": notes(told, settings)}
    made = common(on, people, settings) | {"closeDate": on}
    return Upsert(
        key=Key("activity", event.subject), while_ours=ours, on_create=filled(made), placed={"client": place.place}
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

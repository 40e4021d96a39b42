"""Reads one guest's meeting, whichever of Calendly's APIs tells of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from worker.sdk.mapping import email, person_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    title: str
    start: datetime
    end: datetime | None
    place: str
    hosts: Sequence[str]
    answers: Sequence[tuple[str, str]]
    remarks: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Who booked it, as they say themselves."""

    email: str | None
    first: str
    last: str
    phone: str | None


def meeting(invitee: Mapping[str, Any]) -> Meeting | None:
    """None where the webhook does not say when and with whom."""
    booked = invitee["scheduled_event"]
    if booked is None:
        return None
    return Meeting(
        title=booked["name"] or "",
        start=booked["start_time"],
        end=booked["end_time"],
        place=", ".join(said_of(booked["location"] or {})),
        hosts=mails(each["user_email"] for each in booked["event_memberships"] or ()),
        answers=answers(invitee),
        remarks=list(remarks(invitee["timezone"], invitee["tracking"])),
    )


def guest(invitee: Mapping[str, Any], location: Mapping[str, Any] | None = None) -> Guest:
    first, last = person_name(invitee["first_name"], invitee["last_name"], invitee["name"])
    # Of a call that the host makes, the location is the number to call.
    called = location["location"] if location and location["type"] == "outbound_call" else None
    return Guest(email=invitee["email"], first=first, last=last, phone=invitee["text_reminder_number"] or called)


def old_meeting(said: Mapping[str, Any]) -> Meeting:
    event, kind = said["event"], said["event_type"] or {}
    lasts = kind.get("duration")
    return Meeting(
        title=kind.get("name") or "",
        start=event["start_time"],
        end=event["end_time"] or (event["start_time"] + timedelta(minutes=lasts) if lasts else None),
        place=event["location"] or "",
        hosts=mails(each["email"] for each in event["extended_assigned_to"] or ()),
        answers=answers(said),
        remarks=list(remarks(said["invitee"]["timezone"], said["tracking"])),
    )


def mails(said: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(filter(None, map(email, said))))


def answers(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    given = said["questions_and_answers"] or ()
    return [(each["question"] or "", each["answer"]) for each in given if each["answer"]]


def remarks(timezone: str | None, tracking: Mapping[str, Any] | None) -> Iterator[str]:
    if timezone:
        yield f"Time zone: {timezone}"
    for name, value in (tracking or {}).items():
        if value:
            yield f"{name}: {value}"


def said_of(location: Mapping[str, Any]) -> Iterator[str]:
    """Where the meeting is; for a conference without a link yet, its kind."""
    places = [location.get(name) for name in ("location", "join_url")]
    yield from filter(None, (*places, location.get("additional_info")))
    if not any(places) and location.get("type"):
        yield location["type"].replace("_", " ")

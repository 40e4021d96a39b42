"""Reads one invitee's meeting, whichever of Calendly's APIs tells of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from worker.sdk.mapping import Person, answer_line, email, full_name, readable

PLACES: Mapping[str, str] = {
    "google_conference": "Google Meet",
    "zoom_conference": "Zoom",
    "zoom": "Zoom",
    "microsoft_teams_conference": "Microsoft Teams",
    "gotomeeting_conference": "GoTo Meeting",
    "gotomeeting": "GoTo Meeting",
    "webex_conference": "Webex",
}
"""Kinds of conferences, by the names that people know them by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """`remarks`: what is told besides questions and answers, each a line."""

    title: str
    start: datetime
    end: datetime | None
    place: str
    hosts: Sequence[str]
    answers: Sequence[tuple[str, str]]
    remarks: Sequence[str]

    def agenda(self, person: Person) -> str:
        # Two people may share an e-mail address: the contact has the name of one of them.
        who = ", ".join(filter(None, (full_name(person), person.email)))
        asked = [answer_line(question, answer) for question, answer in self.answers]
        return "\n".join([*([f"Booked by: {who}"] if who else []), *asked, *self.remarks])


def meeting(invitee: Mapping[str, Any]) -> Meeting | None:
    """None where the webhook does not say when and with whom."""
    booked = invitee["scheduled_event"]
    if booked is None:
        return None
    guests = mails(each["email"] for each in booked["event_guests"] or ())
    return Meeting(
        title=booked["name"] or "",
        start=booked["start_time"],
        end=booked["end_time"],
        place=", ".join(said_of(booked["location"] or {})),
        hosts=mails(each["user_email"] for each in booked["event_memberships"] or ()),
        answers=answers(invitee),
        remarks=[
            *([f"Guests: {', '.join(guests)}"] if guests else []),
            *payments([invitee["payment"]] if invitee["payment"] else []),
            *remarks(invitee["timezone"], invitee["tracking"]),
        ],
    )


def old_meeting(said: Mapping[str, Any]) -> Meeting:
    event, invitee, kind = said["event"], said["invitee"], said["event_type"] or {}
    lasts = kind.get("duration")
    return Meeting(
        title=kind.get("name") or "",
        start=event["start_time"],
        end=event["end_time"] or (event["start_time"] + timedelta(minutes=lasts) if lasts else None),
        place=readable(event["location"] or ""),
        hosts=mails(each["email"] for each in event["extended_assigned_to"] or ()),
        answers=answers(said),
        remarks=[*payments(invitee["payments"] or []), *remarks(invitee["timezone"], said["tracking"])],
    )


def mails(said: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(filter(None, map(email, said))))


def answers(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    given = said["questions_and_answers"] or ()
    return [(readable(each["question"] or ""), readable(each["answer"])) for each in given if each["answer"]]


def payments(said: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for each in said:
        if each["amount"] is not None:
            paid = f"{each['amount'].normalize():f} {each['currency'] or ''}".strip()
            how = f" ({each['provider']})" if each["provider"] else ""
            yield f"Payment: {paid}{how}{', failed' if each['successful'] is False else ''}"


def remarks(timezone: str | None, tracking: Mapping[str, Any] | None) -> Iterator[str]:
    if timezone:
        yield f"Time zone: {timezone}"
    for name, value in (tracking or {}).items():
        if value:
            yield f"{name}: {value}"


def said_of(location: Mapping[str, Any]) -> Iterator[str]:
    """Where the meeting is; for a conference without a link yet, its kind."""
    places = [readable(location.get(name) or "") for name in ("location", "join_url")]
    yield from filter(None, (*places, readable(location.get("additional_info") or "")))
    if not any(places) and (kind := location.get("type")):
        yield PLACES.get(kind) or kind.replace("_", " ").capitalize()

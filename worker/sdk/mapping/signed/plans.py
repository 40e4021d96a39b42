"""Plans what a document becomes once it is signed, and what where it never will be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

from worker.plan import ActivityType, IfKnown, Key, Plan, Upsert, Value
from worker.sdk.connector import Event
from worker.sdk.mapping.answers import full_name
from worker.sdk.mapping.days import day
from worker.sdk.mapping.files import attached
from worker.sdk.mapping.signed.document import Document, Participant
from worker.sdk.mapping.signed.orders import agreed, ended_on, lost, months, order_key, over, won
from worker.sdk.mapping.signed.parties import Parties, owner_of, parties
from worker.sdk.mapping.signed.settings import Signing
from worker.sdk.mapping.text import DESCRIPTION, block, clip
from worker.sdk.mapping.values import filled

SIGNED_PDF: Final = "signed_pdf"
"""What the reading of the signed file is called."""


def signed(event: Event, document: Document, settings: Signing) -> Plan:
    """The order is won, or an agreement made; the activity is closed: nothing is left to be done.

    What was read as `SIGNED_PDF` is attached to the order, else to the company.
    """
    who = parties(document, settings)
    sold = [each for each in (won(event, document, who, settings), agreed(event, document, who, settings)) if each]
    on = ended_on(event, document, settings)
    done = _activity(document, "signed", who, settings, {"date": on, "closeDate": on})
    pdf = attached(event, SIGNED_PDF, f"{document.title}.pdf", to=(*sold, who.home.upserts[0])[0], client=who.home)
    return (*who.upserts, *sold, done, *pdf)


def unsigned(event: Event, document: Document, settings: Signing, how: Literal["declined", "expired"]) -> Plan:
    """A to-do for whoever sent it."""
    who = parties(document, settings)
    todo = _activity(document, how, who, settings, {"date": ended_on(event, document, settings)})
    return (*who.upserts, *([lost(document, settings)] if settings.unsigned == "lost" else []), todo)


def ended(event: Event, document: Document, settings: Signing) -> Plan:
    """What recurs ends on that day; a to-do for whoever sent it says so: to renew it, or to let it go."""
    who = parties(document, settings)
    on = day(event.time, settings.time_zone)
    todo = _activity(document, "ended", who, settings, {"date": on})
    return (*who.upserts, *([over(document, on)] if months(document, settings) else []), todo)


def _activity(document: Document, how: str, who: Parties, settings: Signing, days: dict[str, Value]) -> Upsert:
    made: dict[str, Value] = {
        "description": clip(f"Document {how}: {document.title}", DESCRIPTION),
        "notes": block("\n".join(_lines(document, settings))),
        "users": (owner_of(document, settings),),
        "activityType": ActivityType("activity", settings.activity_type),
        "contacts": tuple(each.key for each in who.people[:1]),
        "opportunity": IfKnown(order_key(document)),
        **days,
    }
    return Upsert(
        key=Key("activity", f"{how}:{document.id}"), on_create=filled(made), placed={"client": who.home.place}
    )


def _lines(document: Document, settings: Signing) -> Iterator[str]:
    for each in document.participants:
        who = _named(each)
        if each.declined:
            yield f"Declined by {who}, {_moment(each.declined, settings)}{f': {each.reason}' if each.reason else ''}"
        elif each.signed:
            yield f"Signed by {who}, {_moment(each.signed, settings)}"
        else:
            yield f"With {who}"
    if document.value:
        yield f"Value: {document.value.normalize():f} {document.currency or ''}".strip()
    yield from document.told


def _named(each: Participant) -> str:
    person = each.person
    names: Sequence[str | None] = (full_name(person), person.company, person.email)
    return ", ".join(filter(None, names)) or "somebody who is not named"


def _moment(when: datetime, settings: Signing) -> str:
    return str(day(when, settings.time_zone))

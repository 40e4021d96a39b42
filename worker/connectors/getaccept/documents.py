"""Reads what a document of GetAccept's says: who it is with, and what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from worker.connectors.getaccept.settings import EXTERNAL_ID, Settings
from worker.sdk.connector import Event
from worker.sdk.event_time import instant
from worker.sdk.mapping import Person, email
from worker.sdk.mapping.signed import Document, Participant, others

Told = Mapping[str, Any]


def document_of(
    event: Event, settings: Settings, ended: str | None = None, who: Sequence[Told] | None = None
) -> Document:
    """As it was read; without a token as the webhook tells it. `who`: those whom the event is about, else all recipients."""
    said = told(event)
    sender = Person(email=said["sender_email"])
    recipients = (said["recipients"] or ()) if who is None else who
    return Document(
        id=said["id"],
        title=said["name"] or f"GetAccept {said['id']}",
        participants=others([_participant(each, event, said) for each in recipients], sender),
        order_id=order_of(event, settings),
        value=said["value"],
        currency=settings.currency if said["value"] else None,
        author=said["sender_email"],
        labels=[label for label in map(str.strip, (said["tags"] or "").split(",")) if label],
        ended=instant(ended),
        told=[f"GetAccept document {said['id']}"],
    )


def told(event: Event) -> Told:
    found: Told = event.read.get("document") or event.payload["document"]
    return found


def meant(event: Event) -> Told | None:
    """Whom the event is about: of a document that was read one of its recipients, as they were read, else whom the webhook names."""
    named: Told | None = event.payload["recipient"]
    if named is None or "document" not in event.read:
        return named
    return next((each for each in told(event)["recipients"] or () if _is(each, named)), None)


def _is(recipient: Told, named: Told) -> bool:
    if named["id"]:
        return bool(recipient["id"] == named["id"])
    return bool(named["email"]) and email(recipient["email"]) == email(named["email"])


def order_of(event: Event, settings: Settings) -> str | None:
    """Custom fields are told by the webhook alone."""
    if settings.order_field == EXTERNAL_ID:
        external: str | None = told(event)["external_id"]
        return external
    found = (event.payload["custom_fields"] or {}).get(settings.order_field or "")
    return str(found) if found else None


def person_of(recipient: Told) -> Person:
    return Person(
        email=recipient["email"],
        first_name=recipient["first_name"],
        last_name=recipient["last_name"],
        name=recipient["fullname"],
        cell_phone=recipient["mobile"],
        title=recipient["title"],
        company=recipient["company_name"],
        org_number=recipient["company_number"],
    )


def _participant(recipient: Told, event: Event, said: Told) -> Participant:
    refused = event.type == "document.rejected" and _is_meant(recipient, event)
    return Participant(
        person=person_of(recipient), signed=_signed(recipient, said), declined=event.time if refused else None
    )


def _signed(recipient: Told, said: Told) -> datetime | None:
    """By the moment of the signature; where none is told, but that they signed, the document's."""
    moments = [moment for each in recipient["signing_methods"] or () if (moment := instant(each["signed_at"]))]
    return max(moments, default=instant(said["sign_date"]) if recipient["status"] == "signed" else None)


def _is_meant(recipient: Told, event: Event) -> bool:
    named = event.payload["recipient"] or {}
    return bool(recipient["id"]) and recipient["id"] == named.get("id")

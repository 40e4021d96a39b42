"""Reads who is on the other side of a document, and which order it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worker.connectors.scrive.settings import PLACE, Settings
from worker.sdk.mapping import Person
from worker.sdk.mapping.signed import Participant, others

Party = Mapping[str, Any]


def author(document: Mapping[str, Any]) -> str | None:
    """The e-mail address of who sent it."""
    return next((_said(each, "email") for each in document["parties"] or () if each["is_author"]), None)


def participants(document: Mapping[str, Any]) -> Sequence[Participant]:
    """Those of the other side, who signs first."""
    told: Sequence[Party] = document["parties"] or ()
    sender = next((_person(each) for each in told if each["is_author"]), Person())
    ordered = sorted((each for each in told if not each["is_author"]), key=lambda each: not each["is_signatory"])
    return others([Participant(person=_person(each), **_did(each)) for each in ordered], sender)


def order_of(document: Mapping[str, Any], settings: Settings) -> str | None:
    """The Upsales id of the order: in a tag, else in the title."""
    tags = {(each["name"] or "").casefold(): each["value"] for each in document["tags"] or ()}
    tagged = tags.get(settings.order_tag.casefold()) if settings.order_tag else None
    if tagged or not settings.order_in_title:
        return tagged
    before, _, after = settings.order_in_title.partition(PLACE)
    found = re.search(rf"{re.escape(before)}(?<!\d)(\d+)(?!\d){re.escape(after)}", document["title"] or "")
    return found[1] if found else None


def filled_in(document: Mapping[str, Any]) -> Iterator[str]:
    """What the author asked the signatories for, and what they answered."""
    for each in document["parties"] or ():
        for field in each["fields_"] or ():
            if field["type"] == "text" and field["name"] and field["value"]:
                yield f"{field['name']}: {field['value']}"


def _person(party: Party) -> Person:
    """A personal number is not read."""
    names = sorted(
        (each for each in party["fields_"] or () if each["type"] == "name"), key=lambda each: each["order"] or 0
    )
    first, last = (" ".join(each["value"] or "" for each in some).strip() for some in (names[:1], names[1:]))
    return Person(
        email=_said(party, "email"),
        first_name=first,
        last_name=last,
        cell_phone=_said(party, "mobile"),
        company=_said(party, "company"),
        org_number=_said(party, "company_number"),
    )


def _did(party: Party) -> dict[str, Any]:
    return {"signed": party["sign_time"], "declined": party["rejected_time"], "reason": party["rejection_reason"]}


def _said(party: Party, kind: str) -> str | None:
    return next((each["value"] for each in party["fields_"] or () if each["type"] == kind and each["value"]), None)

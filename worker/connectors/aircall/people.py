"""Maps Aircall's phone book, and whoever is at the other end of a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from schemas.phone_numbers import e164
from worker.connectors.aircall.settings import Settings
from worker.plan import Ignored, Plan
from worker.sdk.connector import Event
from worker.sdk.mapping import Person, email
from worker.sdk.mapping.callers import Caller, caller, fields_of

MOST = 5
"""Addresses and numbers of one person that are looked for."""


def at_the_other_end(call: Mapping[str, Any], number: str | None, settings: Settings) -> Caller:
    said = call["contact"] or {}
    return caller(
        person(said),
        number,
        f"caller:{call['id']}",
        id=said.get("id"),
        mails=mails_of(said),
        owner=settings.owner,
        new_in=settings.fallback_company if settings.unknown_callers == "contact" else None,
    )


def in_phone_book(event: Event, settings: Settings) -> Plan | Ignored:
    """What Aircall knows fills what is empty. Who has neither an address nor a mobile number can't be told from others."""
    said = event.payload["data"]
    mails, number = mails_of(said), number_of(said, settings)
    if settings.contacts == "ignore":
        return Ignored("the phone book is left alone")
    if not (mails or number):
        return Ignored("contact without an e-mail address and a phone number")
    told = person(said)
    new_in = settings.fallback_company if settings.contacts == "make" else None
    found = caller(told, number, event.subject, id=said["id"], mails=mails, owner=settings.owner, new_in=new_in)
    *company, who = found.upserts
    filled = replace(who, if_empty=fields_of(told, number))
    return (*company, filled) if who.create else (filled,)


def number_of(said: Mapping[str, Any], settings: Settings) -> str | None:
    """The first one that can be called."""
    told = (e164(each["value"] or "", settings.phone_region) for each in said["phone_numbers"] or ())
    return next((number for number in told if number), None)


def person(said: Mapping[str, Any]) -> Person:
    return Person(
        email=next(iter(mails_of(said)), None),
        first_name=said.get("first_name"),
        last_name=said.get("last_name"),
        company=said.get("company_name"),
    )


def mails_of(said: Mapping[str, Any]) -> Sequence[str]:
    told = (email(each["value"]) for each in said.get("emails") or ())
    return tuple(dict.fromkeys(mail for mail in told if mail))[:MOST]

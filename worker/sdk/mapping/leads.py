"""Maps a lead or a filled-in form to a person, their company and an activity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from worker.plan import ActivityType, Ignored, Key, Plan, Ref, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping.answers import answer_line, full_name, person_of
from worker.sdk.mapping.companies import Home
from worker.sdk.mapping.days import day
from worker.sdk.mapping.lead_answers import Answer, name, said, shown
from worker.sdk.mapping.lead_settings import LeadSettings
from worker.sdk.mapping.people import Person, contacts_of_person, home_of_person
from worker.sdk.mapping.spam import spam
from worker.sdk.mapping.text import DESCRIPTION, block, clip
from worker.sdk.mapping.values import filled

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """`title`: what the activity is called: the form or the ad. `answers`: all of them, hidden fields last.

    `about`: lines before the answers: campaign, ad. `remarks`: lines after them: consent, score. `sources`: the ids and names of form,
    campaign and ad, the nearest first, as settings may call them.
    """

    title: str
    answers: Sequence[Answer]
    about: Sequence[tuple[str, str]] = ()
    remarks: Sequence[tuple[str, str]] = ()
    sources: Sequence[str] = ()


def lead_plan(lead: Lead, event: Event, settings: LeadSettings) -> Plan | Ignored:
    told = said(lead.answers, settings.fields)
    unwanted = spam(lead.answers, told, settings)
    if unwanted is not None:
        return unwanted
    person = _person(told)
    owner = _of(lead.sources, settings.owners) or settings.owner
    campaign = _of(lead.sources, settings.campaigns)
    home = company(person, told, owner, settings)
    who = contacts(person, told, event.subject, home, campaign, settings)
    when = day(event.time, settings.time_zone)
    activity = Upsert(
        key=Key("activity", event.subject),
        on_create=filled(
            {
                "description": clip(lead.title, DESCRIPTION),
                "notes": notes(lead, person, settings),
                "users": (User(owner),),
                "activityType": ActivityType("activity", settings.activity_type),
                "contacts": tuple(each.key for each in who),
                "project": Ref(campaign) if campaign else None,
                "date": when,
                "closeDate": when if settings.closed else None,
            }
        ),
        placed={"client": home.place},
    )
    return (*home.upserts, *who, activity)


def notes(lead: Lead, person: Person, settings: LeadSettings) -> str:
    """Two people may share an e-mail address: the contact has the name of one of them, the notes the other's."""
    filled_in_by = full_name(person)
    first = [("Filled in by", filled_in_by)] if filled_in_by else []
    lines = [*first, *lead.about, *shown(lead.answers, settings.fields), *lead.remarks]
    return block("\n".join(answer_line(question, answer) for question, answer in lines))


def company(person: Person, told: Mapping[str, str], owner: str, settings: LeadSettings) -> Home:
    """With the custom fields that the settings name. The fallback company gets none."""
    found = home_of_person(person, owner=owner, fallback=settings.fallback_company)
    if found.unknown:
        return found
    home, *rest = found.upserts
    return replace(found, upserts=(replace(home, set=_custom("account", told)), *rest))


def contacts(
    person: Person, told: Mapping[str, str], subject: str, home: Home, campaign: int | None, settings: LeadSettings
) -> Sequence[Upsert]:
    """It fills gaps, and never changes what a salesperson wrote."""
    found = contacts_of_person(person, subject, home, phone_region=settings.phone_region)
    more = filled({"linkedin": told.get("linkedin"), "projects": (Ref(campaign),) if campaign else ()})
    return [replace(each, set=_custom("contact", told), if_empty={**each.if_empty, **more}) for each in found]


def _person(told: Mapping[str, str]) -> Person:
    parts = {part: told.get(part) for part in ("street", "zipcode", "city", "country")}
    return replace(person_of(told), **parts)


def _custom(resource: str, told: Mapping[str, str]) -> dict[str, Value]:
    """The custom fields that the settings name, uncut: they are converted to the fields' types."""
    prefix = f"{resource}."
    return {f"custom.{what[len(prefix) :]}": block(text) for what, text in told.items() if what.startswith(prefix)}


def _of(sources: Sequence[str], chosen: Mapping[str, T]) -> T | None:
    by_name = {name(each): value for each, value in chosen.items()}
    return next((by_name[name(each)] for each in sources if name(each) in by_name), None)

"""Maps an application of somebody who is hired to the order of its job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from worker.connectors.teamtailor import jobs
from worker.connectors.teamtailor.settings import Settings
from worker.errors import Rejected
from worker.plan import ActivityType, ClientOf, Ignored, Key, Plan, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping import CONTACT_NAME, DESCRIPTION, at, block, clip, contact, day, email, filled, phone, stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """`moved`: into its stage. `about`: the job's attributes, `person`: who applied, where that is read."""

    job: str | None
    title: str | None
    stage: str | None
    moved: datetime | None
    rejected: bool
    about: Mapping[str, Any]
    person: Mapping[str, Any] | None


def hire(event: Event, settings: Settings) -> Plan | Ignored:
    """Nothing is written of anybody who is rejected: so nothing of it can be seen before Teamtailor says that it may."""
    if event.type.startswith("v1:") and "application" not in event.read:
        raise Rejected(jobs.UNPROVED)
    told = application(event)
    if told.rejected:
        return Ignored("rejections are not written")
    if (told.stage or "").casefold() not in {each.casefold() for each in settings.hired_stages}:
        return Ignored("nobody was hired")
    if told.job is None:
        return Ignored("the application names no job")
    return planned(told, told.job, event, settings) if jobs.findable(settings) else jobs.NOWHERE


def planned(told: Application, job: str, event: Event, settings: Settings) -> Plan:
    on = day(told.moved or event.counts_as_of, settings.time_zone)
    stage_of = {"stage": stage(settings.order_stage)} if settings.order_stage else {}
    # Final: a job that is filled is archived next, and that must not lose an order that was won.
    order = replace(jobs.order(job, {**stage_of, **jobs.hired_on(on, settings)}, settings), final=True)
    people = somebody(told.person, order.key, settings) if told.person and settings.candidates == "contact" else ()
    about: dict[str, Value] = {
        "description": clip(f"Hired: {told.title or f'job {job}'}", DESCRIPTION),
        "notes": block(
            f"Stage at Teamtailor: {told.stage}\nJob: {told.title or '?'} ({job})\nApplication: {event_number(event)}"
        ),
        "users": (User(settings.owner),),
        "activityType": ActivityType("activity", settings.activity_type),
        "date": on,
        "closeDate": on if settings.closed else None,
        "client": ClientOf(order.key),
        "opportunity": order.key,
        "contacts": tuple(each.key for each in people),
    }
    done = Upsert(key=Key("activity", f"hired:{event_number(event)}"), on_create=filled(about), only_with=order.key)
    orders = jobs.made(order, job, told.about, event, settings) or (order,)
    return (*orders, *people, done)


def application(event: Event) -> Application:
    """As it was read, else as the webhook tells it."""
    told = event.payload["payload"]["data"]["attributes"] or {}
    read = event.read.get("application")
    if read is None:
        return Application(
            job=told.get("job_id"),
            title=told.get("job_title"),
            stage=told.get("stage_name"),
            moved=told.get("last_moved_at"),
            rejected=told.get("rejected_at") is not None,
            about={},
            person=None,
        )
    beside = {each["type"]: each for each in read["included"] or ()}
    # The first version of the signature proves no more than the id.
    also = {} if event.type.startswith("v1:") else told
    return Application(
        job=at(read, "data.relationships.job.data.id") or also.get("job_id"),
        title=also.get("job_title") or at(beside, "jobs.attributes.title"),
        stage=at(beside, "stages.attributes.name") or also.get("stage_name"),
        moved=also.get("last_moved_at"),
        rejected=at(read, "data.attributes.rejected_at") is not None,
        about=at(beside, "jobs.attributes") or {},
        person=beside.get("candidates"),
    )


def somebody(person: Mapping[str, Any], order: Key, settings: Settings) -> Plan:
    """Who was hired, at the company of the order. A contact who exists stays where people placed them. None for somebody without a name."""
    told = person["attributes"] or {}
    known = filled(
        {
            "firstName": clip(told.get("first_name") or "", CONTACT_NAME),
            "lastName": clip(told.get("last_name") or "", CONTACT_NAME),
            "email": email(told.get("email")),
            "phone": phone(told.get("phone"), settings.phone_region),
        }
    )
    if not known.keys() & {"firstName", "lastName", "email"}:
        return ()
    found = contact(f"candidate:{person['id']}", known, None, ambiguous="as_upsales")
    return (replace(found, on_create={"client": ClientOf(order)}, only_with=order, create=True),)


def event_number(event: Event) -> str:
    return event.subject.partition(":")[2]

"""Describes to-dos, appointments, logged calls and campaigns."""

from __future__ import annotations

from web.sandbox import rules
from web.sandbox.entities.entity import READ, Entity
from web.sandbox.fields import (
    CUSTOM,
    Kind,
    choice,
    date,
    flag,
    integer,
    number,
    ref,
    refs,
    text,
)

_TASK = {
    "description": text(100),
    "users": refs("users", required=True),
    "client": ref("accounts"),
    "contacts": refs("contacts", most=1),
    "project": ref("projects"),
    "opportunity": ref("orders"),
    "notes": text(),
    "custom": CUSTOM,
}

TASKS: tuple[Entity, ...] = (
    Entity(
        "activities",
        {
            **_TASK,
            "description": text(100, required=True),
            "activityType": ref("activitytypes/activity", required=True),
            "date": date(Kind.DAY),
            "time": text(),
            "priority": integer(0),
            "closeDate": date(Kind.CLOSING),
            "isAppointment": flag(0),
        },
        nested=("id", "description"),
        custom="activity",
        other_names={"activityTypeId": "activityType", "userId": "users"},
        rules=(rules.client_for_phone_calls, rules.contacts_of_client),
        needs_active_client=True,
    ),
    Entity(
        "appointments",
        {
            **_TASK,
            "activityType": ref("activitytypes/appointment", required=True),
            "date": date(Kind.INSTANT, required=True),
            "endDate": date(Kind.INSTANT),
            "location": text(2048),
            "agenda": text(),
            "outcome": choice("planned", "completed", "notCompleted", default="planned"),
            "isAppointment": flag(1),
            "private": flag(0),
            "externalCalendarId": text(ours=True),
            "seriesMasterId": text(ours=True),
        },
        nested=("id", "description"),
        custom="appointment",
        rules=(rules.contacts_of_client,),
        needs_active_client=True,
    ),
    Entity(
        "phonecall",
        {
            "user": ref("users", required=True),
            "contact": ref("contacts", required=True),
            "client": ref("accounts", required=True),
            "date": date(Kind.INSTANT),
            "phoneNumber": text(45),
            "durationInS": integer(),
            "type": text(45),
            "conversationUrl": text(512),
            "status": integer(),
            "externalId": text(512),
        },
        nested=("id",),
        rules=(rules.dated,),
        listed="total",
    ),
    Entity(
        "projects",
        {
            "name": text(required=True),
            "startDate": date(Kind.MIDNIGHT),
            "endDate": date(Kind.MIDNIGHT),
            "active": flag(1),
            "users": refs("users"),
            "notes": text(),
            "quota": number(0),
            "isCallList": flag(0),
            "custom": CUSTOM,
        },
        custom="project",
    ),
    Entity("activitytypes/activity", {"name": text(), "kind": text(), "active": flag(1)}, methods=READ, indexed=False),
    Entity("activitytypes/appointment", {"name": text(), "active": flag(1)}, methods=READ, indexed=False),
)

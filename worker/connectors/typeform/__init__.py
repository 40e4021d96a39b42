"""Maps Typeform: a person becomes a contact of a company, the answers an activity."""

from __future__ import annotations

from schemas import typeform
from worker.connectors.typeform.answers import chosen_target, end, given, said, title
from worker.connectors.typeform.people import company, contact
from worker.connectors.typeform.settings import Settings
from worker.connectors.typeform.source import FORM, SOURCE
from worker.plan import ActivityType, Key, Plan, Upsert, User
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import (
    DESCRIPTION,
    answer_line,
    block,
    clip,
    constant,
    day,
    field,
    filled,
    full_name,
    joined,
    person_of,
)
from worker.sdk.signatures import senders


def submission(event: Event, settings: Settings) -> Plan:
    response = event.payload["form_response"]
    if response["definition"] is None:
        response = {**response, "definition": event.read.get("form")}
    answers = given(response)
    told = said(answers, settings.fields)
    person = person_of(told)
    home = company(person, told, settings)
    who = contact(person, told, home, response["token"], settings)
    shown = [(each.question, each.value) for each in answers if chosen_target(each, settings.fields) != "skip"]
    # Two people may share an e-mail address: the contact has the name of one of them.
    name = full_name(person)
    lines = [*([("Filled in by", name)] if name else []), *shown, *end(response)]
    when = day(event.time, settings.time_zone)
    activity = Upsert(
        key=Key("activity", event.subject),
        on_create=filled(
            {
                "description": clip(f"Form filled in: {title(response)}", DESCRIPTION),
                "notes": block("\n".join(answer_line(question, answer) for question, answer in lines)),
                "users": (User(settings.owner),),
                "activityType": ActivityType("activity", settings.activity_type),
                "contacts": tuple(each.key for each in who),
                "date": when,
                "closeDate": when if settings.closed else None,
            }
        ),
        placed={"client": home.place},
    )
    return (*home.upserts, *who, activity)


connector = Connector(
    name="typeform",
    title="Typeform",
    signature=senders.TYPEFORM,
    # The token is the id of the submission, in webhooks as in the Responses API, however often it is sent:
    # https://www.typeform.com/developers/webhooks/example-payload/
    event_id=joined(":", field("event_type"), field("form_response.token")),
    event_type=field("event_type"),
    handles={
        "form_response": Handles(
            typeform.Submission,
            submission,
            subject=joined(":", constant("response"), field("form_response.token")),
            time=field("form_response.submitted_at"),
            fetch=FORM,
        )
    },
    # Who has not sent the form has not asked for anything yet.
    ignores=frozenset({"form_response_partial"}),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "activity": frozenset({"create"}),
    },
    settings=Settings,
    source=SOURCE,
    sample_headers={"User-Agent": "Typeform Webhooks"},
)

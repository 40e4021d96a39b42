"""Maps Typeform: a person becomes a contact of a company, the answers an activity."""

from __future__ import annotations

from schemas import typeform
from worker.connectors.typeform.answers import answers, hidden, plain, target, told
from worker.connectors.typeform.people import account, contact
from worker.connectors.typeform.settings import Settings
from worker.plan import ActivityType, Key, Plan, Upsert, User
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import DESCRIPTION, block, clip, constant, day, field, filled, joined
from worker.sdk.signatures import senders


def submission(event: Event, settings: Settings) -> Plan:
    response = event.payload["form_response"]
    given = [*answers(response), *hidden(response)]
    said = told(given, settings.fields)
    home = account(said, settings)
    person = contact(said, home.key, response["token"], settings)
    title = plain((response["definition"] or {}).get("title") or "") or response["form_id"]
    shown = [f"{each.question}\n{each.value}" for each in given if target(each, settings.fields) != "skip"]
    score = (response["calculated"] or {}).get("score")
    activity = Upsert(
        key=Key("activity", event.subject),
        on_create=filled(
            {
                "description": clip(f"Form filled in: {title}", DESCRIPTION),
                "notes": block("\n\n".join([*shown, f"Score\n{score.normalize():f}"] if score is not None else shown)),
                "users": (User(settings.owner),),
                "activityType": ActivityType("activity", settings.activity_type),
                "client": home.key,
                "contacts": (person.key,) if person else (),
                "date": day(event.time, settings.time_zone),
                "closeDate": day(event.time, settings.time_zone) if settings.closed else None,
            }
        ),
    )
    return (home, person, activity) if person else (home, activity)


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
    sample_headers={"User-Agent": "Typeform Webhooks"},
)

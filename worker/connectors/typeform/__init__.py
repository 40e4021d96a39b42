"""Maps Typeform: a person becomes a contact of a company, the answers an activity."""

from __future__ import annotations

from schemas import typeform
from worker.connectors.typeform.answers import end, given, title
from worker.connectors.typeform.settings import Settings
from worker.connectors.typeform.source import FORM, SOURCE
from worker.plan import Ignored, Plan
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import Lead, constant, field, joined, lead_plan
from worker.sdk.signatures import senders


def submission(event: Event, settings: Settings) -> Plan | Ignored:
    response = event.payload["form_response"]
    if response["definition"] is None:
        response = {**response, "definition": event.read.get("form")}
    form = title(response)
    lead = Lead(
        title=f"Form filled in: {form}",
        answers=given(response),
        remarks=tuple(end(response)),
        sources=(response["form_id"], form),
    )
    return lead_plan(lead, event, settings)


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

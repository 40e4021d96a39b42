"""Maps submissions of Jotform."""

from __future__ import annotations

from schemas import jotform
from worker.connectors.jotform.answers import posted, read
from worker.connectors.jotform.settings import Settings
from worker.connectors.jotform.source import SOURCE, SUBMISSION
from worker.plan import Ignored, Plan
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import constant, field, first_of, joined
from worker.sdk.mapping.extract import called
from worker.sdk.mapping.forms import WRITES, Form, form_plan
from worker.sdk.signatures import UrlToken

ID = joined(":", constant("submission"), field("submissionID"))


def submitted(event: Event, settings: Settings) -> Plan | Ignored:
    """What the API answers counts. Without a token there is only what was posted."""
    told, found = event.payload, event.read.get("submission")
    number = (found or {}).get("form_id") or told["formID"]
    title = told["formTitle"] if number == told["formID"] else None
    form = Form(
        id=number,
        name=title or settings.form_names.get(number) or f"form {number}",
        answers=tuple(
            read(found["answers"] or {}) if found else posted(told["rawRequest"] or {}, told["pretty"] or "")
        ),
    )
    return form_plan(form, event, settings)


connector = Connector(
    name="jotform",
    title="Jotform",
    signature=UrlToken(),
    event_id=ID,
    event_type=called("form_submitted", joined(":", field("formID"), field("submissionID"))),
    handles={
        "form_submitted": Handles(
            jotform.Posted,
            submitted,
            subject=ID,
            # A webhook tells no time; a list does.
            time=first_of(field("at"), constant("")),
            fetch=SUBMISSION,
        )
    },
    writes=WRITES,
    settings=Settings,
    body="multipart",
    json_fields=("rawRequest",),
    accepted_status=200,
    sample_headers={"Content-Type": "multipart/form-data; boundary=relay-case"},
    source=SOURCE,
)

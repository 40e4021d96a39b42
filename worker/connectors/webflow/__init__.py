"""Maps forms of Webflow sites."""

from __future__ import annotations

from schemas import webflow
from worker.connectors.webflow.settings import Settings
from worker.connectors.webflow.source import SOURCE
from worker.plan import Ignored, Plan
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import Answer, constant, field, joined
from worker.sdk.mapping.forms import WRITES, Form, form_plan, written
from worker.sdk.signatures import senders


def submitted(event: Event, settings: Settings) -> Plan | Ignored:
    filled = event.payload["payload"]
    number = filled["formElementId"] or filled["formId"] or ""
    form = Form(
        id=number,
        name=filled["name"] or f"form {number}",
        answers=tuple(Answer(label, written(value)) for label, value in (filled["data"] or {}).items()),
    )
    return form_plan(form, event, settings)


connector = Connector(
    name="webflow",
    title="Webflow",
    signature=senders.WEBFLOW,
    # The submission's own id, in webhooks as in the API.
    event_id=joined(":", constant("submission"), field("payload.id")),
    event_type=field("triggerType"),
    explains=constant(
        "the request has no triggerType with a payload: it comes of a webhook of Webflow's old API; make one by version 2"
    ),
    handles={
        "form_submission": Handles(
            webflow.Submission,
            submitted,
            subject=joined(":", constant("submission"), field("payload.id")),
            time=field("payload.submittedAt"),
        )
    },
    ignores=frozenset(
        {"site_publish", "page_*", "collection_item_*", "ecomm_*", "user_account_*", "memberships_*", "comment_*"}
    ),
    writes=WRITES,
    settings=Settings,
    # https://developers.webflow.com/data/docs/working-with-webhooks
    accepted_status=200,
    source=SOURCE,
)

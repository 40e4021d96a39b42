"""Maps forms of Contact Form 7, as the plugin CF7 to Webhook posts them."""

from __future__ import annotations

from schemas import contact_form_7
from worker.plan import Ignored, Plan
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import Answer, constant, field, joined
from worker.sdk.mapping.extract import called, digest_of_payload, minute_of_receipt
from worker.sdk.mapping.forms import WRITES, Form, FormSettings, form_plan, written
from worker.sdk.signatures import AnyOf, StaticHeader, UrlToken

FORM = field("form_name")
OF_MAIL = "_"
"""What special mail tags begin with: https://contactform7.com/special-mail-tags/."""
OWN_MINUTE = joined(" ", field("_date"), field("_time"))
SUBMISSION = joined(":", FORM, digest_of_payload(minute_of_receipt(unless=OWN_MINUTE)))


def submitted(event: Event, settings: FormSettings) -> Plan | Ignored:
    payload = event.payload
    said = {tag: value for tag, value in (payload["answers"] or {}).items() if not tag.startswith(OF_MAIL)}
    form = Form(
        id=payload["form_name"],
        name=payload["form_name"],
        answers=tuple(Answer(question(tag), written(value), names=frozenset({tag})) for tag, value in said.items()),
        page=payload["url"],
    )
    return form_plan(form, event, settings)


def question(tag: str) -> str:
    """Tags have names such as `your-name`: those of the form that the plugin begins with ask for you."""
    return tag.replace("-", " ").replace("_", " ").strip().capitalize()


connector = Connector(
    name="contact_form_7",
    title="Contact Form 7",
    signature=AnyOf((UrlToken(), StaticHeader("Authorization", prefix="Bearer "))),
    event_id=SUBMISSION,
    event_type=called("form_submitted", FORM),
    explains=constant('the request has no form_name: add [hidden form_name "…"] to the form'),
    handles={
        "form_submitted": Handles(
            contact_form_7.Submission,
            submitted,
            subject=joined(":", constant("submission"), SUBMISSION),
            time=constant(""),
        )
    },
    writes=WRITES,
    settings=FormSettings,
    # Any answer that the plugin does not expect is shown to whoever filled in the form.
    accepted_status=200,
    sample_headers={"User-Agent": "WordPress/6.8"},
    secret_headers=("authorization",),
)

"""Maps forms of Elementor Pro, a builder of WordPress pages."""

from __future__ import annotations

from schemas import elementor
from worker.connectors.elementor.answers import form_of
from worker.plan import Ignored, Plan
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import constant, field, first_of, joined
from worker.sdk.mapping.extract import called, digest_of_payload, minute_of_receipt
from worker.sdk.mapping.forms import WRITES, FormSettings, form_plan
from worker.sdk.signatures import AnyOf, StaticHeader, UrlToken

FORM = first_of(field("form.id"), field("form_id"))
OWN_MINUTE = joined(
    " ", first_of(field("meta.date.value"), field("Date")), first_of(field("meta.time.value"), field("Time"))
)
SUBMISSION = joined(":", FORM, digest_of_payload(minute_of_receipt(unless=OWN_MINUTE)))


def submitted(event: Event, settings: FormSettings) -> Plan | Ignored:
    return form_plan(form_of(event.payload), event, settings)


connector = Connector(
    name="elementor",
    title="Elementor",
    # It signs nothing. A header can be added by a filter of WordPress: `elementor_pro/forms/webhooks/request_args`.
    signature=AnyOf((UrlToken(), StaticHeader("Authorization", prefix="Bearer "))),
    event_id=SUBMISSION,
    event_type=called("form_submitted", FORM),
    handles={
        "form_submitted": Handles(
            elementor.Submission,
            submitted,
            subject=joined(":", constant("submission"), SUBMISSION),
            # It tells day and time in the words of the site's language.
            time=constant(""),
        )
    },
    writes=WRITES,
    settings=FormSettings,
    body="form",
    bracketed=("form", "fields", "meta"),
    # Any other answer, and whoever filled in the form is told that it failed.
    accepted_status=200,
    sample_headers={"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "WordPress/6.8"},
    secret_headers=("authorization",),
)

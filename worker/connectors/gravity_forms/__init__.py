"""Maps entries of Gravity Forms, a form builder for WordPress."""

from __future__ import annotations

from schemas import gravity_forms
from worker.connectors.gravity_forms.answers import answers
from worker.connectors.gravity_forms.settings import Settings
from worker.connectors.gravity_forms.source import FORM, SOURCE
from worker.plan import Ignored, Plan
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import constant, field, joined
from worker.sdk.mapping.extract import called
from worker.sdk.mapping.forms import WRITES, Form, form_plan
from worker.sdk.signatures import AnyOf, StaticHeader, UrlToken

UNWANTED = frozenset({"spam", "trash"})
ENTRY = joined(":", constant("entry"), field("form_id"), field("id"))


def submitted(event: Event, settings: Settings) -> Plan | Ignored:
    entry, definition = event.payload, event.read.get("form") or {}
    if entry["status"] in UNWANTED:
        return Ignored("spam or trash at Gravity Forms")
    number = entry["form_id"]
    form = Form(
        id=number,
        name=definition.get("title") or entry["form_title"] or settings.form_names.get(number) or f"form {number}",
        answers=tuple(answers(entry["answers"] or {}, definition, settings)),
        page=entry["source_url"],
    )
    return form_plan(form, event, settings)


connector = Connector(
    name="gravity_forms",
    title="Gravity Forms",
    # A feed signs nothing, and sends the headers that it is told to.
    signature=AnyOf((StaticHeader("Authorization", prefix="Bearer "), UrlToken())),
    event_id=ENTRY,
    event_type=called("form_submitted", ENTRY),
    explains=constant(
        "the request names no entry: choose All Fields in the feed, or add the fields id (Entry ID) and form_id (Form ID)"
    ),
    handles={
        "form_submitted": Handles(
            gravity_forms.Entry,
            submitted,
            subject=ENTRY,
            # In UTC, without saying so: https://docs.gravityforms.com/entry-object
            time=field("date_created"),
            fetch=FORM,
        )
    },
    writes=WRITES,
    settings=Settings,
    sample_headers={"User-Agent": "WordPress/6.8"},
    source=SOURCE,
    secret_headers=("authorization",),
)

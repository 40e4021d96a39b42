"""Reads a lead of Facebook or Instagram: its answers, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.connectors.meta_lead_ads.consent import consents
from worker.connectors.meta_lead_ads.errors import NEVER
from worker.connectors.meta_lead_ads.settings import Settings
from worker.plan import Ignored, Plan
from worker.sdk.connector import Event
from worker.sdk.mapping import Lead, lead_plan, readable
from worker.sdk.mapping.lead_fields import Asked, lead_answers, words

PLATFORMS: Mapping[str, str] = {"fb": "Facebook", "ig": "Instagram"}
PLACES: Mapping[str, str] = {"Campaign": "campaign", "Ad set": "adset", "Ad": "ad"}


def lead(event: Event, settings: Settings) -> Plan | Ignored:
    told = event.read.get("lead")
    if told is None:
        return Ignored(NEVER)
    form = event.read.get("form") or {}
    webhook = event.payload["entry"]["changes"]["value"]
    form_id = told["form_id"] or webhook["form_id"]
    name = form.get("name")
    found = Lead(
        title=f"Meta lead: {name or (f'form {form_id}' if form_id else 'no form named')}",
        answers=tuple(lead_answers(list(asked(told, form)))),
        about=tuple(about(told, name or form_id)),
        remarks=tuple(consents(told["custom_disclaimer_responses"], event.read.get("consent"))),
        sources=tuple(filter(None, (form_id, name, *sources(told, webhook)))),
    )
    return lead_plan(found, event, settings)


def asked(told: Mapping[str, Any], form: Mapping[str, Any]) -> Iterator[Asked]:
    """A question as the form shows it, else by its key."""
    questions = {each["key"]: each for each in form.get("questions") or () if each["key"]}
    for each in told["field_data"] or ():
        key = each["name"]
        question = questions.get(key) or {}
        value = ", ".join(readable(text) for text in each["values"] or () if text)
        label = question.get("label")
        yield Asked(question.get("type") or key, readable(label or words(key)), value, frozenset({key}))


def about(told: Mapping[str, Any], form: str | None) -> Iterator[tuple[str, str]]:
    if form:
        yield "Form", form
    for label, place in PLACES.items():
        if shown := told[f"{place}_name"] or told[f"{place}_id"]:
            yield label, shown
    if platform := told["platform"]:
        yield "Platform", PLATFORMS.get(platform.lower(), platform)
    if told["is_organic"]:
        yield "Organic", "Yes"


def sources(told: Mapping[str, Any], webhook: Mapping[str, Any]) -> Iterator[str | None]:
    """The nearest first."""
    for place in ("ad", "adset", "campaign"):
        yield told[f"{place}_id"]
        yield told[f"{place}_name"]
    yield webhook["ad_id"]

"""Reads the lead of a lead form: its answers, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker.connectors.google_ads.settings import Settings
from worker.plan import Ignored, Plan
from worker.sdk.connector import Event
from worker.sdk.mapping import Answer, Lead, lead_plan
from worker.sdk.mapping.lead_fields import Asked, lead_answers, words

PLACES: Mapping[str, str] = {
    "form_id": "Form",
    "campaign_id": "Campaign",
    "adgroup_id": "Ad group",
    "asset_group_id": "Asset group",
    "creative_id": "Ad",
}


def lead(event: Event, settings: Settings) -> Plan | Ignored:
    told = event.payload
    ids = {label: told[place] for place, label in PLACES.items() if told[place]}
    names = {label: settings.names.get(number, number) for label, number in ids.items()}
    found = Lead(
        title=title(ids, names),
        answers=tuple(answers(told)),
        about=tuple(names.items()),
        remarks=(("Lead stage", told["lead_stage"]),) if told["lead_stage"] else (),
        sources=(*ids.values(), *names.values()),
    )
    return lead_plan(found, event, settings)


def title(ids: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Called by what people have given a name to, the form first."""
    named = next((name for label, name in names.items() if name != ids[label]), None)
    form = f"form {ids['Form']}" if "Form" in ids else None
    return f"Google Ads lead: {named or form or 'no form named'}"


def answers(told: Mapping[str, Any]) -> Iterator[Answer]:
    asked = []
    for each in told["user_column_data"] or ():
        column = each["column_id"] or ""
        question = each["column_name"] or words(column)
        asked.append(Asked(column, question, each["string_value"] or "", frozenset({column})))
    yield from lead_answers(asked)
    if told["gcl_id"]:
        yield Answer("gcl_id", told["gcl_id"], "hidden")

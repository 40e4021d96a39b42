"""Reads the lead of a lead form: its answers, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worker.connectors.google_ads.settings import Settings
from worker.plan import Ignored, Plan
from worker.sdk.connector import Event
from worker.sdk.mapping import Answer, Lead, lead_plan

COLUMNS: Mapping[str, str] = {
    "FULL_NAME": "name",
    "FIRST_NAME": "first_name",
    "LAST_NAME": "last_name",
    "EMAIL": "email",
    "WORK_EMAIL": "email",
    "PHONE_NUMBER": "phone",
    "WORK_PHONE": "phone",
    "COMPANY_NAME": "company",
    "JOB_TITLE": "title",
    "CITY": "city",
    "POSTAL_CODE": "zipcode",
    "COUNTRY": "country",
}
"""Columns that say what they are. Those of questions of the advertiser's own are called otherwise."""
AT_WORK: Mapping[str, str] = {"EMAIL": "WORK_EMAIL", "PHONE_NUMBER": "WORK_PHONE"}
"""What counts no more where the other one is told, too."""

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
    columns: Sequence[Mapping[str, Any]] = told["user_column_data"] or ()
    known = {each["column_id"] for each in columns if each["string_value"]}
    for each in columns:
        column, value = each["column_id"] or "", each["string_value"]
        if not value:
            continue
        surer = AT_WORK.get(column) in known
        typed = None if surer else COLUMNS.get(column)
        question = each["column_name"] or column.replace("_", " ").capitalize()
        yield Answer(question, value, "other" if surer else "short", frozenset({column}), typed)
    if told["gcl_id"]:
        yield Answer("gcl_id", told["gcl_id"], "hidden")

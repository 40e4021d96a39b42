"""Defines the settings of a Typeform connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from marshmallow import validate

from worker.sdk.mapping.days import time_zone
from worker.sdk.mapping.question_words import Asked
from worker.sdk.settings import setting

TARGETS: tuple[str, ...] = get_args(Asked)
"""What an answer can say about the person or the company."""

HOSTS = ("api.typeform.com", "api.eu.typeform.com", "api.typeform.eu")

TARGET = rf"{'|'.join(TARGETS)}|skip|(contact|account)\.[A-Za-z0-9_]+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str = setting(
        doc="e-mail address of the Upsales user who owns new companies and follows up", validate=validate.Email()
    )
    fields: Mapping[str, str] = setting(
        {},
        doc="which question (its reference, id or title) or hidden field says what: "
        f"{', '.join(TARGETS)}, `contact.<ALIAS>` or `account.<ALIAS>` for a custom field, `skip` to leave it out",
        custom_fields="in values",
        validate=validate.Regexp(
            TARGET, error=f"Must be one of {', '.join(TARGETS)}, skip, contact.<ALIAS>, account.<ALIAS>."
        ),
    )
    fallback_company: str = setting(
        "Web forms", doc="name of the company that takes people who name none and write from a private address"
    )
    activity_type: str | None = setting(None, doc="name of the activity type; without it the first one")
    closed: bool = setting(False, doc="whether the activity is closed at once, or open for the owner to follow up")
    time_zone: str = time_zone()
    form: str | None = setting(
        None,
        doc="id of the form whose responses are listed, to catch up and to backfill",
        validate=validate.Regexp(r"[A-Za-z0-9_-]+\Z", error="Must be the id of a form, as in its URL."),
    )
    api_host: str = setting(
        "api.typeform.com",
        doc="host of Typeform's API; another one for accounts in the European data centre",
        validate=validate.OneOf(HOSTS),
    )
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")

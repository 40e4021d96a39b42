"""Defines the settings of a Typeform connection."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import validate

from worker.sdk.mapping import LeadSettings
from worker.sdk.settings import setting

HOSTS = ("api.typeform.com", "api.eu.typeform.com", "api.typeform.eu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(LeadSettings):
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

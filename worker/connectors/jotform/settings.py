"""Defines the settings of a Jotform connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from marshmallow import validate

from worker.sdk.mapping.days import known_zone
from worker.sdk.mapping.forms import FormSettings
from worker.sdk.settings import setting

HOSTS = ("api.jotform.com", "eu-api.jotform.com", "hipaa-api.jotform.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(FormSettings):
    form: str | None = setting(
        None,
        doc="id of the form whose submissions are listed, to catch up and to backfill",
        validate=validate.Regexp(r"[0-9]+\Z", error="Must be the id of a form, as in its URL."),
    )
    form_names: Mapping[str, str] = setting(
        {}, doc="what forms are called, by their ids: lists of submissions don't tell it"
    )
    api_time_zone: str = setting(
        "America/New_York",
        doc="time zone in which Jotform's API writes times, for what no webhook told: Jotform's own, or that of the account",
        validate=known_zone,
    )
    api_host: str = setting(
        "api.jotform.com",
        doc="host of Jotform's API; another one for accounts in the European data centre or under HIPAA",
        validate=validate.OneOf(HOSTS),
    )

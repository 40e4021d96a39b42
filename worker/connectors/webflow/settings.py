"""Defines the settings of a Webflow connection."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import validate

from worker.sdk.mapping.forms import FormSettings
from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(FormSettings):
    site: str | None = setting(
        None,
        doc="id of the site whose submissions a backfill brings",
        validate=validate.Regexp(r"[0-9a-f]{24}\Z", error="Must be the id of a site: 24 digits and letters a to f."),
    )

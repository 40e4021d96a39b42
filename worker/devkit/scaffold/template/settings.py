"""What can be set for a connection of Exemplar."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import validate

from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str = setting(
        doc="e-mail address of the Upsales user who owns new companies and follows up", validate=validate.Email()
    )
    fallback_company: str = setting(
        "Exemplar customers", doc="name of the company that takes what names no company of its own"
    )
    activity_type: str | None = setting(None, doc="name of the activity type; without it the first one")
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")

"""Defines the settings of an Aircall connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from marshmallow import validate

from worker.sdk.mapping.days import time_zone
from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str = setting(
        doc="e-mail address of the Upsales user whose calls are those of nobody else, and who owns new companies",
        validate=validate.Email(),
    )
    unknown_callers: Literal["to_do", "contact", "skip"] = setting(
        "to_do", doc="what a call with a number that nobody has becomes: a to-do, a new contact, or nothing"
    )
    missed_calls: Literal["to_do", "log"] = setting(
        "to_do", doc="whether a missed call is also a to-do for its user, or logged alone"
    )
    contacts: Literal["ignore", "fill", "make"] = setting(
        "fill", doc="what Aircall's phone book does to contacts: nothing, fill what is empty, or make new ones, too"
    )
    duration: Literal["talked", "whole"] = setting(
        "talked", doc="how long a call took: since it was answered, or with the ringing before that"
    )
    fallback_company: str = setting("Aircall", doc="name of the company that takes new contacts who have none")
    activity_type: str | None = setting(None, doc="name of the activity type of to-dos; without it the first one")
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")
    time_zone: str = time_zone()

"""Defines the settings of a connection that speaks our own format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from marshmallow import validate

from worker.sdk.mapping.days import time_zone
from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str | None = setting(
        None,
        doc="e-mail address of the Upsales user for records whose event names none",
        validate=validate.Email(),
    )
    fallback_product: str | None = setting(
        None,
        doc="article number of the product that stands in for unknown article numbers; without it the event is rejected",
    )
    answer: Literal["strict", "accept"] = setting(
        "strict",
        doc="what is wrong in an event: `strict` answers 422 and stores nothing; `accept` answers 202, and `relay dead list` shows it",
    )
    time_zone: str = time_zone()
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")

"""Defines the settings of a Calendly connection."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import validate

from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str = setting(
        doc="e-mail address of the Upsales user who owns new companies, and meets where the host is no Upsales user",
        validate=validate.Email(),
    )
    appointment_type: str | None = setting(None, doc="name of the appointment type; without it the first one")
    company_question: str | None = setting(
        None, doc="the question of the booking page whose answer is the invitee's company"
    )
    fallback_company: str = setting(
        "Booked meetings", doc="name of the company that takes people who name none and write from a private address"
    )
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")

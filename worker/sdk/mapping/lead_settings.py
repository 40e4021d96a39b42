"""Defines the settings that all connections share which bring leads or forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from marshmallow import validate

from worker.sdk.mapping.days import time_zone
from worker.sdk.mapping.question_words import Asked
from worker.sdk.settings import setting

TARGETS: tuple[str, ...] = (*get_args(Asked), "street", "zipcode", "city", "country")
"""What an answer can say about the person or the company."""

TARGET = rf"{'|'.join(TARGETS)}|skip|(contact|account)\.[A-Za-z0-9_]+"
DOMAIN = validate.Regexp(r"[^\s@/]+(@[^\s@/]+)?\Z", error="Must be a mail domain, or an e-mail address.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadSettings:
    """A connector's own settings class is made from it, and may give another name to the fallback company."""

    owner: str = setting(
        doc="e-mail address of the Upsales user who owns new companies and follows up", validate=validate.Email()
    )
    owners: Mapping[str, str] = setting(
        {},
        doc="who follows up instead of `owner`, by the id or name of a form, campaign or ad",
        validate=validate.Email(),
    )
    fields: Mapping[str, str] = setting(
        {},
        doc="which question (its id, name or title) or hidden field says what: "
        f"{', '.join(TARGETS)}, `contact.<ALIAS>` or `account.<ALIAS>` for a custom field, `skip` to leave it out",
        custom_fields="in values",
        validate=validate.Regexp(
            TARGET, error=f"Must be one of {', '.join(TARGETS)}, skip, contact.<ALIAS>, account.<ALIAS>."
        ),
    )
    campaigns: Mapping[str, int] = setting(
        {}, doc="id of the Upsales campaign that it belongs to, by the id or name of a form, campaign or ad"
    )
    required: tuple[str, ...] = setting(
        (), doc="what has to be answered (a question, or a word of `fields`); what comes without it is ignored as spam"
    )
    honeypots: tuple[str, ...] = setting(
        (), doc="fields that people don't see; what comes with one filled in is ignored as spam"
    )
    blocked_domains: tuple[str, ...] = setting(
        (), doc="mail domains or e-mail addresses whose leads are ignored as spam", validate=DOMAIN
    )
    fallback_company: str = setting(
        "Web forms", doc="name of the company that takes people who name none and write from a private address"
    )
    activity_type: str | None = setting(None, doc="name of the activity type; without it the first one")
    closed: bool = setting(
        False, doc="whether the activity is closed at once, or open: a to-do for the owner to follow up"
    )
    time_zone: str = time_zone()
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")

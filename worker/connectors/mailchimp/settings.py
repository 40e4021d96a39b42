"""Defines the settings of a Mailchimp connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from marshmallow import validate

from worker.sdk.mapping import LeadSettings
from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(LeadSettings):
    opt_out: str = setting(
        "unsubscribe",
        doc="how a contact is opted out: `unsubscribe`, as Upsales does it, or `custom.<ALIAS>`, a custom field that says yes",
        custom_fields="of contacts",
        validate=validate.Regexp(
            r"(unsubscribe|custom\.[A-Za-z0-9_]+)\Z", error="Must be unsubscribe, or custom.<ALIAS>."
        ),
    )
    bounced: Literal["opt_out", "to_do", "ignore"] = setting(
        "opt_out", doc="what becomes of an address that does not exist: opted out, a to-do for the owner, or nothing"
    )
    deleted: Literal["ignore", "opt_out"] = setting(
        "ignore", doc="what becomes of who was deleted from the audience: nothing, or opted out"
    )
    add_opted_out: bool = setting(
        False,
        doc="whether who leaves and is not in Upsales yet is made there, opted out, so that no other sender opts them in",
    )
    audiences: Mapping[str, str] = setting({}, doc="what people call an audience, by its id")
    fallback_company: str = setting(
        "Newsletter", doc="name of the company that takes people who name none and have a private address"
    )
    closed: bool = setting(
        True, doc="whether the activity of a subscription is closed at once, or open for the owner to follow up"
    )
    data_center: str | None = setting(
        None,
        doc="where the account is: the end of an API key, such as us21. The API's host is named after it",
        validate=validate.Regexp(r"[a-z]{2,4}[0-9]{1,3}\Z", error="Must be the end of an API key, such as us21."),
    )
    audience: str | None = setting(
        None,
        doc="id of the audience whose members are listed, to catch up and to backfill",
        validate=validate.Regexp(r"[0-9a-z]+\Z", error="Must be the id of an audience, such as a6b5da1054."),
    )

"""Defines the settings of a Zendesk connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from marshmallow import validate

from worker.sdk.mapping.days import time_zone
from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str = setting(
        doc="e-mail address of the Upsales user who owns new companies and gets the to-dos", validate=validate.Email()
    )
    subdomain: str = setting(
        doc="name of the Zendesk account, as in `https://<subdomain>.zendesk.com`",
        validate=validate.Regexp(r"[A-Za-z0-9][A-Za-z0-9-]*\Z", error="Must be the subdomain alone, such as `acme`."),
    )
    tickets: Literal["activity", "ticket"] = setting(
        "activity", doc="what a ticket becomes: an activity, or a ticket of Upsales, which is an add-on"
    )
    ticket_statuses: Mapping[str, str] = setting(
        {}, doc="which status of Upsales (its name) a ticket has with a status of Zendesk (`new`, `open`, `solved`, …)"
    )
    priorities: Mapping[str, int] = setting(
        {},
        doc="which priority of Upsales, from 0 to 3, a ticket has with a priority of Zendesk (`low`, `normal`, `high`, `urgent`)",
        validate=validate.Range(0, 3, error="Must be a number from 0 to 3."),
    )
    todos: Literal["none", "urgent", "high"] = setting(
        "high", doc="from which priority on the owner gets a to-do while the ticket is open"
    )
    comments: Literal["none", "public", "all"] = setting(
        "none", doc="which comments of tickets become comments on the company"
    )
    external_id: Literal["none", "upsales", "org-number"] = setting(
        "none", doc="what an organization's external id is: nothing, the id of the company in Upsales, or its number"
    )
    own_users: tuple[str, ...] = setting(
        (), doc="ids or e-mail addresses of Zendesk users with whom a program writes: what they change is not told"
    )
    fallback_company: str = setting(
        "Support", doc="name of the company that takes people of no organization who write from a private address"
    )
    activity_type: str | None = setting(None, doc="name of the activity type; without it the first one")
    time_zone: str = time_zone()
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")

"""Defines the settings of a Teamtailor connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from marshmallow import validate

from worker.sdk.mapping.days import time_zone
from worker.sdk.settings import setting

HOSTS = ("api.teamtailor.com", "api.na.teamtailor.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str = setting(
        doc="e-mail address of the Upsales user who follows hires up, and owns orders that are made",
        validate=validate.Email(),
    )
    hired_stages: tuple[str, ...] = setting(
        doc="names of the stages at Teamtailor whose applicants are hired, in any case of letters"
    )
    job_field: str | None = setting(
        None,
        doc="alias of the field of your own, on orders, that holds the job's id: by it the order of a job is found",
    )
    order_stage: str | None = setting(
        None, doc="stage that the order gets when somebody is hired: a name, or a probability such as `100%`"
    )
    job_stages: Mapping[str, str] = setting(
        {}, doc="which stage the order gets with the job's status at Teamtailor (`open`, `archived`)"
    )
    fields: Mapping[str, str] = setting(
        {},
        doc="which custom field of the order (`order.<ALIAS>`) holds what of the job: `title`, `status`, `human-status`, "
        "`employment-type`, `employment-level`, `remote-status`, or `hired`, the day of the latest hire",
        custom_fields="in values",
        validate=validate.Regexp(r"order\.[A-Za-z0-9_]+\Z", error="Must be order.<ALIAS>."),
    )
    customer: Literal["none", "company-name"] = setting(
        "none", doc="whether a job's `company-name` is the customer's: then a job without an order gets one"
    )
    product: str | None = setting(None, doc="article number of the product of orders that are made")
    new_stage: str = setting("<100%", doc="stage of orders that are made")
    candidates: Literal["none", "contact"] = setting(
        "none", doc="what is written of people who are hired: nothing, or a contact at the company of the order"
    )
    activity_type: str | None = setting(None, doc="name of the activity type; without it the first one")
    closed: bool = setting(False, doc="whether the activity of a hire is closed at once, or open for the owner")
    api_host: str = setting(
        "api.teamtailor.com",
        doc="host of Teamtailor's API; another one for accounts in North America",
        validate=validate.OneOf(HOSTS),
    )
    time_zone: str = time_zone()
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")

    @property
    def application_include(self) -> str:
        """What is read with an application: nothing of a person who is not to be written."""
        return "job,stage,candidate" if self.candidates == "contact" else "job,stage"

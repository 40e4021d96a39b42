"""Defines the settings of a connection that follows an Upsales account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from marshmallow import validate

from worker.sdk.settings import setting

CUSTOM = r"(client|contact|order|activity|appointment)\.\d+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str = setting(
        doc="e-mail address of the user who owns what belongs to somebody who is no user in this account",
        validate=validate.Email(),
    )
    fallback_product: str = setting(
        doc="article number of the product that stands for rows without a known one, and for orders without rows"
    )
    fallback_company: str = setting(
        "Without company", doc="name of the company that takes contacts and orders that name none"
    )
    stages: Mapping[str, str] = setting(
        {}, doc="stages that have another name here: a name, or a probability such as `90%`; others have the same name"
    )
    lost_stage: str = setting("0%", doc="stage of orders that were deleted, if deletions are followed")
    activity_type: str | None = setting(None, doc="name of the activity type; without it the first one")
    appointment_type: str | None = setting(None, doc="name of the appointment type; without it the first one")
    custom_fields: Mapping[str, str] = setting(
        {},
        doc="which custom field there (`client.11`: the company's field with id 11) is which alias here",
        custom_fields="in keys",
    )
    deletions: Literal["keep", "follow"] = setting(
        "keep", doc="what becomes of records that were deleted there: nothing, or they become inactive, lost or closed"
    )
    follow_company: bool = setting(
        False,
        doc="whether contacts and orders that are here move to another company when they do so there",
    )
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")

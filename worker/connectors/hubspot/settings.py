"""Defines the settings of a HubSpot connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from marshmallow import validate

from worker.connectors.hubspot.names import READ
from worker.sdk.mapping.days import time_zone
from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    owner: str = setting(
        doc="e-mail address of the Upsales user who owns what `owners` gives to nobody else", validate=validate.Email()
    )
    product: str = setting(doc="article number of the Upsales product that stands for a deal's amount")
    stage_open: str = setting(doc="stage of deals that are still open: a name, or a probability such as `25%`")
    stage_won: str = setting("100%", doc="stage of deals that are won")
    stage_lost: str = setting("0%", doc="stage of deals that are lost")
    stages: Mapping[str, str] = setting(
        {}, doc="which Upsales stage a deal stage has, by HubSpot's internal name of it (`contractsent`, `1054212345`)"
    )
    owners: Mapping[str, str] = setting(
        {},
        doc="which Upsales user (e-mail address) an owner in HubSpot is, by HubSpot's owner id",
        validate=validate.Email(),
    )
    fields: Mapping[str, str] = setting(
        {},
        doc="which custom field (its alias in Upsales) a property fills, such as `contact.lifecyclestage`",
        custom_fields="in keys",
        validate=validate.Regexp(r"[A-Za-z0-9_]+\Z", error="Must be the alias of a custom field."),
    )
    portal: str | None = setting(
        None,
        doc="id of the HubSpot account (Hub ID), for a backfill",
        validate=validate.Regexp(r"[0-9]+\Z", error="Must be the number of the account."),
    )
    org_number: str | None = setting(None, doc="the company property that holds the organisation number")
    fallback_company: str = setting(
        "HubSpot", doc="name of the company that takes contacts and deals whose company is not known (yet)"
    )
    time_zone: str = time_zone()
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")
    gone_records: Literal["keep", "deactivate"] = setting(
        "keep",
        doc="what becomes of records that were deleted or merged into another: "
        "nothing, or contacts and companies become inactive and deals lost",
    )

    @property
    def contact_properties(self) -> str:
        """Those that are read of a contact, as HubSpot's API is asked for them."""
        return self._read("contact")

    @property
    def company_properties(self) -> str:
        return self._read("company", self.org_number)

    @property
    def deal_properties(self) -> str:
        return self._read("deal")

    def _read(self, kind: str, *more: str | None) -> str:
        named = [name.removeprefix(f"{kind}.") for name in self.fields if name.startswith(f"{kind}.")]
        return ",".join(dict.fromkeys(filter(None, (*READ[kind], *more, *named))))

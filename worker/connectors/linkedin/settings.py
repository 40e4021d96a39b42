"""Defines the settings of a LinkedIn connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from marshmallow import validate

from worker.errors import ConfigError
from worker.sdk.mapping import LeadSettings
from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(LeadSettings):
    fallback_company: str = setting(
        "LinkedIn leads", doc="name of the company that takes people who name none and write from a private address"
    )
    names: Mapping[str, str] = setting(
        {}, doc="what people call a campaign or a creative, by its id: LinkedIn tells ids alone"
    )
    api_version: str = setting(
        "202609",
        doc="version of LinkedIn's marketing API: year and month",
        validate=validate.Regexp(r"20\d{2}(0[1-9]|1[0-2])\Z", error="Must be a year and a month, such as 202609."),
    )
    account: str | None = setting(
        None,
        doc="whose leads are listed, to catch up and to backfill: the URN of an ad account or an organization",
        validate=validate.Regexp(
            r"urn:li:(sponsoredAccount|organization):\d+\Z",
            error="Must be a URN, such as urn:li:sponsoredAccount:512345678.",
        ),
    )
    lead_type: Literal["SPONSORED", "EVENT", "COMPANY", "ORGANIZATION_PRODUCT"] = setting(
        "SPONSORED", doc="which leads of it are listed"
    )

    @property
    def account_kind(self) -> str:
        """As a list of leads asks for it: `(sponsoredAccount:urn…)`."""
        if self.account is None:
            raise ConfigError("its sender's API can't be listed without the setting account, which is not set")
        return self.account.split(":")[2]

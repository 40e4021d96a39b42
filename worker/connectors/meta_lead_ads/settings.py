"""Defines the settings of a Meta Lead Ads connection."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import validate

from worker.sdk.mapping import LeadSettings
from worker.sdk.settings import setting

LEAD = "id,created_time,form_id,ad_id,campaign_id,is_organic,field_data,custom_disclaimer_responses"
NAMES = "ad_name,adset_id,adset_name,campaign_name,platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(LeadSettings):
    fallback_company: str = setting(
        "Meta leads", doc="name of the company that takes people who name none and write from a private address"
    )
    graph_version: str = setting(
        "v26.0",
        doc="version of the Graph API",
        validate=validate.Regexp(r"v\d{2,3}\.\d\Z", error="Must be a version, such as v26.0."),
    )
    ad_names: bool = setting(
        True, doc="whether the names of campaign, ad set and ad are read; the token needs `ads_management` for it"
    )
    form: str | None = setting(
        None,
        doc="id of the form whose leads are listed, to catch up and to backfill",
        validate=validate.Regexp(r"\d+\Z", error="Must be the id of a form: digits alone."),
    )

    @property
    def lead_fields(self) -> str:
        return f"{LEAD},{NAMES}" if self.ad_names else LEAD

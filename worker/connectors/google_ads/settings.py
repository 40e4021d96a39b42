"""Defines the settings of a Google Ads connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from worker.sdk.mapping import LeadSettings
from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(LeadSettings):
    fallback_company: str = setting(
        "Google Ads leads", doc="name of the company that takes people who name none and write from a private address"
    )
    names: Mapping[str, str] = setting(
        {}, doc="what people call a form, campaign, ad group, asset group or ad, by its id: Google sends ids alone"
    )

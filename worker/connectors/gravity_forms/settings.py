"""Defines the settings of a Gravity Forms connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from marshmallow import validate

from worker.sdk.mapping.forms import FormSettings
from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(FormSettings):
    form_names: Mapping[str, str] = setting(
        {}, doc="what forms are called, by their ids; with a token it is read of the site"
    )
    site_url: str | None = setting(
        None,
        doc="the site's own address, such as `https://www.norrbygg.example`: where a connection with a token reads it",
        validate=validate.Regexp(
            r"https://[^\s/?#@\\]+(/[^\s/?#@\\]+)*\Z",
            error="must be like https://www.norrbygg.example, with the folder that WordPress is in, without a slash at its end",
        ),
    )

"""Tells when a version of LinkedIn's API is to be changed for a newer one."""

from __future__ import annotations

from datetime import date
from typing import Final

from worker.connectors.linkedin.settings import Settings
from worker.sdk.source.versions import months_old

OLD: Final = 10
"""Months. LinkedIn keeps a version for about a year: https://learn.microsoft.com/en-us/linkedin/marketing/versioning"""


def outdated(settings: Settings, today: date) -> str | None:
    version = settings.api_version
    age = months_old(int(version[:4]), int(version[4:]), today)
    if age < OLD:
        return None
    return (
        f"api_version {version} is {age} months old, and LinkedIn ends a version after about a year: set a newer one,"
        " https://learn.microsoft.com/en-us/linkedin/marketing/integrations/recent-changes lists them"
    )

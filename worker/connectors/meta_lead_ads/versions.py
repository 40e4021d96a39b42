"""Tells when a version of the Graph API is to be changed for a newer one."""

from __future__ import annotations

from datetime import date
from typing import Final

from worker.connectors.meta_lead_ads.settings import Settings
from worker.sdk.source.versions import MONTHS, months_old

KNOWN: Final = 22
CAME: Final = (2025, 1)
"""Version 22 came in January 2025, and Meta warned of it in August 2026, when version 26 was current."""
BETWEEN: Final = 4.5
"""Months between two versions, from that."""
OLD: Final = 18
"""Months. Meta keeps a version for about two years: https://developers.facebook.com/docs/graph-api/guides/versioning"""


def outdated(settings: Settings, today: date) -> str | None:
    """An estimate: Meta tells the days in its changelog alone."""
    number = int(settings.graph_version[1:].partition(".")[0])
    since_then = int((number - KNOWN) * BETWEEN)
    year, month = divmod(CAME[0] * MONTHS + CAME[1] - 1 + since_then, MONTHS)
    age = months_old(year, month + 1, today)
    if age < OLD:
        return None
    return (
        f"graph_version {settings.graph_version} is about {age} months old, and Meta ends a version after about two years:"
        " set a newer one, https://developers.facebook.com/docs/graph-api/changelog lists them"
    )

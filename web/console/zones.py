"""Knows the names of time zones: finding them opens hundreds of files."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from functools import cache
from zoneinfo import available_timezones


@cache
def known_zones() -> AbstractSet[str]:
    return frozenset(available_timezones())

"""Reads Upsales's own count of calls from its X-RateLimit headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """The window nearest to its limit. `reset`: seconds until it ends, 0 when that is not told."""

    limit: int
    remaining: int
    reset: float


def told(headers: Mapping[str, str]) -> Told | None:
    """None unless both numbers are there. A reset can be -2, on the first call of a window."""
    lower = {name.lower(): value for name, value in headers.items()}
    limit = _number(lower.get("x-ratelimit-limit"))
    remaining = _number(lower.get("x-ratelimit-remaining"))
    if limit is None or limit <= 0 or remaining is None:
        return None
    return Told(limit, max(remaining, 0), max(_number(lower.get("x-ratelimit-reset")) or 0, 0))


def _number(text: str | None) -> int | None:
    try:
        return int(float(text)) if text else None
    except (ValueError, OverflowError):
        return None

"""Reads the sender's own version of an object, which orders events of one time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

from worker.sdk.connector import Extract, Handles, Incoming

NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?", re.ASCII)
TIME = re.compile(
    r"(?P<seconds>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(\.(?P<fraction>\d{1,18}))?(?P<zone>Z|[+-]\d\d:?\d\d)?", re.ASCII
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def version_of(handles: Handles, incoming: Incoming) -> Decimal | None:
    """None where the event tells no version, or none that can be read."""
    return None if handles.version is None else comparable(_said(handles.version, incoming))


def comparable(text: str | None) -> Decimal | None:
    """A number as it is; ISO 8601 text as seconds since 1970, with all its decimals. What is neither is no version."""
    said = (text or "").strip()
    if NUMBER.fullmatch(said):
        return Decimal(said)
    found = TIME.fullmatch(said)
    if found is None:
        return None
    try:
        time = datetime.fromisoformat(found["seconds"] + (found["zone"] or ""))
        whole = (time.replace(tzinfo=time.tzinfo or UTC) - EPOCH).total_seconds()
    except (ValueError, OverflowError):
        return None
    return Decimal(round(whole)) + Decimal(f"0.{found['fraction'] or 0}")


def _said(extract: Extract, incoming: Incoming) -> str | None:
    try:
        return extract(incoming)
    except Exception:  # noqa: BLE001 - a connector may be anybody's code; what it can't find is missing
        return None

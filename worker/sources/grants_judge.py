"""Decides what is done with a stored grant, and until when an answer counts; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from worker.keys.grants import Grant
from worker.sdk.source import OAuth2
from worker.sources.grants_answer import Granted

MARGIN: Final = timedelta(seconds=10)
"""Before its end, in which an access token is not given out any more."""
AHEAD: Final = 0.7
JITTER: Final = 0.2
"""From which share of its life an access token is renewed, and over which share of it connections are spread."""
IDLE: Final = 0.5
"""From which share of its life a grant is renewed that nobody reads with: it would lapse."""

Judgement: TypeAlias = Literal["use", "ahead", "renew", "lost"]
"""ahead: it is renewed, and can be used while that does not succeed."""


@dataclass(frozen=True, slots=True)
class Times:
    """Of a grant, by the database's clock; None: not known."""

    expires_at: datetime | None
    refresh_at: datetime | None
    grant_ends_at: datetime | None


def judge(grant: Grant | None, sign: OAuth2, client: str, *, afresh: bool) -> Judgement:
    """`client`: the fingerprint of what a grant is asked for with. `afresh`: the sender does not accept the access token."""
    by_client = sign.grant == "client_credentials"
    if grant is None or grant.client != client or grant.version == 0:
        return "renew" if by_client else "lost"
    renewable = by_client or (grant.refresh is not None and grant.refused is None)
    if not afresh and (grant.expires_at is None or grant.at < grant.expires_at - MARGIN):
        due = grant.refresh_at is not None and grant.at >= grant.refresh_at
        return "ahead" if due and renewable else "use"
    return "renew" if renewable else "lost"


def lapses(grant: Grant) -> bool:
    """Whether it is to be renewed now though nobody reads with it. What failed a moment ago is left for a while (`refresh_at`)."""
    ends, since = grant.grant_ends_at, grant.refreshed_at
    if ends is None or since is None or grant.refresh is None or grant.refused is not None:
        return False
    rests = grant.refresh_at is not None and grant.at < grant.refresh_at
    return not rests and grant.at >= since + (ends - since) * IDLE


def times(sign: OAuth2, granted: Granted, asked_at: datetime, chance: float) -> Times:
    """Counted from before it was asked for: an answer takes its time. `chance`: from 0 to 1."""
    lasts = granted.grant_seconds
    if lasts is None and sign.refresh_days is not None and sign.grant == "refresh_token":
        lasts = sign.refresh_days * 86400.0
    seconds = granted.seconds
    # An access token may outlive the grant, or end never.
    ahead = [] if seconds is None else [seconds * (AHEAD + JITTER * chance)]
    ahead += [] if lasts is None else [lasts * IDLE]
    return Times(
        expires_at=_later(asked_at, seconds),
        refresh_at=_later(asked_at, min(ahead, default=None)),
        grant_ends_at=_later(asked_at, lasts),
    )


def why_lost(name: str, client: str, grant: Grant | None) -> str:
    cure = f"run `relay connections authorize {name}`"
    if grant is None or grant.version == 0:
        return f"connection {name} has no grant of its sender: {cure}"
    if grant.client != client:
        return f"the grant of connection {name} was given to another client id or secret: {cure}"
    if grant.refused is not None:
        return f"the grant of connection {name} is worth nothing any more ({grant.refused}): {cure}"
    return f"the grant of connection {name} has ended, and its sender gave nothing to renew it with: {cure}"


def _later(asked_at: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else asked_at + timedelta(seconds=seconds)

"""Names the ways in which the receiver answers a request."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

Accepted: TypeAlias = Literal["accepted", "duplicate", "handshake", "dry_run", "empty"]
Refused: TypeAlias = Literal[
    "unauthorized",
    "wrong_url",
    "unreadable",
    "unprocessable",
    "too_large",
    "misconfigured",
    "unavailable",
    "refused",
]
Outcome: TypeAlias = Accepted | Refused | Literal["unknown"]
"""`unknown`: the request named no connection that there is."""

ACCEPTED: Final[tuple[Accepted, ...]] = get_args(Accepted)
REFUSED: Final[tuple[Refused, ...]] = get_args(Refused)
OF_NOBODY: Final[tuple[Outcome, ...]] = ("unknown", "refused")
"""Of requests that name no connection."""

"""Accepts any of several schemes, for senders that changed theirs or offer a choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.sdk.request import Request
from worker.sdk.signatures.scheme import Scheme


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Valid if one of the schemes says so; signed by the first."""

    schemes: tuple[Scheme, ...]

    @property
    def needs_secret(self) -> bool:
        return any(scheme.needs_secret for scheme in self.schemes)

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:
        found = (scheme.verify(request, secrets, now) for scheme in self.schemes)
        return next((index for index in found if index is not None), None)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        return self.schemes[0].sign(request, secret, now)

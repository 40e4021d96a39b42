"""Refuses secrets that a sender has published, in whatever scheme it signs with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from worker.sdk.request import Request
from worker.sdk.signatures.any_of import WITHHELD
from worker.sdk.signatures.scheme import Scheme, UnusableSecret, expected, flaw_of

ZENDESK_TEST: Final = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
"""What Zendesk signs test calls with before a webhook is saved: https://developer.zendesk.com/documentation/webhooks/verifying/."""


@dataclass(frozen=True, slots=True)
class NotPublic:
    """Nothing is proved with `public`, which everybody can read: `why` says what it is, as the end of a line that names the secret."""

    scheme: Scheme
    public: str
    why: str

    @property
    def needs_secret(self) -> bool:
        return self.scheme.needs_secret

    @property
    def expects(self) -> str:
        return expected(self.scheme)

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:
        return self.scheme.verify(request, [WITHHELD if self._is_public(each) else each for each in secrets], now)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        if self._is_public(secret):
            raise UnusableSecret(f"This secret {self.why}.")
        return self.scheme.sign(request, secret, now)

    def owns(self, secret: str) -> bool:
        return self._is_public(secret)

    def flaw(self, secret: str) -> str | None:
        return self.why if self._is_public(secret) else flaw_of(self.scheme, secret)

    def _is_public(self, secret: str) -> bool:
        return secret.strip() == self.public

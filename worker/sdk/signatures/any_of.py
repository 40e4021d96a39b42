"""Accepts any of several schemes, for senders that changed theirs or offer a choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.sdk.request import Request
from worker.sdk.signatures.scheme import KeyPairScheme, Particular, Scheme, expected, flaw_of

WITHHELD = ""
"""Stands in the place of a secret that a scheme must not see; a blank secret is never valid."""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Valid if one of the schemes says so; signed by the first.

    A public key is no secret. The scheme that verifies with it sees it; every other one would take it for a token or an HMAC key.
    """

    schemes: tuple[Scheme, ...]

    @property
    def needs_secret(self) -> bool:
        return any(scheme.needs_secret for scheme in self.schemes)

    @property
    def expects(self) -> str:
        return ", or ".join(filter(None, map(expected, self.schemes)))

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:
        found = (scheme.verify(request, self._shown_to(scheme, secrets), now) for scheme in self.schemes)
        return next((index for index in found if index is not None), None)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        return self.schemes[0].sign(request, secret, now)

    def is_key(self, secret: str) -> bool:
        return any(_is_key_of(scheme, secret) for scheme in self.schemes)

    def owns(self, secret: str) -> bool:
        return any(isinstance(scheme, Particular) and scheme.owns(secret) for scheme in self.schemes)

    def flaw(self, secret: str) -> str | None:
        """That of the scheme it is meant for; where its form tells none, one scheme that takes it is enough."""
        owners = [scheme for scheme in self.schemes if isinstance(scheme, Particular) and scheme.owns(secret)]
        flaws = [flaw_of(scheme, secret) for scheme in owners or self.schemes]
        return flaws[0] if all(flaws) else None

    def _shown_to(self, scheme: Scheme, secrets: Sequence[str]) -> list[str]:
        return [secret if _is_key_of(scheme, secret) or not self.is_key(secret) else WITHHELD for secret in secrets]


def _is_key_of(scheme: Scheme, secret: str) -> bool:
    return isinstance(scheme, KeyPairScheme) and scheme.is_key(secret)

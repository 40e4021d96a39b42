"""Checks two secrets of a sender that signs nothing: in the URL, and repeated in the body."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from worker.sdk.request import Request
from worker.sdk.signatures.scheme import text_bytes
from worker.sdk.signatures.tokens import BodyField, UrlToken, first_token, token


@dataclass(frozen=True, slots=True)
class UrlAndBodyField:
    """The secret is `one:two`. `one` is the last segment of the URL's path, `two` the field of the JSON body. Without a colon, the URL's alone.

    Addresses stand in the logs of whatever lies between; bodies hardly do.
    """

    path: str

    needs_secret: ClassVar[bool] = True

    @property
    def expects(self) -> str:
        return f"{UrlToken.expects}, and the part behind its colon as the field {self.path} of the body"

    def verify(self, request: Request, secrets: Sequence[str], now: datetime) -> int | None:
        given = text_bytes(request.token or "")

        def is_valid(secret: str) -> bool:
            in_url, colon, in_body = secret.partition(":")
            told = hmac.compare_digest(given, text_bytes(in_url))
            field = BodyField(self.path)
            return bool(in_url) and told and (not colon or field.verify(request, [in_body], now) is not None)

        return first_token(secrets, is_valid)

    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        in_url, colon, in_body = token(secret).partition(":")
        placed = UrlToken().sign(request, in_url, now)
        return BodyField(self.path).sign(placed, in_body, now) if colon else placed

    def owns(self, secret: str) -> bool:  # noqa: ARG002 - Particular
        return False

    def flaw(self, secret: str) -> str | None:
        in_url, colon, in_body = secret.partition(":")
        whole = bool(in_url) and (bool(in_body) or not colon)
        return None if whole else "has nothing on one side of its colon: it has to be <URL part>:<body part>"

"""Gives tokens as the token endpoint of a neighbour, by the rules of OAuth 2."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from worker.devkit.neighbour.signed import basic
from worker.sdk.source import OAuth2


@dataclass(frozen=True, slots=True)
class Answer:
    """JSON, or a redirect."""

    status: int
    json: Mapping[str, Any] = field(default_factory=dict)
    location: str | None = None


@dataclass(frozen=True, slots=True)
class _Code:
    redirect_uri: str
    challenge: str | None


def _refused(error: str, status: int = 400) -> Answer:
    return Answer(status, {"error": error})


class Grants:
    """Safe to share between threads. `client`: `id:secret`, None for any. `lasts`: seconds of an access token."""

    def __init__(
        self, sign: OAuth2, now: Callable[[], float], *, client: str | None = None, lasts: float = 3600.0
    ) -> None:
        self.sign = sign
        self.client = client
        self.lasts = lasts
        self.asked: Counter[str] = Counter()
        """How often each grant type was asked for."""
        self._now = now
        self._lock = Lock()
        self._access: dict[str, float] = {}
        self._refresh: dict[str, str] = {}
        self._used: dict[str, str] = {}
        self._codes: dict[str, _Code] = {}

    def is_granted(self, access: str) -> bool:
        with self._lock:
            return self._access.get(access, 0.0) > self._now()

    def revoke_access(self) -> None:
        """No access token counts any more: 401 until the next one is asked for."""
        with self._lock:
            self._access.clear()

    def revoke_all(self) -> None:
        """The customer took the grant back."""
        with self._lock:
            self._access.clear()
            self._refresh.clear()

    def refresh_token(self) -> str:
        """Of a grant that somebody gave."""
        with self._lock:
            return self._new_refresh(secrets.token_urlsafe(9))

    def authorize(self, query: Mapping[str, str]) -> Answer:
        """A person who always says yes."""
        if query.get("response_type") != "code" or not query.get("redirect_uri"):
            return _refused("invalid_request")
        if query.get("code_challenge") and query.get("code_challenge_method") != "S256":
            return _refused("invalid_request")
        code = secrets.token_urlsafe(12)
        with self._lock:
            self._codes[code] = _Code(query["redirect_uri"], query.get("code_challenge"))
        told = {"code": code} | ({"state": query["state"]} if "state" in query else {})
        separator = "&" if "?" in query["redirect_uri"] else "?"
        return Answer(302, location=f"{query['redirect_uri']}{separator}{urlencode(told)}")

    def token(self, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        with self._lock:
            self.asked[form.get("grant_type", "")] += 1
            return self._fault(form, headers) or self._given(form)

    def _fault(self, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer | None:
        if not self._knows(form, headers):
            return _refused("invalid_client", 401)
        tenant = self.sign.tenant_header
        needed = tenant is not None and form.get("grant_type") == "client_credentials"
        lacking = needed and not headers.get(str(tenant).lower())
        if lacking or any(form.get(name) != value for name, value in self.sign.fields.items()):
            return _refused("invalid_request")
        return None

    def _given(self, form: Mapping[str, str]) -> Answer:
        match form.get("grant_type"):
            case "client_credentials" if self.sign.grant == "client_credentials" or self.sign.by_tenant:
                return self._granted(None)
            case "refresh_token":
                return self._refreshed(form.get("refresh_token", ""))
            case "authorization_code":
                return self._exchanged(form)
            case _:
                return _refused("unsupported_grant_type")

    def _knows(self, form: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        if self.sign.client == "basic":
            pair = basic(headers.get("authorization", ""))
            given = ":".join(pair) if pair else ""
        else:
            given = f"{form.get('client_id', '')}:{form.get('client_secret', '')}"
        return len(given) > 2 and (self.client is None or hmac.compare_digest(given, self.client))

    def _refreshed(self, token: str) -> Answer:
        family = self._refresh.get(token)
        if family is None:
            # Whoever uses one twice may have stolen it: RFC 9700 ends the whole grant.
            stolen = self._used.get(token)
            self._refresh = {each: of for each, of in self._refresh.items() if of != stolen}
            return _refused("invalid_grant")
        if not self.sign.rotates:
            return self._granted(token)
        del self._refresh[token]
        self._used[token] = family
        return self._granted(self._new_refresh(family))

    def _exchanged(self, form: Mapping[str, str]) -> Answer:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or form.get("redirect_uri") != code.redirect_uri:
            return _refused("invalid_grant")
        if code.challenge is not None and _challenge(form.get("code_verifier", "")) != code.challenge:
            return _refused("invalid_grant")
        return self._granted(self._new_refresh(secrets.token_urlsafe(9)))

    def _new_refresh(self, family: str) -> str:
        made = secrets.token_urlsafe(18)
        self._refresh[made] = family
        return made

    def _granted(self, refresh: str | None) -> Answer:
        access = secrets.token_urlsafe(18)
        self._access[access] = self._now() + self.lasts
        told: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "expires_in": int(self.lasts)}
        return Answer(200, told | ({"refresh_token": refresh} if refresh else {}))


def _challenge(verifier: str) -> str:
    """RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()

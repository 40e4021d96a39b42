"""Tells what a token endpoint's answer means; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from worker.errors import SourceForbidden, SourceThrottled, SourceUnavailable

CODE: Final = re.compile(r"[a-z_]{1,40}")
LONGEST: Final = 16 * 1024
"""Characters of a token."""
GRANT_SECONDS: Final = ("refresh_token_expires_in", "x_refresh_token_expires_in", "refresh_expires_in")
"""No standard says how long a refresh token lasts; senders call it so."""
PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """As it came. Header names are lower-cased."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """`refresh`: None where the one before it goes on. `seconds`: how long `access` lasts, `grant_seconds`: how long `refresh` does."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    seconds: float | None
    grant_seconds: float | None


class GrantLost(Exception):
    """The endpoint knows no such grant (any more)."""


class Unsure(SourceUnavailable):
    """It may have taken effect all the same."""


def understood(answer: TokenAnswer, name: str) -> Granted:
    """Raises GrantLost, and the failures of a source. `name`: of the connection. No line holds what the endpoint wrote, but for its code."""
    told = _json(answer.body)
    if answer.status == 200:
        return _granted(told, name)
    code = told.get("error")
    code = code if isinstance(code, str) and CODE.fullmatch(code) else ""
    said = f"the token endpoint answered {answer.status}{f' {code}' if code else ''}"
    if code == "invalid_grant":
        raise GrantLost(said)
    if answer.status == 429:
        wait = answer.headers.get("retry-after", "")
        raise SourceThrottled(f"{name}: {said}", seconds=float(wait) if wait.isdecimal() else PATIENCE, status=429)
    if answer.status in (400, 401, 403):
        line = f"{name}: {said}: are client id and secret in its token right? (`relay keys set {name} --token`)"
        raise SourceForbidden(line, status=answer.status)
    raise Unsure(f"{name}: {said}", status=answer.status)


def _granted(told: Mapping[str, Any], name: str) -> Granted:
    access, refresh = told.get("access_token"), told.get("refresh_token")
    if not _is_token(access) or not (refresh is None or _is_token(refresh)):
        raise Unsure(f"{name}: the token endpoint answered 200 without a token that can be used", status=200)
    lasts = next((seconds for key in GRANT_SECONDS if (seconds := _seconds(told.get(key))) is not None), None)
    return Granted(str(access), refresh, _seconds(told.get("expires_in")), lasts)


def _is_token(value: Any) -> bool:
    """As https://www.rfc-editor.org/rfc/rfc6749#appendix-A.12 says."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST and value.isascii() and value.isprintable()


def _seconds(value: Any) -> float | None:
    """Some write it as text. Nothing that is told for ever, or for less than a moment, is believed."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 < seconds < 100 * 366 * 86400 else None


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}

"""Decides what an answer of Upsales means; the status code alone never tells.

A rejected key is plain text, an unknown path is an HTML page, and a 200 can carry an error or be the page of a proxy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from worker.errors import Failure, Gone, OutcomeUnknown, Refused, Throttled, Unauthorized, Unavailable
from worker.sync.records import Json

MOST_WORDS = 300
RETRY_SECONDS = 2.0
"""How long a 429 lasts when Upsales doesn't say. A reset of 0 or -2 (seen in its own examples) means that it doesn't."""

_THROTTLES = {"ThrottleLimit", "SessionWriteLimit"}
_SERVER_ERROR = 3


@dataclass(frozen=True, slots=True)
class Upload:
    """A file, and the fields of the form that it is sent in."""

    name: str
    media_type: str
    data: bytes = field(repr=False)
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. `record`: it is about one record by its id, so that 404 means that this record is gone. `upload`: instead of a body."""

    method: Literal["GET", "POST", "PUT"]
    path: str
    query: Sequence[tuple[str, str]] = ()
    body: Mapping[str, Json] | None = None
    record: bool = False
    upload: Upload | None = None

    @property
    def write(self) -> bool:
        return self.method != "GET"

    @property
    def resource(self) -> str:
        """The path without ids."""
        return "/".join(part for part in self.path.split("/") if part.isalpha())

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as it came. Header names are lower-cased; `duration` in seconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    duration: float


@dataclass(frozen=True, slots=True)
class _Error:
    key: str
    code: int
    number: int
    words: str

    @property
    def persistent(self) -> bool:
        """Upsales gives `ServerError` for a moment's trouble, and for ever on some endpoints."""
        return self.key == "ServerError" or self.number == _SERVER_ERROR

    @property
    def vague(self) -> bool:
        return not self.key and not self.code


def understand(call: Call, reply: Reply, hide: Callable[[str], str] = str) -> Json:
    """The JSON of a call that succeeded; otherwise raises what its answer means. `hide` takes the key out of a text."""
    payload, is_json = _parsed(reply.body)
    if reply.status == 429:
        raise _throttled(call, reply)
    if not is_json:
        raise _no_json(call, reply)
    error = _error(payload)
    if error is None and reply.status < 300:
        return payload
    raise _refusal(call, reply, error or _Error("", reply.status, 0, ""), hide)


def lost(call: Call, why: str, *, status: int | None = None, duration: float, persistent: bool = False) -> Failure:
    """A sent call whose effect can't be read from an answer: a write may have happened, a read just failed."""
    if call.write:
        return OutcomeUnknown(why, status=status, duration=duration)
    return Unavailable(why, status=status, duration=duration, persistent=persistent)


def _parsed(body: bytes) -> tuple[Json, bool]:
    try:
        return json.loads(body), True
    except (ValueError, RecursionError):
        return None, False


def _error(payload: Json) -> _Error | None:
    """`GET /self` spells it `errors`."""
    if not isinstance(payload, dict) or not (error := payload.get("error") or payload.get("errors")):
        return None
    if not isinstance(error, dict):
        return _Error("", 0, 0, str(error))
    return _Error(
        key=str(error.get("key") or ""),
        code=_whole(error.get("code")),
        number=_whole(error.get("errorCode")),
        words=str(error.get("msg") or error.get("message") or ""),
    )


def _whole(value: Json) -> int:
    return value if isinstance(value, int) else 0


def _no_json(call: Call, reply: Reply) -> Failure:
    status, duration = reply.status, reply.duration
    if status == 401:
        return Unauthorized(f"Upsales does not accept the API key ({call})", status=status, duration=duration)
    if status == 404 and f"Cannot {call.method} ".encode() in reply.body:
        return Refused(
            f"Upsales does not know {call}: is the add-on active in this account?", status=status, duration=duration
        )
    if status == 404 and call.record and not reply.body.strip():
        return Gone(f"Upsales answered 404 to {call}", status=status, duration=duration)
    kind = reply.headers.get("content-type", "no content type").partition(";")[0]
    return lost(call, f"{call} was answered {status} with {kind} instead of JSON", status=status, duration=duration)


def _refusal(call: Call, reply: Reply, error: _Error, hide: Callable[[str], str]) -> Failure:
    code = reply.status if reply.status >= 300 else error.code
    if error.key in _THROTTLES or code == 429:
        return _throttled(call, reply)
    words = _bounded(hide(" ".join(part for part in (error.words, error.key and f"({error.key})") if part)))
    text = f"Upsales answered {code or reply.status} to {call}: {words or 'no reason given'}"
    status, duration = reply.status, reply.duration
    if error.persistent or error.vague or not 400 <= (code or 400) < 500:
        return lost(call, text, status=status, duration=duration, persistent=error.persistent)
    kind = Gone if code == 404 and call.record else Refused
    return kind(text, status=status, duration=duration)


def _throttled(call: Call, reply: Reply) -> Throttled:
    try:
        told = float(reply.headers.get("x-ratelimit-reset", ""))
    except ValueError:
        told = 0.0
    seconds = told if 0 < told < 86_400 else RETRY_SECONDS
    return Throttled(f"Upsales throttles {call}", seconds=seconds, status=reply.status, duration=reply.duration)


def _bounded(text: str) -> str:
    plain = "".join(char if char.isprintable() else " " for char in text)
    return plain if len(plain) <= MOST_WORDS else f"{plain[: MOST_WORDS - 1]}…"

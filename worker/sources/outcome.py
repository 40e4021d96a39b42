"""Decides what an answer of a sender's API means; pure.

What its connector says (`Kind.means`) comes first, then the status. A 404 to one thing is `GoneAtSource`, also where its webhook is
seconds old: how old it is only the event knows, so whoever reads for an event decides whether it may be too early (`status` is 404 then).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

from worker.errors import (
    Failure,
    GoneAtSource,
    NeverExisted,
    NotAsDeclared,
    RelayError,
    SourceForbidden,
    SourceThrottled,
    SourceUnavailable,
    TooEarly,
)
from worker.sdk.read import strict_json
from worker.sdk.route import named
from worker.sdk.source import Answered, Kind, Verdict
from worker.sdk.source.content import media_type_of
from worker.sdk.source.dotted import at
from worker.sources.ports import FileBytes

RETRY_SECONDS: Final = 10.0
"""How long a 429 lasts where the sender doesn't say."""
LONGEST: Final = 3600.0
SHORTEST: Final = 0.5
MOST_WORDS: Final = 200

REFUSALS: Final = {401: "does not accept the token", 403: "does not let the token read this"}
PASSING: Final = (*range(300, 400), 408, 425)
"""Of those below 500: it was too slow or too busy, or redirects over and over."""
PLAIN: Final[Mapping[str, type[Failure]]] = {
    "gone": GoneAtSource,
    "forbidden": SourceForbidden,
    "unavailable": SourceUnavailable,
    "unlike": NotAsDeclared,
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as it came. `url`: where it came from. Header names are lower-cased; `duration` in seconds. `at`: when it came."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    duration: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, in words without personal data. `one`: a thing by its id, not a list."""

    connector: str
    name: str
    kind: Kind
    one: bool

    def __str__(self) -> str:
        return f"{self.connector}'s API ({self.name if self.one else f'list of {self.name}'})"


def understand(asked: Asked, reply: Reply) -> Any:
    """The JSON of a reading that succeeded, None of a file; otherwise raises what its answer means."""
    is_file = asked.kind.file and 200 <= reply.status < 300
    try:
        payload, is_json = (None, True) if is_file else (strict_json(reply.body), True)
    except (ValueError, RecursionError):
        payload, is_json = None, False
    failure = _meant(asked, reply, payload) or _by_status(asked, reply)
    if failure is not None:
        raise failure
    if not is_json:
        raise _no_json(asked, reply)
    return payload


def file(asked: Asked, reply: Reply) -> FileBytes:
    """Raises TooEarly for what is no such file, SourceUnavailable for a page: nearly always it says what passes."""
    found = media_type_of(reply.headers.get("content-type", ""), reply.body)
    if not reply.body or found not in asked.kind.media_types:
        came = "nothing" if not reply.body else _words(found)
        line = _line(asked, f"answered {reply.status} with {came} instead of {' or '.join(asked.kind.media_types)}")
        if found == "text/html":
            raise SourceUnavailable(line, status=reply.status, duration=reply.duration)
        raise TooEarly(line, seconds=asked.kind.early_every, status=reply.status, duration=reply.duration)
    return FileBytes(reply.body, found)


def thing(asked: Asked, payload: Any, reply: Reply) -> Any:
    """What stands where the connector says. Raises NotAsDeclared."""
    found = at(payload, asked.kind.at)
    if not isinstance(found, dict | list):
        raise _unlike(f"has no {asked.name} at {asked.kind.at or 'its top'}", asked, reply)
    return found


def items(asked: Asked, payload: Any, reply: Reply) -> Sequence[Any]:
    """Raises NotAsDeclared."""
    assert asked.kind.changes
    path = asked.kind.changes.items
    found = at(payload, path)
    if not isinstance(found, list):
        raise _unlike(f"has no array at {path or 'its top'}", asked, reply)
    return found


def complete(asked: Asked, found: Any, reply: Reply) -> None:
    """Raises TooEarly for a thing that the connector says is not complete yet."""
    if asked.kind.early is None:
        return
    why = ran(asked, asked.kind.early, found)
    if why:
        failure = TooEarly(
            _line(asked, why), seconds=asked.kind.early_every, status=reply.status, duration=reply.duration
        )
        failure.body = found
        raise failure


def ran(asked: Asked, function: Callable[..., T], *given: Any) -> T:
    """What a function answers. A connector may be anybody's code, and an answer anything: whatever it raises is NotAsDeclared."""
    try:
        return function(*given)
    except RelayError:
        raise
    except Exception as error:  # noqa: BLE001 - see above; its text may hold values
        failure = NotAsDeclared(_line(asked, f"its answer can't be read ({named(error)})"))
    raise failure


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds, bounded; None where the header says nothing that can be understood."""
    told = headers.get("retry-after", "").strip()
    if told.isascii() and told.isdecimal() and len(told) < len("1000000000"):
        return bounded(float(told))
    try:
        return bounded((parsedate_to_datetime(told) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def bounded(seconds: float) -> float:
    return min(max(seconds, SHORTEST), LONGEST)


def _meant(asked: Asked, reply: Reply, payload: Any) -> Failure | None:
    if asked.kind.means is None:
        return None
    answered = Answered(status=reply.status, headers=reply.headers, json=payload)
    verdict = ran(asked, asked.kind.means, answered)
    return None if verdict is None else _failure(asked, reply, verdict)


def _failure(asked: Asked, reply: Reply, verdict: Verdict) -> Failure:
    status, duration = reply.status, reply.duration
    match verdict.what:
        case "early":
            seconds = asked.kind.early_every if verdict.seconds is None else bounded(verdict.seconds)
            return TooEarly(_line(asked, verdict.why), seconds=seconds, status=status, duration=duration)
        case "throttled":
            told = retry_after(reply.headers, reply.at) if verdict.seconds is None else bounded(verdict.seconds)
            return _throttled(_line(asked, verdict.why), told, reply)
        case "never":
            return NeverExisted(_words(verdict.why), status=status, duration=duration)
        case "gone" | "forbidden" | "unavailable" | "unlike":
            return PLAIN[verdict.what](_line(asked, verdict.why), status=status, duration=duration)


def _by_status(asked: Asked, reply: Reply) -> Failure | None:
    status = reply.status
    told = retry_after(reply.headers, reply.at)
    if 200 <= status < 300:
        return None
    if status == 429 or (status == 503 and told is not None):
        return _throttled(_line(asked, f"answered {status}"), told, reply)
    if status in REFUSALS:
        return SourceForbidden(_line(asked, REFUSALS[status]), status=status, duration=reply.duration)
    kind: type[Failure] = NotAsDeclared
    if asked.one and status in (404, 410):
        kind = GoneAtSource
    elif status >= 500 or status in PASSING:
        kind = SourceUnavailable
    return kind(_line(asked, f"answered {status}"), status=status, duration=reply.duration)


def _throttled(line: str, told: float | None, reply: Reply) -> SourceThrottled:
    seconds = RETRY_SECONDS if told is None else told
    return SourceThrottled(line, seconds=seconds, status=reply.status, duration=reply.duration)


def _no_json(asked: Asked, reply: Reply) -> Failure:
    """A page of a proxy, of maintenance, or half an answer: nearly always something that passes, so it is no dead letter at once."""
    kind = _words(reply.headers.get("content-type", "no content type").partition(";")[0])
    line = _line(asked, f"answered {reply.status} with {kind} instead of JSON")
    return SourceUnavailable(line, status=reply.status, duration=reply.duration)


def _unlike(what: str, asked: Asked, reply: Reply) -> NotAsDeclared:
    return NotAsDeclared(_line(asked, what), status=reply.status, duration=reply.duration)


def _line(asked: Asked, what: str) -> str:
    return _words(f"{asked}: {what}")


def _words(text: str) -> str:
    plain = "".join(char if char.isprintable() else " " for char in text)
    return plain if len(plain) <= MOST_WORDS else f"{plain[: MOST_WORDS - 1]}…"

"""Hides secrets in log lines: known ones by their value, others by their look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from structlog.typing import EventDict, WrappedLogger

STARS = "***"
SHORTEST = 6  # a shorter value would be starred in the middle of ordinary words
LOOKS = (
    re.compile(r"(?i)([?&](?:token|api_?key|access_token|secret|signature|password)=)[^&\s\"'<>]+"),
    re.compile(
        r"(?i)((?:proxy-)?authorization['\"]?\s*[:=,]\s*(?:b?['\"])?)(?:(?:basic|bearer|digest|token)\s+)?[^\s'\",]+"
    ),
    re.compile(r"(?i)((?:set-)?cookie['\"]?\s*[:=,]\s*(?:b?['\"])?)[^\r\n'\"]+"),
    re.compile(r"(whsec_|whsk_|sk_live_|rk_live_)[A-Za-z0-9+/=_-]+"),
    # From the beginning of a word only: begun at each of its letters, a long word would take the square of its length.
    re.compile(r"(\b\w+://[^\s/:@]*:)[^\s/@]+(?=@)"),
    re.compile(r"(/webhooks/[^/\s?\"']+/)[^/\s?\"']+"),
)
NAMES = re.compile(r"(?i)(^|_|-)(authorization|cookie|token|api_?key|secret|secrets|password|passwd)$")

_known: dict[str, None] = {}
_pattern: re.Pattern[str] | None = None


def hide(*values: str) -> None:
    """From now on these never appear in a log line of this process."""
    global _pattern  # noqa: PLW0603 - a process has one set of secrets, and every log line asks for it
    new = [form for value in values for form in {value, quote(value, safe="")} if len(value) >= SHORTEST]
    if all(form in _known for form in new):
        return
    _known.update(dict.fromkeys(new))
    _pattern = re.compile("|".join(re.escape(form) for form in sorted(_known, key=len, reverse=True)))


def redact(text: str) -> str:
    if _pattern is not None:
        text = _pattern.sub(STARS, text)
    for look in LOOKS:
        text = look.sub(rf"\g<1>{STARS}", text)
    return text


def cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """All that is in it, at any depth."""
    return {key: _clean(str(key), value) for key, value in values.items()}


def redacted(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor."""
    return cleaned(event)


def _clean(key: str, value: Any) -> Any:
    if value is not None and not isinstance(value, bool) and NAMES.search(key):
        return STARS
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {inner: _clean(str(inner), each) for inner, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", each) for each in value]
    return value if isinstance(value, int | float | None) else redact(repr(value))

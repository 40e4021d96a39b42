"""Sends errors to Sentry if SENTRY_DSN is set, redacted like every log line.

Without local variables, requests or users.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.errors import ConfigError
from worker.logs.redaction import cleaned

VARIABLE = "SENTRY_DSN"


def start(environ: Mapping[str, str]) -> None:
    dsn = environ.get(VARIABLE)
    if not dsn:
        return
    try:
        import sentry_sdk
    except ImportError:
        raise ConfigError(
            f"{VARIABLE} is set, and sentry-sdk is missing: pip install 'upsales-relay[sentry]'"
        ) from None
    try:
        sentry_sdk.init(dsn, **options())
    except ValueError:
        raise ConfigError(f"{VARIABLE}: that is no DSN, copy it from the project's settings in Sentry") from None


def options() -> dict[str, Any]:
    # https://docs.sentry.io/platforms/python/configuration/options/; it sends no personal data unless that is asked for.
    return {
        "before_send": _redacted,
        "before_breadcrumb": _redacted,
        "include_local_variables": False,
        "max_request_body_size": "never",
        "traces_sample_rate": None,
    }


def _redacted(event: Any, _hint: Any) -> Any:
    # Of a webhook's request nothing but the route: addresses, headers and cookies can hold what senders prove themselves with.
    event.pop("request", None)
    event.pop("extra", None)
    return cleaned(event)

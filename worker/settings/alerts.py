"""Reads whom alerts are told to, and when."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from worker.errors import ConfigError
from worker.settings.addresses import loopback, parts_of
from worker.settings.tables import alerts_table
from worker.settings.values import Alerts
from worker.settings.variables import (
    ALERTS_SIGNING_KEY,
    ALERTS_SLACK,
    ALERTS_SMTP,
    ALERTS_WEBHOOK,
    OF_ALERTS,
    given,
)

LISTS: Final = frozenset({"off", "email_to"})


def alerts(environ: Mapping[str, str], table: Mapping[str, Any], where: str) -> Alerts:
    loaded: dict[str, Any] = alerts_table(table, where)
    for name in LISTS & loaded.keys():
        loaded[name] = tuple(loaded[name])
    said = {name: given(environ, name) for name in OF_ALERTS}
    found = Alerts(
        **loaded,
        webhook=_http(ALERTS_WEBHOOK, said[ALERTS_WEBHOOK]),
        signing_key=said[ALERTS_SIGNING_KEY],
        slack=_http(ALERTS_SLACK, said[ALERTS_SLACK]),
        smtp=_smtp(said[ALERTS_SMTP]),
    )
    _complete(found, where)
    return found


def _http(name: str, url: str) -> str:
    parts = parts_of(url, name)
    host = parts.hostname or ""
    if url and not (host and (parts.scheme == "https" or (parts.scheme == "http" and loopback(host)))):
        raise ConfigError(f"{name}: must be an https URL (http is for localhost only)")
    return url


def _smtp(url: str) -> str:
    parts = parts_of(url, ALERTS_SMTP)
    if url and not (parts.scheme in {"smtp", "smtps"} and parts.hostname):
        raise ConfigError(
            f"{ALERTS_SMTP}: write smtps://user:password@host, or smtp://… for a server that begins in clear (STARTTLS)"
        )
    return url


def _complete(found: Alerts, where: str) -> None:
    checks: tuple[tuple[bool, str], ...] = (
        (
            bool(found.webhook) and not _signs(found.signing_key),
            f"{ALERTS_SIGNING_KEY}: must be set with {ALERTS_WEBHOOK}, and begin with whsec_; `relay alerts key` makes one",
        ),
        (
            bool(found.email_to) and not found.smtp,
            f"{where} email_to: needs {ALERTS_SMTP}, such as smtps://user:password@host",
        ),
        (bool(found.email_to) and not found.email_from, f"{where} email_to: needs email_from, the sender's address"),
    )
    for wrong, words in checks:
        if wrong:
            raise ConfigError(words)


def _signs(key: str) -> bool:
    try:
        return key.startswith("whsec_") and bool(base64.b64decode(key.removeprefix("whsec_"), validate=True))
    except ValueError:
        return False

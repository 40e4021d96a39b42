"""Sends what is told: over HTTP and SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cache
from urllib.parse import unquote, urlsplit

import httpx

from worker.alerts import messages
from worker.settings.addresses import loopback
from worker.settings.values import Alerts
from worker.store.alerts.alerts import Alert
from worker.store.alerts.notices import Notice

SECONDS = 10.0


class NotSent(Exception):
    """Why it was not taken, in words that hold no address and no secret."""


@cache
def _trust() -> ssl.SSLContext:
    """Once a process: reading all the authorities that are trusted takes as long as everything else that a worker is made of."""
    return httpx.create_ssl_context(trust_env=False)


def _client() -> httpx.Client:
    return httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False, verify=_trust())


@dataclass(frozen=True, slots=True)
class Targets:
    """Everybody who is to be told. Raises NotSent."""

    settings: Alerts
    client: httpx.Client = field(default_factory=_client)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def send(self, alert: Alert, notice: Notice) -> None:
        match notice.target:
            case "webhook" if self.settings.webhook:
                self._webhook(alert, notice)
            case "slack" if self.settings.slack:
                self._post(self.settings.slack, json=messages.chat(alert, notice))
            case "email" if self.settings.email_to:
                to, sender = self.settings.email_to, self.settings.email_from
                self._mail(messages.mail(alert, notice, sender=sender, to=to))
            case target:
                raise NotSent(f"{target} is no longer set up")

    def _webhook(self, alert: Alert, notice: Notice) -> None:
        url, key = self.settings.webhook, self.settings.signing_key
        request = messages.webhook(alert, notice, url=url, signing_key=key, now=self.clock())
        self._post(url, content=request.body, headers=list(request.headers))

    def _post(self, url: str, **what: object) -> None:
        try:
            # What is answered beside the status is not read: it may go on for ever.
            with self.client.stream("POST", url, **what) as response:  # type: ignore[arg-type]
                status, taken = response.status_code, response.is_success
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise NotSent(type(error).__name__) from None
        if not taken:
            raise NotSent(f"HTTP {status}")

    def _mail(self, message: EmailMessage) -> None:
        parts = urlsplit(self.settings.smtp)
        try:
            with _connected(parts.scheme, parts.hostname or "", parts.port) as server:
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # ValueError: a port that is none, a password that is not ASCII.
            raise NotSent(type(error).__name__) from None


def _connected(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    """Encrypted, unless it stays on this machine."""
    context = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=SECONDS, context=context)
    server = smtplib.SMTP(host, port or 587, timeout=SECONDS)
    if not loopback(host):
        server.starttls(context=context)
    return server

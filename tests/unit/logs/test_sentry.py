"""Nothing that would be sent to Sentry holds a secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from sentry_sdk.utils import event_from_exception

from worker import logs
from worker.errors import ConfigError
from worker.logs import sentry

KEY = "nyckel-som-syns-4711"


class Kept(Transport):
    """Keeps what it should send."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.texts += [json.dumps(item.payload.json, ensure_ascii=False, default=str) for item in envelope.items]


def fail(secret: str) -> None:
    raise ValueError(f"GET https://x.se/api/v2/self?token=abc123 {secret}")


def test_neither_message_nor_breadcrumb_nor_variable_tells_a_secret() -> None:
    logs.hide(KEY)
    kept = Kept()
    client = sentry_sdk.Client(
        "https://a@o1.ingest.sentry.io/1", transport=kept, default_integrations=False, **sentry.options()
    )
    scope = sentry_sdk.Scope(client=client)
    scope.add_breadcrumb({"message": f"signed with {KEY}", "data": {"authorization": "Basic YTpi"}})
    try:
        fail(KEY)
    except ValueError as error:
        event, hint = event_from_exception(error, client_options=client.options)
        told: Any = {**event, "request": {"url": f"https://relay.se/webhooks/butik/{KEY}"}, "tags": {"event": "Åsa"}}
        client.capture_event(told, hint, scope)
    sent = "".join(kept.texts)
    assert "ValueError" in sent
    assert "Åsa" in sent
    assert "signed with" in sent
    assert not [secret for secret in (KEY, "abc123", "YTpi") if secret in sent]


def test_without_a_dsn_nothing_is_started() -> None:
    sentry.start({})
    assert not sentry_sdk.get_client().is_active()


def test_a_dsn_that_is_none_is_one_clear_line() -> None:
    with pytest.raises(ConfigError, match=r"^SENTRY_DSN: that is no DSN"):
        sentry.start({"SENTRY_DSN": "nej"})

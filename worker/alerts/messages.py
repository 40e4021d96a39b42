"""Writes what is told: as a Standard Webhook, for a chat, and as an e-mail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from worker.sdk.request import Request
from worker.sdk.signatures import StandardWebhooks
from worker.store.alerts.alerts import Alert
from worker.store.alerts.notices import Notice

OPENED = "opened"


def webhook(alert: Alert, notice: Notice, *, url: str, signing_key: str, now: datetime) -> Request:
    """Signed as https://www.standardwebhooks.com says. The id is the notice's: the same one however often it is sent."""
    body = {"type": f"alert.{notice.act}", "timestamp": _moment(alert, notice).isoformat(), "data": _data(alert)}
    headers = (("Content-Type", "application/json"), ("webhook-id", notice.id))
    request = Request("POST", url, headers, json.dumps(body, ensure_ascii=False).encode())
    return StandardWebhooks().sign(request, signing_key, now)


def chat(alert: Alert, notice: Notice) -> Mapping[str, Any]:
    """What Slack's incoming webhooks take, and those of others that follow them: https://api.slack.com/messaging/webhooks."""
    return {"text": _line(alert, notice).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}


def mail(alert: Alert, notice: Notice, *, sender: str, to: tuple[str, ...]) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = _line(alert, notice)
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Message-ID"] = f"<{notice.id}@{sender.rpartition('@')[2]}>"
    closed = f"Right again since: {alert.closed_at:%Y-%m-%d %H:%M:%S} UTC\n" if alert.closed_at else ""
    message.set_content(
        f"{alert.text}\n\nKind: {alert.kind}\nBegan: {alert.opened_at:%Y-%m-%d %H:%M:%S} UTC\n{closed}"
        "What to do: docs/operations.md, or `relay doctor`.\n"
    )
    return message


def _line(alert: Alert, notice: Notice) -> str:
    said = "WRONG" if notice.act == OPENED else "RIGHT AGAIN"
    return " ".join(f"[upsales-relay] {said}: {alert.text}".split())


def _moment(alert: Alert, notice: Notice) -> datetime:
    return alert.opened_at if notice.act == OPENED or alert.closed_at is None else alert.closed_at


def _data(alert: Alert) -> Mapping[str, Any]:
    return {
        "id": alert.id,
        "kind": alert.kind,
        "connection": alert.connection or None,
        "text": alert.text,
        "opened_at": alert.opened_at.isoformat(),
        "closed_at": alert.closed_at.isoformat() if alert.closed_at else None,
    }

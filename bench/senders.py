"""Signs 2 KB of JSON as a sender would, each request with an id of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from marshmallow import INCLUDE, Schema

from worker.plan import Ignored
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import field
from worker.sdk.signatures import HmacSha256
from worker.settings import Connection

SECRET = "not-a-secret"
SIZE = 2048


class Anything(Schema):
    class Meta:
        unknown = INCLUDE


def nothing_to_do(_event: Event, _settings: Any) -> Ignored:
    return Ignored("the benchmark wants nothing")


ACME = Connector(
    name="acme",
    title="Acme",
    signature=HmacSha256(header="Acme-Signature", prefix="sha256="),
    event_id=field("id"),
    event_type=field("type"),
    handles={"deal.won": Handles(Anything, nothing_to_do, subject=field("deal.id"), time=field("at"))},
    writes={},
)

CONNECTIONS = {"acme": Connection(name="acme", connector=ACME, settings=None)}


class OneSecret:
    """The benchmark's only secret."""

    def secrets(self, _connection: str) -> Sequence[str]:
        return (SECRET,)

    def verify_tokens(self, _connection: str) -> tuple[str, ...]:
        return ()

    def used(self, connection: str, secret: str) -> None:
        pass

    def fingerprint(self, secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()[:12]


def request(event_id: str, subject: str) -> bytes:
    """One HTTP request, ready to be sent."""
    event = {
        "id": event_id,
        "type": "deal.won",
        "at": "2026-11-23T12:00:00Z",
        "deal": {"id": subject, "title": "Åtta höns"},
    }
    event["note"] = "x" * (SIZE - len(json.dumps(event)) - len(', "note": ""'))
    body = json.dumps(event).encode()
    signature = hmac.digest(SECRET.encode(), body, "sha256").hex()
    head = (
        "POST /webhooks/acme HTTP/1.1\r\nHost: relay\r\nUser-Agent: acme/1\r\nAccept: */*\r\n"
        f"Content-Type: application/json\r\nAcme-Signature: sha256={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body

"""A sender of our own for the web's tests: signs like many do, and a sibling that can't sign and carries a token."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from marshmallow import INCLUDE, Schema

from worker.plan import Ignored
from worker.sdk.connector import Connector, Event, Handles, each
from worker.sdk.handshakes import echo_query, get_ok
from worker.sdk.mapping import field
from worker.sdk.request import Request
from worker.sdk.signatures import BodyField, HmacSha256, StaticHeader, UrlToken
from worker.settings import Connection

SECRET = "hemligt-åäö-0123456789"
VERIFY_TOKEN = "igenkänning-7"
SIGNATURE = "Acme-Signature"


class Anything(Schema):
    class Meta:
        unknown = INCLUDE


def nothing_to_do(_event: Event, _settings: Any) -> Ignored:
    return Ignored("a test sender wants nothing")


HANDLES = {
    "deal.won": Handles(Anything, nothing_to_do, subject=field("deal.id"), time=field("at")),
    "deal.urgent": Handles(Anything, nothing_to_do, subject=field("deal.id"), time=field("at"), priority=True),
}

ACME = Connector(
    name="acme",
    title="Acme",
    signature=HmacSha256(header=SIGNATURE, prefix="sha256="),
    event_id=field("id"),
    event_type=field("type"),
    handles=HANDLES,
    writes={},
    ignores=frozenset({"ping", "test.*"}),
    split=each,
    handshakes=(echo_query("challenge", token="verify_token"),),
    secret_headers=("x-acme-key",),
)

TOKENS = Connector(
    name="tokens",
    title="Tokens",
    signature=UrlToken(),
    event_id=field("id"),
    event_type=field("type"),
    handles=HANDLES,
    writes={},
    accepted_status=200,
    handshakes=(get_ok("HEAD"),),
)

HEADERS = Connector(
    name="headers",
    title="Headers",
    signature=StaticHeader("X-Token"),
    event_id=field("id"),
    event_type=field("type"),
    handles=HANDLES,
    writes={},
    accepted_status=204,
    secret_headers=("x-token",),
)

FIELDS = Connector(
    name="fields",
    title="Fields",
    signature=BodyField("google_key"),
    event_id=field("id"),
    event_type=field("type"),
    handles=HANDLES,
    writes={},
    secret_fields=("google_key",),
)

CONNECTIONS = {
    connector.name: Connection(name=connector.name, connector=connector, settings=None, body_limit=10_000)
    for connector in (ACME, TOKENS, HEADERS, FIELDS)
}


class KnownSecrets:
    """Secrets by connection; what isn't named has none."""

    def __init__(self, known: Mapping[str, Sequence[str]] | None = None) -> None:
        self.seen_in_use: list[tuple[str, str]] = []
        self._known = dict.fromkeys(CONNECTIONS, (SECRET,)) if known is None else known

    def secrets(self, connection: str) -> Sequence[str]:
        return self._known.get(connection, ())

    def verify_tokens(self, connection: str) -> Sequence[str]:
        return (VERIFY_TOKEN,) if connection in self._known else ()

    def used(self, connection: str, secret: str) -> None:
        self.seen_in_use.append((connection, secret))

    def fingerprint(self, secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()[:12]


def deal(event_id: str = "evt_1", event_type: str = "deal.won", **more: Any) -> bytes:
    body = {
        "id": event_id,
        "type": event_type,
        "at": "2026-11-23T12:00:00Z",
        "deal": {"id": "d-ö", "company": "Åsa Öberg AB"},
    }
    return json.dumps(body | more, ensure_ascii=False).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {
        SIGNATURE: "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex(),
        "Content-Type": "application/json",
    }


def as_request(body: bytes, now: datetime) -> Request:
    return ACME.signature.sign(Request("POST", "http://localhost/webhooks/acme", (), body), SECRET, now)

"""A sender that grants access: its connector, and its token endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from marshmallow import Schema

from worker.connectors import generic
from worker.sdk.connector import Connector
from worker.sdk.source import Kind, OAuth2, Sign, Source
from worker.settings import Connection
from worker.sources.grants_answer import TokenAnswer
from worker.sources.grants_request import TokenRequest

TOKEN = "klient-1:klienthemlighet-å"
REFRESHED = OAuth2(
    token_url="https://granter.example/oauth/token",
    authorize_url="https://granter.example/oauth/authorize?lang=sv",
    grant="refresh_token",
    scopes=("contract:read", "profile"),
    rotates=True,
    refresh_days=45,
)
BY_CLIENT = OAuth2(token_url="https://granter.example/oauth/token", grant="client_credentials")


def connector(sign: Sign, *, unread: bool = False) -> Connector:
    source = Source(
        url="https://granter.example/api", sign=sign, kinds={"thing": Kind(schema=Schema)}, timeout=1.0, unread=unread
    )
    return replace(generic.connector, name="granter", title="Granter", source=source)


def connection(sign: Sign = REFRESHED, name: str = "avtal", *, unread: bool = False, **changes: Any) -> Connection:
    made = connector(sign, unread=unread)
    return Connection(name=name, connector=made, settings=made.settings(), **changes)


@dataclass
class Granter:
    """Knows one refresh token at a time, as a sender that rotates. `before` runs when it is asked, `after` before its answer is given."""

    seconds: Any = 3600
    refresh: str = "fornyelse-0"
    number: int = 0
    asked: list[TokenRequest] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None

    def __call__(self, request: TokenRequest) -> TokenAnswer:
        self.asked.append(request)
        self.before()
        if request.form["grant_type"] == "refresh_token" and request.form["refresh_token"] != self.refresh:
            return told(
                400, {"error": "invalid_grant", "error_description": f"unknown {request.form['refresh_token']}"}
            )
        self.number += 1
        answer: dict[str, Any] = {
            "access_token": f"tilltrade-{self.number}",
            "token_type": "bearer",
            "expires_in": self.seconds,
        }
        if request.form["grant_type"] != "client_credentials":
            self.refresh = answer["refresh_token"] = f"fornyelse-{self.number}"
        self.after()
        return told(200, answer)


def told(status: int, body: Mapping[str, Any], **headers: str) -> TokenAnswer:
    return TokenAnswer(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body).encode()
    )

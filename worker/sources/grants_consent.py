"""Asks a person for a grant: the address to open, and what comes back from it; pure."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from worker.errors import ConfigError
from worker.sdk.source import OAuth2
from worker.settings import Connection
from worker.sources.grants_answer import CODE
from worker.sources.grants_request import placed

MOST_CHARACTERS: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Consent:
    """What one person is asked, once. `verifier` proves that whoever brings the code is who asked for it."""

    url: str
    redirect: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


def ask(connection: Connection, sign: OAuth2, client_id: str, redirect: str, state: str, verifier: str) -> Consent:
    """As https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1 and RFC 7636 say. `state`, `verifier`: random. Raises ConfigError."""
    if sign.authorize_url is None:
        raise ConfigError(f"{connection.connector.title} declares no page on which a person gives a grant")
    parts = urlsplit(placed(sign.authorize_url, connection))
    wanted = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect,
        "state": state,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        **({"scope": " ".join(sign.scopes)} if sign.scopes else {}),
        **sign.authorize_fields,
    }
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *wanted.items()])
    return Consent(urlunsplit((*parts[:3], query, "")), redirect, state, verifier)


def code_of(consent: Consent, redirected: str) -> str:
    """From the address that the person was sent back to. Raises ConfigError, which holds nothing of it."""
    if len(redirected) > MOST_CHARACTERS:
        raise ConfigError("that is no address that the sender sends back to")
    try:
        told = dict(parse_qsl(urlsplit(redirected.strip()).query))
    except ValueError:
        told = {}
    if "state" not in told or not ("code" in told or "error" in told):
        raise ConfigError("that is not the whole address that the sender sent back to: it has no code and state in it")
    if not hmac.compare_digest(told["state"].encode(errors="replace"), consent.state.encode()):
        raise ConfigError("that answers another question than was asked now (its state differs): begin anew")
    if "code" not in told:
        error = told["error"]
        raise ConfigError(f"the sender gave no grant{f': {error}' if CODE.fullmatch(error) else ''}")
    return told["code"]


def challenge(verifier: str) -> str:
    """S256 of https://www.rfc-editor.org/rfc/rfc7636#section-4.2."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()

"""Says who asks: by a session, by a token, or by the proxy that let them in."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from flask import Request, g

from web.console.kinds import refusal
from worker.settings.console import Console, Role, Token, digest
from worker.store.people.audit import Actor, Via
from worker.store.people.sessions import Session

COOKIE = "relay_console"


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. `session`: of the console's pages; its id keys the token of every form."""

    name: str
    role: Role
    via: Via
    address: str | None
    session: Session | None = None

    @property
    def operates(self) -> bool:
        return self.role == "operator"

    @property
    def actor(self) -> Actor:
        return Actor(self.name, self.via, self.address)


def person() -> Person:
    """Whoever asks; only behind the guard."""
    found: Person = g.person
    return found


def session_id() -> str | None:
    """None for a program: it has no pages to see things on for a while."""
    found = person().session
    return None if found is None else found.id


def operator() -> Person:
    """Raises Problem for a viewer."""
    found = person()
    if not found.operates:
        raise refusal("operators-only", "Operators only; you are a viewer.")
    return found


def by_token(console: Console, token: str) -> Token | None:
    given = digest(token)
    found = [each for each in console.tokens if hmac.compare_digest(each.digest, given)]
    return found[0] if found else None


def by_proxy(console: Console, request: Request) -> tuple[str, Role] | None:
    """The name that the proxy wrote. Its header counts from its own address only."""
    proxy = console.proxy
    if proxy is None or request.remote_addr != proxy.address:
        return None
    name = request.headers.get(proxy.header, "").strip()
    if not name or len(name) > 255 or not name.isprintable():
        return None
    return name, "operator" if name in console.operators else "viewer"


def still_valid(console: Console, session: Session) -> bool:
    """Whether what let them in still would, with the role that it gave."""
    if not session.credential:
        return console.proxy is not None
    return any(
        hmac.compare_digest(token.digest, session.credential) and token.role == session.role for token in console.tokens
    )


def secure(console: Console, request: Request) -> bool:
    """Whether the request came by https, by its own word or by that of the named proxy."""
    from_proxy = console.proxy is not None and request.remote_addr == console.proxy.address
    return request.is_secure or (from_proxy and request.headers.get("X-Forwarded-Proto") == "https")

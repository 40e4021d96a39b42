"""Says who asks: by a session, by a token, or by the proxy that let them in."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass

from flask import Request, g

from web.console.kinds import refusal
from worker.settings.console import Console, Role, Token, digest
from worker.store.people.audit import Actor, Via
from worker.store.people.sessions import Session

COOKIE = "relay_console"
LONG = 32
"""Characters of a token; `openssl rand -hex 24` makes 48."""
HTTPS_COOKIE = f"__Host-{COOKIE}"
"""No other site and no plain http can set it, https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#name-the-__host-prefix."""


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


def unguessable(found: Token | None) -> bool:
    """So long that nobody comes upon it by trying. Whoever tries from behind the same proxy does not keep its owner out."""
    return found is not None and found.length >= LONG


def by_proxy(console: Console, request: Request) -> tuple[str, Role] | None:
    """The name that the proxy wrote. Its header counts from its own address only."""
    proxy = console.proxy
    if proxy is None or request.remote_addr != proxy.address:
        return None
    name = request.headers.get(proxy.header, "").strip()
    # With a comma it came twice: the proxy let through what a browser sent, and nobody can tell which is its own.
    if not name or len(name) > 255 or not name.isprintable() or "," in name:
        return None
    return name, "operator" if name in console.operators else "viewer"


def client_of(console: Console, request: Request) -> str | None:
    """Where whoever asks is. Behind the named proxy it is the last that it wrote down, for what stands before came with the request; its own says nothing."""
    proxy = console.proxy
    if proxy is None or request.remote_addr != proxy.address:
        return request.remote_addr
    try:
        return str(ipaddress.ip_address(request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()))
    except ValueError:
        return None


def still_valid(console: Console, session: Session) -> bool:
    """Whether what let them in still would, with the role that it gave."""
    if not session.credential:
        return console.proxy is not None
    return any(
        hmac.compare_digest(token.digest, session.credential) and token.role == session.role for token in console.tokens
    )


def cookie_of(console: Console, request: Request) -> str:
    """What the session's cookie holds. Over https another one is somebody else's: a site of the same domain can set it."""
    found = request.cookies.get(HTTPS_COOKIE, "")
    return found if found or secure(console, request) else request.cookies.get(COOKIE, "")


def secure(console: Console, request: Request) -> bool:
    """Whether the request came by https, by its own word or by that of the named proxy."""
    from_proxy = console.proxy is not None and request.remote_addr == console.proxy.address
    return request.is_secure or (from_proxy and request.headers.get("X-Forwarded-Proto") == "https")

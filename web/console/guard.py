"""Lets nobody past who is not known, and no form that another site sent."""

from __future__ import annotations

import hashlib
import hmac
from contextlib import suppress
from urllib.parse import urlsplit

from flask import Blueprint, Request, g, redirect, request, url_for
from werkzeug.wrappers import Response

from web.console.kinds import refusal
from web.console.who import Person, by_proxy, by_token, client_of, cookie_of, person, still_valid, unguessable
from worker.admin.parts import Parts
from worker.store import StoreUnavailable
from worker.store.people import sessions
from worker.store.people.sessions import Session

CLOSED = "Nobody can sign in yet: set RELAY_ADMIN_TOKEN (or RELAY_ADMIN_TOKEN_FILE) and start the console again."
FIND = "find"
"""The endpoint that is sent a form and changes nothing: what is looked for must not stand in an address."""
NOTED_WITHIN = 0.1
"""Seconds for the database's turn, to note that a session was seen; else the next page does."""


def guard_pages(pages: Blueprint, parts: Parts) -> None:
    """All of its routes: signed in, and what changes something comes from a form of ours."""

    @pages.before_request
    def known() -> Response | None:
        found = of_session(parts, request)
        if found is None:
            # Where a person was going; only where the address is one of a page that can be shown.
            there = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("session.sign_in", next=there if there != "/" else None), 303)
        g.person = found
        if request.method not in ("GET", "HEAD"):
            refuse_other_sites(request)
            refuse_other_forms(request, found)
            if not found.operates and request.endpoint != f"{pages.name}.{FIND}":
                raise refusal("operators-only", "Operators only; you are a viewer.")
        return None


def guard_api(api: Blueprint, parts: Parts) -> None:
    """A bearer token, or the proxy's word; a cookie is none, so no other site can send what counts."""

    @api.before_request
    def known() -> None:
        console = parts.settings.console
        if console.closed:
            raise refusal("not-signed-in", CLOSED)
        g.person = _of_bearer(parts, request)
        changes = request.method not in ("GET", "HEAD") and request.endpoint != f"{api.name}.{FIND}"
        if changes and not person().operates:
            raise refusal("operators-only", "Operators only; this token is a viewer's.")


def refuse_other_sites(request: Request) -> None:
    """`Sec-Fetch-Site`, https://www.w3.org/TR/fetch-metadata/; where it is missing (plain http, old browsers), the Origin."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    same = site == "same-origin" if site else origin is not None and urlsplit(origin).netloc == request.host
    if not same:
        raise refusal(
            "another-site",
            "This form was not sent from the console's own page. Open the page again, and send it there.",
        )


def refuse_other_forms(request: Request, person: Person) -> None:
    given = request.form.get("csrf", "")
    if not hmac.compare_digest(given.encode(), form_token(person.session).encode()):
        raise refusal("another-site", "This form is of another session. Open the page again, and send it there.")


def form_token(session: Session | None) -> str:
    """The same for all forms of a session. What the cookie holds can't be learnt from it."""
    key = "" if session is None else session.id
    return hmac.new(key.encode(), b"form", hashlib.sha256).hexdigest()


def of_session(parts: Parts, request: Request) -> Person | None:
    """Who is signed in with the cookie of this request."""
    console = parts.settings.console
    cookie = cookie_of(console, request)
    if not cookie:
        return None
    with parts.store.read() as conn:
        found = sessions.find(conn, cookie)
    if found is None or not still_valid(console, found[0]):
        return None
    session, touch = found
    if not session.credential:
        # The proxy vouches for each request, not for the cookie.
        vouched = by_proxy(console, request)
        if vouched is None or vouched != (session.name, session.role):
            return None
    if touch and "live" not in request.args:
        # While the database takes no writes, pages are still shown: they say so.
        with suppress(StoreUnavailable), parts.store.write(NOTED_WITHIN) as conn:
            sessions.seen(conn, session.id)
    return Person(session.name, session.role, "page", client_of(console, request), session)


def _of_bearer(parts: Parts, request: Request) -> Person:
    console = parts.settings.console
    word, _, token = request.headers.get("Authorization", "").partition(" ")
    if word.lower() == "bearer" and token.strip():
        with parts.store.read() as conn:
            tried = sessions.failures(conn, str(request.remote_addr))
        found = by_token(console, token.strip())
        if tried >= sessions.MOST_FAILURES and not unguessable(found):
            raise refusal("too-often", "Too many wrong tokens came from this address. Wait a minute.", retry_after=60)
        if found is not None:
            return Person(found.name, found.role, "api", client_of(console, request))
        with parts.store.write() as conn:
            sessions.failed(conn, str(request.remote_addr))
    elif (vouched := by_proxy(console, request)) is not None and request.method in ("GET", "HEAD"):
        # A browser behind the proxy brings its word with every request, also with one that another site made it send.
        return Person(*vouched, "api", client_of(console, request))
    raise refusal(
        "not-signed-in", "Send `Authorization: Bearer <token>` with a token of RELAY_ADMIN_TOKEN or RELAY_VIEWER_TOKEN."
    )

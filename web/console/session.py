"""Lets people in and out."""

from __future__ import annotations

import secrets

from flask import Blueprint, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from web.console.guard import CLOSED, form_token, of_session, refuse_other_forms, refuse_other_sites
from web.console.idempotency import FIELD
from web.console.who import COOKIE, HTTPS_COOKIE, Person, by_proxy, by_token, client_of, cookie_of, secure, unguessable
from web.console.zones import known_zones
from worker.admin.parts import Parts
from worker.settings.console import Role
from worker.store.people import audit, sessions
from worker.store.people.audit import Actor

UTC = "UTC"
WRONG = "This token lets nobody in. It may have been replaced, or not have been copied whole."


def sessions_of(parts: Parts) -> Blueprint:
    made, door = Blueprint("session", __name__), _Door(parts)
    made.add_url_rule("/sign-in", "sign_in", door.sign_in)
    made.add_url_rule("/sign-in", "sign_in_with_token", door.sign_in_with_token, methods=["POST"])
    made.add_url_rule("/sign-out", "sign_out", door.sign_out, methods=["POST"])
    made.add_app_template_global(form_fields)
    return made


def form_fields() -> Markup:
    """What each form of a page carries: that it is ours, and a key of its own, so that a double click does a thing once."""
    person = g.get("person")
    csrf = form_token(None if person is None else person.session)
    return Markup('<input type="hidden" name="csrf" value="{}"><input type="hidden" name="{}" value="{}">').format(
        csrf, FIELD, secrets.token_urlsafe(16)
    )


class _Door:
    def __init__(self, parts: Parts) -> None:
        self._parts, self._store, self._console = parts, parts.store, parts.settings.console

    def sign_in(self) -> Response | tuple[str, int]:
        vouched = by_proxy(self._console, request)
        if vouched is not None and _by_person():
            if of_session(self._parts, request) is not None:
                return redirect(inside(request.values.get("next")), 303)
            return self._let_in(*vouched, credential="", zone=UTC)
        return self._form(200)

    def sign_in_with_token(self) -> Response | tuple[str, int]:
        refuse_other_sites(request)
        address = str(request.remote_addr)
        with self._store.read() as conn:
            tried = sessions.failures(conn, address)
        found = by_token(self._console, request.form.get("token", "").strip())
        if tried >= sessions.MOST_FAILURES and not unguessable(found):
            return self._form(429, "Too many wrong tokens came from this address. Wait a minute.")
        if found is None:
            with self._store.write() as conn:
                sessions.failed(conn, address)
            return self._form(401, WRONG)
        return self._let_in(found.name, found.role, found.digest, _zone(request.form.get("zone", "")))

    def sign_out(self) -> Response:
        refuse_other_sites(request)
        with self._store.read() as conn:
            found = sessions.find(conn, cookie_of(self._console, request))
        if found is not None:
            session = found[0]
            person = Person(session.name, session.role, "page", client_of(self._console, request), session)
            refuse_other_forms(request, person)
            with self._store.write() as conn:
                sessions.end(conn, session.id)
                audit.record(conn, person.actor, "sign-out", "relay")
        response = redirect(url_for("session.sign_in"), 303)
        response.delete_cookie(COOKIE, path="/")
        response.delete_cookie(HTTPS_COOKIE, path="/", secure=True)
        return response

    def _form(self, status: int, fault: str | None = None) -> tuple[str, int]:
        values = {
            "fault": fault,
            "closed": CLOSED if self._console.closed else None,
            "next": inside(request.values.get("next")),
            "zone": _zone(request.values.get("zone", "")),
            "by_token": bool(self._console.tokens),
        }
        return render_template("sign_in.html", **values), status

    def _let_in(self, name: str, role: Role, credential: str, zone: str) -> Response:
        with self._store.write() as conn:
            if before := sessions.find(conn, cookie_of(self._console, request)):
                sessions.end(conn, before[0].id)
            cookie = sessions.begin(conn, name, role, credential, zone)
            audit.record(conn, Actor(name, "page", client_of(self._console, request)), "sign-in", "relay", outcome=role)
        response = redirect(inside(request.values.get("next")), 303)
        # A browser says in the Origin of a form by what it came, also where a proxy does not.
        https = secure(self._console, request) or request.headers.get("Origin", "").startswith("https://")
        name = HTTPS_COOKIE if https else COOKIE
        response.set_cookie(name, cookie, httponly=True, samesite="Lax", secure=https, path="/")
        return response


def inside(path: str | None) -> str:
    """Only a place of the console itself."""
    safe = path and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if path and safe else "/"


def _by_person() -> bool:
    """Whether a browser opens the page: no image of another page begins a session, nor does a program that looks whether we are there."""
    return request.method == "GET" and request.headers.get("Sec-Fetch-Dest", "document") == "document"


def _zone(name: str) -> str:
    return name if name in known_zones() else UTC

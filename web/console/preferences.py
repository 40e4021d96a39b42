"""Keeps how a person wants to see the pages: the time zone beside UTC, light or dark."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from web.console.guard import of_session, refuse_other_forms, refuse_other_sites
from web.console.session import inside
from web.console.zones import known_zones
from worker.admin.filters import Fault, InvalidParameters
from worker.admin.parts import Parts
from worker.store.people import sessions

THEMES = ("", "light", "dark")
"""Empty: as the browser says."""


def preferences_of(parts: Parts) -> Blueprint:
    """For viewers too: it changes nothing but their own session, and what is left out stays as it is."""
    made = Blueprint("preferences", __name__)

    @made.post("/preferences")
    def prefer() -> Response:
        refuse_other_sites(request)
        person = of_session(parts, request)
        if person is None or person.session is None:
            return redirect(url_for("session.sign_in"), 303)
        refuse_other_forms(request, person)
        session = person.session
        zone, theme = request.form.get("zone", session.zone), request.form.get("theme", session.theme)
        if zone not in known_zones():
            raise InvalidParameters([Fault("zone", f"{zone!r} is no time zone. Write one such as Europe/Stockholm")])
        if theme not in THEMES:
            raise InvalidParameters([Fault("theme", f"{theme!r} is none. Leave it empty, or write light or dark")])
        with parts.store.write() as conn:
            sessions.prefer(conn, session.id, zone=zone, theme=theme)
        return redirect(inside(request.form.get("next")), 303)

    return made

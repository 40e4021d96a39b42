"""Opens acts beside those of the console: what holds for all of them is tried on these, whatever the others do."""

from __future__ import annotations

import time

from flask import Response, g, render_template_string

from web.console.doors import Done, Doors, act
from web.console.idempotency import need_key
from web.console.who import operator
from web.console.wire import answer
from web.problems import Problem
from worker.store.people import audit
from worker.store.people.audit import Actor

PAGE = """
{% extends "frame.html" %}
{% from "parts.html" import action %}
{% block title %}Probe{% endblock %}
{% block heading %}Probe{% endblock %}
{% block content %}
<section data-live id="rung"><h2>Rung</h2><p>{{ rung }} times</p></section>
<section data-live id="form"><h2>Ring, after {{ rung }}</h2>{% call action("/probe/klocka/ring", "Ring") %}{% endcall %}</section>
{% endblock %}
"""


def open_probe(doors: Doors) -> None:
    """`ring` does something each time it is reached, `refuse` never; `secrets` tells what is told once."""
    store = doors.parts.store

    def ring(actor: Actor, why: str | None, name: str) -> Done:
        with store.write() as conn:
            done = audit.record(conn, actor, "ring", f"probe/{name}", why=why)
            rung = len(audit.listed(conn, about=f"probe/{name}"))
        return Done({"name": name, "rung": rung}, done, "/events")

    def refuse(_actor: Actor, _why: str | None, name: str) -> Done:
        raise Problem(404, f"There is no {name}.")

    @doors.pages.get("/probe")
    def probe() -> tuple[str, int]:
        with store.read() as conn:
            rung = len(audit.listed(conn, act="ring"))
        took = round((time.perf_counter() - g.begun) * 1000)
        return render_template_string(PAGE, rung=rung, took=took), 200

    act(doors, "/probe/<name>/ring", ring, endpoint="ring")
    act(doors, "/probe/<name>/refuse", refuse, endpoint="refuse")

    @doors.api.post("/probe/<name>/secrets")
    @doors.tells("A secret, once", status=201, key_needed=True)
    def secrets(name: str) -> Response:
        operator()
        need_key()
        return answer(ring(operator().actor, "a secret", name).value | {"secret": "hemligt-4711"}, 201)


def open_breaking(doors: Doors) -> None:
    def fail(_actor: Actor, _why: str | None, name: str) -> Done:
        raise RuntimeError(name)

    act(doors, "/probe/<name>/fail", fail, why=False, endpoint="fail")

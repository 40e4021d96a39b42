"""Finds every route of the console, and an address for each: what somebody adds can't be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import insert, update
from ulid import ULID
from werkzeug.routing import Rule

from tests.integration.store.examples import arrival, event, take_in
from tests.integration.web.console.stage import OPERATOR, Stage
from worker.admin import batches
from worker.admin.filters import Filters
from worker.store import Store
from worker.store.db.clock import now
from worker.store.db.tables import erasures, events, records
from worker.store.people.audit import Actor
from worker.sync.records import Held

LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN = frozenset({"/healthz", "/metrics", "/static/<path:filename>", "/sign-in", "/sign-out", "/api/v1/openapi.json"})
"""What nobody has to be signed in for."""


@dataclass(frozen=True)
class Route:
    """One rule with one method."""

    rule: Rule
    method: str

    @property
    def path(self) -> str:
        return str(self.rule)

    @property
    def api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def looks(self) -> bool:
        return self.method in LOOKING

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes(app: Flask) -> Iterator[Route]:
    """But for what Flask answers by itself, and for what is open to everybody."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if str(rule) not in OPEN:
            yield from (
                Route(rule, method) for method in sorted(rule.methods or ()) if method not in ("HEAD", "OPTIONS")
            )


def pages(app: Flask) -> Sequence[Route]:
    return [route for route in routes(app) if route.looks and not route.api]


@dataclass(frozen=True)
class Filled:
    """What is in the database, for addresses that name something: `values` by the argument of the route, or by the whole rule."""

    values: Mapping[str, str]

    def address(self, route: Route) -> str:
        names = {name: self._value(route, name) for name in route.rule.arguments}
        _, path = route.rule.build(names) or ("", "")
        assert path, route
        return path

    def _value(self, route: Route, name: str) -> str:
        found = self.values.get(f"{route.path} {name}", self.values.get(name))
        one_of = re.search(rf"<any\(['\" ]*([\w-]+)[^)]*\):{name}>", route.path)
        if one_of:
            return one_of[1]
        assert found is not None, f"say in {__name__} with what {route} is asked: nothing is called {name}"
        return found


NOTHING = Filled(
    {
        **dict.fromkeys(("id", "event", "event_id", "erasure"), "01KB0000000000000000000000"),
        **dict.fromkeys(("name", "connection"), "butik"),
        **dict.fromkeys(("account", "record", "record_id", "deed", "seq"), "1"),
        "resource": "account",
        "batch": "b-4711",
    }
)
"""Names of what is not there, but for a connection."""


def fill(store: Store) -> Filled:
    """One event of each fate, a record, somebody who was forgotten, and what people did with them."""
    found = {}
    for fate in ("pending", "delivered", "superseded", "ignored", "dead", "review"):
        (receipt,) = take_in(store, arrival(event(f"e-{fate}", subject=f"order:{fate}"), connection="butik"))
        found[fate] = receipt.events[0].id
    with store.write() as conn:
        for fate, made in found.items():
            ended = {"done_at": now(conn)} if fate != "pending" else {}
            reason = 'stage "Vunnen" is unknown' if fate in ("dead", "review") else None
            conn.execute(update(events).where(events.c.id == made).values(status=fate, reason=reason, **ended))
        held = Held("Åkeri", now(conn), 1, found["delivered"], "butik").packed()
        conn.execute(insert(records).values(account=1, resource="account", record_id=1, fields={"name": held}))
        proof, at = str(ULID()), now(conn)
        told = {"term": "0" * 16, "by": "anna", "why": "hon bad om det", "counts": {"events": 1}}
        conn.execute(insert(erasures).values(id=proof, begun_at=at, done_at=at, **told))
    draft = batches.create(store, Actor("anna", "page"), "replay", Filters(fate=("dead",)), key="walk").batch.id
    dead = dict.fromkeys(("id", "event", "event_id"), found["dead"])
    reviewed = {f"{rule} {name}": found["review"] for rule in REVIEW_RULES for name in dead}
    return Filled({**NOTHING.values, **dead, **reviewed, "erasure": proof, "batch": draft})


REVIEW_RULES = ("/review/<event>", "/api/v1/reviews/<event>", "/api/v1/reviews/<event>/candidates")


def filled(stage: Stage) -> Filled:
    found = fill(stage.store)
    stage.visitor(OPERATOR).send("/sign-out")
    return found

"""Every route, for everybody who may come, over every kind of database: none is forgotten, for they are found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.integration.web.console.stage import CONFIG, ENVIRON, OPERATOR, SAME_SITE, VIEWER, Silent, Stage, form_token
from tests.integration.web.console.structure import faults
from tests.integration.web.console.walk import NOTHING, Filled, Route, filled, pages, routes
from worker.settings import load

TOKENS = {"operator": OPERATOR, "viewer": VIEWER}
FOR_VIEWERS = frozenset({"/find", "/searches", "/preferences", "/api/v1/searches"})
"""What changes nothing that others see."""
PROBLEM = "application/problem+json"


@pytest.fixture
def full(stage: Stage) -> Filled:
    return filled(stage)


@pytest.fixture
def silent(stage: Stage) -> Iterator[Stage]:
    """Over a database that knows who is signed in, and answers no question in time."""
    made = Silent(stage.settings, stage.environ)
    yield made
    made.store.close()


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Stage]:
    """Over a database that is not there."""
    config = tmp_path / "relay.toml"
    config.write_text(CONFIG, "utf-8")
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "RELAY_CONFIG": str(config)}
    made = Stage(load({**ENVIRON, **nowhere}), {**ENVIRON, **nowhere})
    yield made
    made.store.close()


def wrong(found: Iterable[tuple[Route, object]]) -> dict[str, object]:
    return {str(route): fault for route, fault in found if fault}


def test_routes_are_found(stage: Stage) -> None:
    found = {str(route) for route in routes(stage.app)}
    assert {"GET /events", "GET /api/v1/events", "GET /api/v1/events/count"} <= found


@pytest.mark.parametrize("role", TOKENS)
@pytest.mark.parametrize("what", ["empty", "full", "silent"])
def test_every_page_is_well_made(stage: Stage, role: str, what: str, request: pytest.FixtureRequest) -> None:
    addresses: Filled = request.getfixturevalue("full") if what == "full" else NOTHING
    seen = request.getfixturevalue("silent") if what == "silent" else stage
    visitor = seen.visitor(TOKENS[role])
    if what == "full":
        # A body as it came is shown to who asked for it.
        visitor.send(f"/events/{addresses.values['event_id']}/reveal", why="prov")

    def fault(route: Route) -> object:
        answer = visitor.get(addresses.address(route))
        # Nothing is there to be seen where a page is about one thing.
        fine = {200, 303} if what == "full" or not route.rule.arguments else {200, 303, 404}
        fine |= {403} if role == "viewer" else set()
        if answer.status_code not in (fine | {503} if what == "silent" else fine):
            return f"{answer.status_code}: say in walk.py what it is asked with. {answer.text[-500:]}"
        return answer.status_code != 303 and answer.mimetype == "text/html" and faults(answer.text)

    assert wrong((route, fault(route)) for route in pages(stage.app)) == {}


@pytest.mark.parametrize("role", TOKENS)
@pytest.mark.parametrize("what", ["empty", "full", "silent"])
def test_the_api_answers_with_json(stage: Stage, role: str, what: str, request: pytest.FixtureRequest) -> None:
    addresses: Filled = request.getfixturevalue("full") if what == "full" else NOTHING
    seen = request.getfixturevalue("silent") if what == "silent" else stage
    visitor = seen.visitor()

    def fault(route: Route) -> object:
        path = addresses.address(route).removeprefix("/api/v1")
        answer = visitor.ask(route.method, path, TOKENS[role])
        # Some questions have to have a filter, and some are for operators; what is wrong is said in their form.
        ours = {"application/json", "text/plain", "application/octet-stream"} if answer.status_code < 400 else {PROBLEM}
        fine = {200, 400, 403, 404} | ({503} if what == "silent" else set())
        return (answer.status_code not in fine or answer.mimetype not in ours) and (
            f"{answer.status_code} {answer.mimetype}: {answer.text[:500]}"
        )

    asked = [route for route in routes(stage.app) if route.api and route.looks]
    assert wrong((route, fault(route)) for route in asked) == {}


def test_a_viewer_changes_nothing(stage: Stage, full: Filled) -> None:
    visitor = stage.visitor(VIEWER)
    csrf = form_token(visitor.get("/events").text)

    def fault(route: Route) -> object:
        if route.api:
            answer = visitor.ask(route.method, full.address(route).removeprefix("/api/v1"), VIEWER, {"why": "prov"})
        else:
            data = {"csrf": csrf, "why": "prov"}
            answer = visitor.client.open(full.address(route), method=route.method, data=data, headers=SAME_SITE)
        return (answer.status_code, "perators only" in answer.text) != (403, True) and answer.text[-500:]

    changing = [route for route in routes(stage.app) if not route.looks and route.path not in FOR_VIEWERS]
    assert wrong((route, fault(route)) for route in changing) == {}


@pytest.mark.parametrize(
    ("without", "data", "headers"),
    [("token", {}, SAME_SITE), ("origin", {"csrf": "?"}, {"Sec-Fetch-Site": "cross-site"})],
)
def test_no_form_of_another_site_is_taken(
    stage: Stage, full: Filled, without: str, data: dict[str, str], headers: dict[str, str]
) -> None:
    visitor = stage.visitor(OPERATOR)
    given = {name: form_token(visitor.get("/events").text) for name in data}

    def fault(route: Route) -> object:
        told = {**given, "why": "prov"}
        answer = visitor.client.open(full.address(route), method=route.method, data=told, headers=headers)
        return (answer.status_code, "This form" in answer.text) != (403, True) and answer.text[-500:]

    changing = [route for route in routes(stage.app) if not route.looks and not route.api]
    assert wrong((route, fault(route)) for route in changing) == {}


def test_nobody_gets_in(stage: Stage, full: Filled) -> None:
    visitor = stage.visitor()
    stolen = stage.visitor(OPERATOR).client.get_cookie("relay_console")
    assert stolen is not None

    def fault(route: Route) -> object:
        answer = visitor.client.open(full.address(route), method=route.method, headers=SAME_SITE)
        if route.api:
            visitor.client.set_cookie("relay_console", stolen.value)
            with_cookie = visitor.client.open(full.address(route), method=route.method, headers=SAME_SITE)
            visitor.client.delete_cookie("relay_console")
            return (answer.status_code, with_cookie.status_code) != (401, 401) and answer.text
        return (answer.status_code, answer.headers.get("Location", "")[:8]) != (303, "/sign-in") and answer.text

    assert wrong((route, fault(route)) for route in routes(stage.app)) == {}


def test_without_a_database_every_route_says_so(away: Stage) -> None:
    visitor = away.visitor()
    visitor.client.set_cookie("relay_console", "whoever-it-was")

    def fault(route: Route) -> object:
        told = {"Authorization": f"Bearer {OPERATOR}", **SAME_SITE}
        answer = visitor.client.open(NOTHING.address(route), method=route.method, headers=told)
        if (answer.status_code, answer.headers.get("Retry-After")) != (503, "5"):
            return f"{answer.status_code} {answer.text[-500:]}"
        return json.loads(answer.text)["status"] != 503 if route.api else faults(answer.text)

    assert wrong((route, fault(route)) for route in routes(away.app)) == {}
    assert visitor.get("/healthz").status_code == visitor.get("/sign-in").status_code == 200


@pytest.mark.parametrize("path", ["/no-such-page", "/events/no/such/page"])
def test_what_is_not_there_is_a_page_of_its_own(stage: Stage, path: str) -> None:
    for visitor in (stage.visitor(), stage.visitor(VIEWER)):
        answer = visitor.get(path)
        assert (answer.status_code, faults(answer.text)) == (404, [])

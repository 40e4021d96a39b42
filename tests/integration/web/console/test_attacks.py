"""What somebody tries who wants in, wants data, or wants the console to stop."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import g
from sqlalchemy import func, select

from tests.integration.web.console.stage import OPERATOR, SAME_SITE, VIEWER, Stage, Visitor
from tests.integration.web.console.test_sign_in import with_proxy
from tests.integration.web.console.told import contact, receive
from tests.integration.web.console.walk import fill
from web.console.pages import lists
from web.console.who import Person
from worker.admin import known
from worker.store.db.tables import audit, console_sessions

NAMED = {"X-Forwarded-Email": "anna@example.com"}


def rows(stage: Stage, table: Any) -> int:
    with stage.store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.parametrize("place", ["value", "name"])
def test_half_a_character_breaks_no_page(stage: Stage, operator: Visitor, place: str) -> None:
    halves: dict[str, dict[str, Any]] = {
        "value": {"notes": "x\ud83d y", "name": "Åsa \udc00"},
        "name": {"a\ud83d": 1},
    }
    event = receive(stage, json.dumps(contact(**halves[place])).encode())
    page = f"/events/{event}"
    assert operator.get(page).status_code == 200
    operator.send(f"{page}/reveal", shown_on=page, why="prov")
    for path in (page, f"{page}/body"):
        assert operator.get(path).status_code == 200
    for part in ("", "/request", "/plan", "/calls", "/records", "/history"):
        assert operator.ask("GET", f"{page}{part}", OPERATOR).status_code == 200, part
    assert operator.ask("POST", f"{page}/reveal", OPERATOR, {"why": "prov"}).status_code == 200


@pytest.mark.parametrize(("role", "patient"), [("operator", True), ("viewer", False)])
def test_only_operators_ask_for_patience(stage: Stage, role: str, *, patient: bool) -> None:
    with stage.app.test_request_context("/events?patience=5"):
        g.person = Person("x", "operator" if role == "operator" else "viewer", "page", None)
        assert lists.patience() == (known.MOST_PATIENCE if patient else known.PATIENCE)


def test_no_other_page_signs_anybody_in_behind_a_proxy(stage: Stage) -> None:
    behind = with_proxy(stage)
    before = rows(stage, console_sessions)
    for headers in ({"Sec-Fetch-Dest": "image"}, {"Sec-Fetch-Dest": "iframe"}, {"Sec-Fetch-Dest": "empty"}):
        behind.visitor().client.get("/sign-in", headers={**NAMED, **headers})
    behind.visitor().client.head("/sign-in", headers=NAMED)
    assert rows(stage, console_sessions) == before
    behind.close()


def test_who_is_signed_in_by_a_proxy_is_not_signed_in_again(stage: Stage) -> None:
    behind = with_proxy(stage)
    visitor = behind.visitor()
    for _ in range(3):
        assert visitor.get("/sign-in", **NAMED).status_code == 303
    assert rows(stage, console_sessions) == 1
    behind.close()


def test_signing_in_again_ends_the_session_before(stage: Stage, operator: Visitor) -> None:
    operator.sign_in(OPERATOR)
    assert rows(stage, console_sessions) == 1


def test_over_https_no_sub_domain_sets_the_cookie(stage: Stage) -> None:
    behind = with_proxy(stage)
    named = {**NAMED, "X-Forwarded-Proto": "https"}
    signed = behind.visitor().client.get("/sign-in", headers=named, base_url="https://localhost")
    assert signed.headers["Set-Cookie"].startswith("__Host-relay_console=")
    tossed = behind.visitor()
    value = signed.headers["Set-Cookie"].split("=")[1].split(";")[0]
    tossed.client.set_cookie("relay_console", value)
    assert tossed.client.get("/events", headers=named, base_url="https://localhost").status_code == 303
    behind.close()


def test_a_browser_that_says_https_gets_a_cookie_for_https_only(stage: Stage) -> None:
    headers = {**SAME_SITE, "Origin": "https://console.example"}
    answer = stage.visitor().client.post("/sign-in", data={"token": OPERATOR}, headers=headers)
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_viewer_does_not_fill_the_audit(stage: Stage, viewer: Visitor) -> None:
    answers = [viewer.ask("POST", "/searches", VIEWER, {"value": f"anna{n}@example.com"}) for n in range(130)]
    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"]
    assert rows(stage, audit) < 130


def test_deep_json_is_refused(viewer: Visitor) -> None:
    answer = viewer.client.post(
        "/api/v1/searches",
        data=b"[" * 100_000 + b"]" * 100_000,
        headers={"Authorization": f"Bearer {VIEWER}", "Content-Type": "application/json"},
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("value", ["\ud83dabc", "abc\udc00"])
def test_half_a_character_is_refused(viewer: Visitor, value: str) -> None:
    answer = viewer.client.post(
        "/api/v1/searches",
        data=json.dumps({"value": value}),
        headers={"Authorization": f"Bearer {VIEWER}", "Content-Type": "application/json"},
    )
    assert answer.status_code in (200, 400), answer.text


def test_wrong_tokens_of_others_keep_nobody_out_whose_token_is_long(stage: Stage) -> None:
    token = "a" * 20 + "1234567890" * 3
    again = stage.again({**stage.environ, "RELAY_ADMIN_TOKEN": f"anna:{token}"})
    visitor = again.visitor()
    for _ in range(11):
        visitor.sign_in("fel-token-fel-token")
    assert visitor.sign_in("fel-token-fel-token").status_code == 429
    assert visitor.sign_in(VIEWER).status_code == 429, "one that could be guessed"
    assert visitor.sign_in(token).status_code == 303
    assert visitor.ask("GET", "/events", token).status_code == 200
    again.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/events?since=0001-01-01", 400),
        ("/events?until=9999-12-31", 400),
        ("/calls?after=YzEuAA", 400),  # c1., and NUL
        ("/reviews/%00", 404),
        ("/reviews/a%00b/candidates", 404),
        ("/events/%00", 404),
        ("/connections/%00", 404),
    ],
)
def test_what_no_database_can_hold_is_refused(viewer: Visitor, path: str, status: int) -> None:
    assert viewer.ask("GET", path, VIEWER).status_code == status
    assert viewer.get(path.replace("reviews", "review").replace("/candidates", "/decision")).status_code == status


def test_a_viewer_takes_no_calls_from_deliveries(stage: Stage, operator: Visitor, viewer: Visitor) -> None:
    event = fill(stage.store).values["/review/<event> event"]
    assert operator.ask("POST", "/connections/butik/pause", OPERATOR, {"why": "prov"}).status_code == 200
    path = f"/reviews/{event}/candidates"
    assert (viewer.ask("GET", path, VIEWER).status_code, operator.ask("GET", path, OPERATOR).status_code) == (429, 200)
    assert viewer.get(f"/review/{event}?read=again").status_code == 429


EVERYWHERE = ("/", "/sign-in", "/metrics", "/healthz", "/api/v1/openapi.json", "/static/style.css", "/nowhere")


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_to_a_strangers_name_nothing_is_answered(stage: Stage) -> None:
    """A page of another site that made its own name lead here is of one origin with what is answered."""
    for path in EVERYWHERE:
        for name in ("evil.example", "evil.example:8002", "127.0.0.1.evil.example", "", "[::1"):
            answer = stage.visitor().get(path, Host=name) if name else stage.visitor().get(path)
            answer.close()
            assert (answer.status_code == 421) == bool(name), (path, name)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_probes_by_address_and_people_by_its_own_names_are_answered(stage: Stage) -> None:
    named = stage.again({**stage.environ, "RELAY_CONSOLE_HOSTS": "Relay.example.com, console.internal"})
    own = ("relay.example.com", "RELAY.EXAMPLE.COM.:443", "console.internal:8002")
    for name in ("10.0.3.7:8002", "[::1]:8002", "127.0.0.1", "localhost:8002", "console:8002", *own):
        assert named.visitor().get("/healthz", Host=name).status_code == 200, name
        assert (stage.visitor().get("/healthz", Host=name).status_code == 200) == (name not in own), name
    named.store.close()
    anybody = stage.again({**stage.environ, "RELAY_CONSOLE_HOSTS": "*"})
    assert anybody.visitor().get("/healthz", Host="any.example").status_code == 200
    anybody.store.close()

"""Who gets in, how far, and for how long."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from tests.integration.web.console.stage import OPERATOR, SAME_SITE, VIEWER, Stage, Visitor, form_token
from tests.integration.web.console.structure import faults
from worker.settings import load
from worker.store.db.clock import after
from worker.store.db.tables import audit, console_sessions
from worker.store.people.sessions import purge


def test_nobody_sees_a_page_and_is_brought_where_they_were_going(stage: Stage) -> None:
    nobody = stage.visitor()
    answer = nobody.get("/events?fate=dead")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/events?fate%3Ddead")
    page = nobody.get(answer.headers["Location"])
    assert [fault for fault in faults(page.text) if fault != "a POST form has no token"] == []
    signed = nobody.client.post("/sign-in", data={"token": OPERATOR, "next": "/events?fate=dead"}, headers=SAME_SITE)
    assert signed.headers["Location"] == "/events?fate=dead"
    assert nobody.get("/events?fate=dead").status_code == 200


@pytest.mark.parametrize("place", ["//evil.example/", "/\\evil.example", "https://evil.example/", "evil", "/\n/evil"])
def test_nobody_is_brought_elsewhere(stage: Stage, place: str) -> None:
    answer = stage.visitor().client.post("/sign-in", data={"token": OPERATOR, "next": place}, headers=SAME_SITE)
    assert answer.headers["Location"] == "/"


def test_the_cookie_is_only_for_the_console_and_only_its_hash_is_kept(stage: Stage) -> None:
    visitor = stage.visitor()
    cookie = visitor.sign_in(OPERATOR).headers["Set-Cookie"]
    assert re.search(r"relay_console=[\w-]{40,}; HttpOnly; Path=/; SameSite=Lax$", cookie)
    with stage.store.read() as conn:
        kept = str(conn.execute(select(console_sessions)).all())
    assert cookie.split("=")[1].split(";")[0] not in kept
    assert OPERATOR not in kept


def test_a_wrong_token_says_so_and_ten_of_them_wait(stage: Stage) -> None:
    visitor = stage.visitor()
    for _ in range(10):
        answer = visitor.sign_in("fel-token-fel-token")
        assert answer.status_code == 401
        assert 'aria-invalid="true"' in answer.text
    assert visitor.sign_in(OPERATOR).status_code == 429
    assert visitor.ask("GET", "/events", OPERATOR).status_code == 429


def test_a_session_ends_when_it_rests_when_it_is_old_and_when_its_token_is_gone(stage: Stage) -> None:
    resting, old = stage.visitor(OPERATOR), stage.visitor(VIEWER)
    with stage.store.write() as conn:
        who = console_sessions.c.name
        conn.execute(update(console_sessions).where(who == "anna").values(seen_at=after(-1801)))
        conn.execute(update(console_sessions).where(who == "vera").values(made_at=after(-43201)))
    assert resting.get("/events").status_code == old.get("/events").status_code == 303
    with stage.store.write() as conn:
        assert purge(conn) == 2
    signed_in = stage.visitor(OPERATOR)
    cookie = signed_in.client.get_cookie("relay_console")
    assert cookie is not None
    environ = {"RELAY_ADMIN_TOKEN": "anna:another-token-of-anna", "RELAY_CONFIG": str(stage.settings.config)}
    environ["DATABASE_URL"] = stage.settings.database_url
    later = Stage(load(environ), environ)
    elsewhere = later.visitor()
    elsewhere.client.set_cookie("relay_console", cookie.value)
    assert elsewhere.get("/events").status_code == 303
    later.store.close()


def test_signing_out_ends_it(operator: Visitor) -> None:
    answer = operator.send("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert operator.get("/events").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {}],
)
def test_no_other_site_signs_in_or_out(stage: Stage, operator: Visitor, headers: dict[str, str]) -> None:
    assert stage.visitor().client.post("/sign-in", data={"token": OPERATOR}, headers=headers).status_code == 403
    assert operator.send("/sign-out", headers=headers).status_code == 403
    assert operator.get("/events").status_code == 200


def test_a_form_of_another_session_is_refused(stage: Stage, operator: Visitor) -> None:
    theirs = form_token(stage.visitor(OPERATOR).get("/events").text)
    answer = operator.client.post("/sign-out", data={"csrf": theirs}, headers=SAME_SITE)
    assert answer.status_code == 403
    assert operator.get("/events").status_code == 200


def test_signing_in_and_out_is_kept(stage: Stage, operator: Visitor) -> None:
    operator.send("/sign-out")
    with stage.store.read() as conn:
        kept = [(row.who, row.via, row.act, row.about) for row in conn.execute(select(audit).order_by(audit.c.seq))]
    assert kept == [("anna", "page", "sign-in", "relay"), ("anna", "page", "sign-out", "relay")]


def test_the_api_takes_a_token_and_no_cookie(stage: Stage, operator: Visitor) -> None:
    assert operator.get("/api/v1/events").status_code == 401
    assert operator.ask("GET", "/events", "fel-token-fel-token").status_code == 401
    answer = stage.visitor().ask("GET", "/events", VIEWER)
    assert (answer.status_code, answer.get_json()["data"]) == (200, [])


def with_proxy(stage: Stage) -> Stage:
    environ = {
        "RELAY_CONSOLE_PROXY": "X-Forwarded-Email@127.0.0.1",
        "RELAY_CONFIG": str(stage.settings.config),
        "DATABASE_URL": stage.settings.database_url,
    }
    config = stage.settings.config
    assert config is not None
    config.write_text('[console]\noperators = ["anna@example.com"]\n' + config.read_text("utf-8"), "utf-8")
    return Stage(load(environ), environ)


def test_a_proxy_says_who_it_is_and_only_from_its_address(stage: Stage) -> None:
    behind = with_proxy(stage)
    named = {"X-Forwarded-Email": "anna@example.com", "X-Forwarded-Proto": "https"}
    visitor = behind.visitor()
    signed_in = visitor.get("/sign-in", **named)
    assert signed_in.status_code == 303
    assert "Secure" in signed_in.headers["Set-Cookie"]
    anna = visitor.client.get("/events", headers=named, base_url="https://localhost")
    assert "anna@example.com · operator" in anna.text
    without = visitor.client.get("/events", base_url="https://localhost")
    assert without.status_code == 303, "the proxy no longer vouches for them"
    other = behind.visitor()
    from_elsewhere = other.client.get("/sign-in", headers=named, environ_overrides={"REMOTE_ADDR": "10.9.9.9"})
    assert from_elsewhere.status_code == 200
    assert behind.visitor().get("/api/v1/events", **named).status_code == 200
    behind.store.close()


@pytest.mark.parametrize(
    ("forwarded", "kept"),
    [("10.2.0.4", "10.2.0.4"), ("10.66.6.6, 10.2.0.4", "10.2.0.4"), ("", None), ("10.2.0.4, unknown", None)],
)
def test_the_audit_keeps_the_address_behind_the_proxy_and_never_the_proxys(
    stage: Stage, forwarded: str, kept: str | None
) -> None:
    behind = with_proxy(stage)
    told = {"X-Forwarded-Email": "anna@example.com", "X-Forwarded-For": forwarded}
    assert behind.visitor().get("/sign-in", **told).status_code == 303
    assert addresses(behind) == [kept]
    behind.store.close()


def test_nobody_else_says_where_they_are(stage: Stage) -> None:
    elsewhere = {"REMOTE_ADDR": "10.9.9.9"}
    forwarded = {"X-Forwarded-For": "10.2.0.4", **SAME_SITE}
    data = {"token": OPERATOR, "zone": "UTC"}
    stage.visitor().client.post("/sign-in", data=data, headers=forwarded, environ_overrides=elsewhere)
    assert addresses(stage)[0] == "10.9.9.9"


def addresses(stage: Stage) -> list[str | None]:
    """Of the audit, the newest first."""
    with stage.store.read() as conn:
        return list(conn.execute(select(audit.c.address).order_by(audit.c.seq.desc())).scalars())


def test_where_no_token_is_set_nobody_gets_in_and_it_says_how(stage: Stage) -> None:
    environ = {"DATABASE_URL": stage.settings.database_url, "RELAY_CONFIG": str(stage.settings.config)}
    closed = Stage(load(environ), environ)
    assert "set RELAY_ADMIN_TOKEN" in closed.visitor().get("/sign-in").text
    assert closed.visitor().sign_in(OPERATOR).status_code == 401
    assert closed.visitor().ask("GET", "/events", OPERATOR).status_code == 401
    assert closed.visitor().get("/healthz").status_code == 200
    closed.store.close()

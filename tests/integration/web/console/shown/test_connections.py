"""Connections: how each stands, and what people do to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.integration.delivery.room import Sandbox
from tests.integration.store.examples import arrival, event, take_in
from tests.integration.web.console.stage import OPERATOR, VIEWER, Visitor
from tests.integration.web.console.structure import faults
from tests.integration.web.console.upsales_stage import KEY, NOWHERE, SECRET, Shop, opened
from web.console.pages.connections import REFUSALS
from worker.instruments.outcomes import REFUSED
from worker.store import Store
from worker.store.db.engine import ReadTimeout
from worker.store.instruments.counters import count_apart
from worker.store.lanes import connections
from worker.store.people import audit
from worker.store.people.audit import Deed

NAMES = ("butik", "kassa", "trasig")
FORMS = ("pause", "resume", "ask-now", "marks", "api-key", "secrets")
WHY = "städning inför julen"


@pytest.fixture
def anna(shop: Shop) -> Visitor:
    return shop.stage.visitor(OPERATOR)


@pytest.fixture
def vera(shop: Shop) -> Visitor:
    return shop.stage.visitor(VIEWER)


def deeds(shop: Shop, name: str = "butik") -> list[Deed]:
    with shop.stage.store.read() as conn:
        return list(audit.listed(conn, about=f"connection/{name}"))


def told(shop: Shop, name: str = "butik") -> Any:
    return shop.stage.visitor().told(f"/connections/{name}", OPERATOR)


def send(visitor: Visitor, path: str, **fields: str) -> Any:
    return visitor.fill_in(f"/connections/butik/{path}", **fields)


def paused_itself(shop: Shop) -> None:
    connections.pause(shop.stage.store, "butik", "Upsales does not accept the API key", probe_in=60.0, key="0" * 12)


def test_the_list_tells_what_is_wrong_with_each(shop: Shop, anna: Visitor) -> None:
    take_in(shop.stage.store, *(arrival(event(f"e{n}"), connection="butik", received_at=None) for n in range(3)))
    connections.pause(shop.stage.store, "kassa", WHY, probe_in=None)
    found = {row["standing"]["name"]: row for row in anna.told("/connections", OPERATOR)["data"]}
    assert {name: row["standing"]["state"] for name, row in found.items()} == {
        "butik": "active",
        "kassa": "paused",
        "trasig": "misconfigured",
    }
    assert found["butik"]["counts"]["value"]["waiting"] == 3
    assert found["butik"]["writes"]["value"]["left"] == 5000
    assert (found["kassa"]["standing"]["reason"], found["kassa"]["standing"]["by_person"]) == (WHY, True)
    wrong = found["trasig"]["standing"]
    assert wrong["reason"] == "relay.toml [connections.trasig] ownr: no such setting; did you mean owner?"
    assert wrong["read_from"] == str(shop.stage.settings.config)
    page = anna.get("/connections").text
    assert "5 000 of 5 000 in 1 h".replace(" 0", "\u202f0") in page
    assert WHY in page


def test_one_that_only_the_database_knows_is_told(shop: Shop, anna: Visitor) -> None:
    connections.pause(shop.stage.store, "gammal", WHY, probe_in=None)
    assert told(shop, "gammal")["standing"]["state"] == "unknown"
    page = anna.get("/connections/gammal")
    assert "was it renamed?" in page.text
    assert faults(page.text) == []


def test_one_that_is_not_there_names_the_nearest(shop: Shop, anna: Visitor) -> None:
    answer = anna.get("/connections/butk")
    assert (answer.status_code, "did you mean butik?" in answer.text) == (404, True)
    assert anna.ask("POST", "/connections/butk/pause", OPERATOR, {"why": WHY}).status_code == 404


def test_one_connection_shows_its_whole_truth(shop: Shop, anna: Visitor) -> None:
    take_in(shop.stage.store, arrival(event("e1"), connection="butik", received_at=None))
    counted = {
        ("butik", "answered:unauthorized"): 14,
        ("butik", "call:POST:accounts:ok"): 3,
        ("butik", "call:GET:self:ok"): 2,
    }
    count_apart(shop.stage.store, counted, 1.0)
    found = told(shop)
    keys = found["credentials"]["value"]
    assert (keys["key"]["fingerprint"], keys["key"]["source"]) == (shop.fingerprint(KEY), "stored")
    assert [secret["fingerprint"] for secret in keys["secrets"]] == [shop.fingerprint(SECRET)]
    assert {each["resource"]: each["state"] for each in found["marks"]["value"]}["account"] == "unknown"
    assert (sum(found["hour"]["value"]["calls"]), sum(found["hour"]["value"]["writes"])) == (5, 3)
    assert found["hour"]["value"]["refused"] == {"unauthorized": 14}
    assert [each["event_id"] for each in found["events"]["value"]["data"]] == ["e1"]
    settings = {each["name"]: each for each in found["facts"]["settings"]}
    assert (settings["owner"]["value"], settings["owner"]["usual"]) == ("asa.oberg@example.com", False)
    assert found["facts"]["writes"]["account"] == ["create", "update"]
    page = anna.get("/connections/butik").text
    address = "http://127.0.0.1:8000/webhooks/butik"
    refused = f"14: {REFUSALS['unauthorized']}"
    for text in (
        shop.fingerprint(KEY),
        shop.fingerprint(SECRET),
        "from the database",
        "Our own calls only",
        "<svg",
        address,
        refused,
    ):
        assert text in page


def test_each_refusal_says_what_it_means() -> None:
    assert set(REFUSALS) == set(REFUSED)


def test_a_key_that_was_set_while_it_was_paused_for_its_key_is_told(shop: Shop, anna: Visitor) -> None:
    paused_itself(shop)
    assert "The key was set since" not in anna.get("/connections/butik").text
    shop.put("nyckel-ny-4711")
    assert "The key was set since" in anna.get("/connections/butik").text


def test_a_key_of_the_environment_names_its_variable(shop: Shop, anna: Visitor) -> None:
    assert told(shop, "kassa")["credentials"]["value"]["key"]["variable"] == "RELAY_KASSA_API_KEY"
    assert "from the variable RELAY_KASSA_API_KEY" in anna.get("/connections/kassa").text
    for path in ("api-key", "secrets"):
        page = anna.get(f"/connections/kassa/{path}").text
        assert "this page can&#39;t change" in page or "this page can't change" in page
        assert 'type="password"' not in page


@pytest.mark.parametrize("there", [True, False])
def test_a_key_of_a_file_names_the_variable_that_names_it(
    database_url: str, valkey_url: str, sandbox: Sandbox, tmp_path: Path, *, there: bool
) -> None:
    file = tmp_path / "nyckel"
    if there:
        file.write_text("nyckel-kassa", "utf-8")
    given = {"RELAY_KASSA_API_KEY": "", "RELAY_KASSA_API_KEY_FILE": str(file)}
    with opened(database_url, valkey_url, sandbox, tmp_path, **given) as shop:
        anna = shop.stage.visitor(OPERATOR)
        one, form = anna.get("/connections/kassa").text, anna.get("/connections/kassa/api-key").text
        assert (faults(one), faults(form), 'type="password"' in form) == ([], [], False)
        if there:
            assert "from the file that RELAY_KASSA_API_KEY_FILE names" in one
            assert "it is read anew within seconds" in form
        else:
            assert told(shop, "kassa")["standing"]["state"] == "misconfigured"
            assert f"RELAY_KASSA_API_KEY_FILE: {file} can&#39;t be read" in one
        refused = anna.ask("PUT", "/connections/kassa/api-key", OPERATOR, {"value": "nyckel-ny-4711"})
        assert (refused.status_code, "RELAY_KASSA_API_KEY_FILE is set" in refused.get_json()["detail"]) == (409, True)


def test_pausing_and_resuming_are_done_once_and_kept(shop: Shop, anna: Visitor) -> None:
    answer = send(anna, "pause", why=WHY)
    (deed,) = deeds(shop)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/connections/butik?done={deed.seq}")
    assert (deed.who, deed.via, deed.act, deed.why) == ("anna", "page", "pause", WHY)
    assert (shop.state().paused, shop.state().reason) == (True, WHY)
    assert "Done: pause. By anna, " in anna.get(answer.headers["Location"]).text
    again = anna.ask("POST", "/connections/butik/pause", OPERATOR, {"why": WHY})
    assert (again.status_code, again.get_json()["state"], len(deeds(shop))) == (200, "paused", 1)

    for _ in range(2):
        resumed = anna.ask("POST", "/connections/butik/resume", OPERATOR, {"why": WHY})
        assert (resumed.status_code, resumed.get_json()["state"]) == (200, "active")
    assert [(each.via, each.act) for each in deeds(shop)] == [("api", "resume"), ("page", "pause")]


def test_what_paused_itself_and_is_paused_by_a_person_is_resumed_by_a_person_only(shop: Shop, anna: Visitor) -> None:
    paused_itself(shop)
    assert anna.ask("POST", "/connections/butik/pause", OPERATOR, {"why": WHY}).status_code == 200
    asked = anna.ask("POST", "/connections/butik/ask-now", OPERATOR).get_json()
    assert (asked["accepted"], asked["resumed"], shop.state().paused) == (True, False, True)


def test_upsales_is_asked_now_and_what_paused_itself_goes_on(shop: Shop, anna: Visitor) -> None:
    paused_itself(shop)
    answer = send(anna, "ask-now")
    assert (answer.status_code, shop.state().paused, shop.state().account) == (303, False, 1)
    (deed,) = deeds(shop)
    assert deed.outcome == f"the key {shop.fingerprint(KEY)} is accepted: account 1 (Sandbox 1)"
    page = anna.get(answer.headers["Location"]).text
    assert "1 “Sandbox 1” as API user “butik”" in page
    assert f"Done: ask-now, {deed.outcome}." in page


def test_a_key_that_is_gone_is_told_and_keeps_it_paused(shop: Shop, anna: Visitor) -> None:
    paused_itself(shop)
    shop.sandbox.control("DELETE", "/keys/butik")
    asked = anna.ask("POST", "/connections/butik/ask-now", OPERATOR).get_json()
    assert (asked["accepted"], "does not accept the API key" in asked["says"]) == (False, True)
    assert (shop.state().paused, shop.state().refused_key) == (True, shop.fingerprint(KEY))


def test_the_marks_that_are_missing_are_made_once(shop: Shop, anna: Visitor) -> None:
    fields = shop.sandbox.control("GET", "/state")["accounts"]["1"]["records"]["customfields/account"]
    (number,) = (each["id"] for each in fields if each["alias"] == "EXTERNAL_ID")
    shop.sandbox.control("DELETE", f"/records/1/customfields/account/{number}")
    answer = send(anna, "marks", why=WHY)
    assert answer.status_code == 303
    assert {each["state"] for each in told(shop)["marks"]["value"]} == {"there"}
    (deed,) = deeds(shop)
    assert (deed.act, deed.outcome) == ("make-marks", "made for account")
    again = anna.ask("POST", "/connections/butik/marks", OPERATOR, {"why": WHY}).get_json()
    assert (again["audit"], len(deeds(shop))) == (None, 1)


@pytest.mark.parametrize("path", FORMS)
def test_a_viewer_changes_nothing(shop: Shop, vera: Visitor, path: str) -> None:
    for name in NAMES:
        page = vera.get(f"/connections/{name}/{path}")
        assert faults(page.text) == []
        assert 'class="action"' not in page.text
    answer = vera.send(f"/connections/butik/{path}", shown_on="/connections", why=WHY, value="nyckel")
    assert answer.status_code == 403
    method = "PUT" if path == "api-key" else "POST"
    assert vera.ask(method, f"/connections/butik/{path}", VIEWER, {"why": WHY}).status_code == 403
    assert (deeds(shop), shop.state().paused) == ([], False)


@pytest.mark.parametrize(
    ("body", "fault"),
    [({}, "why: say why"), ({"why": WHY, "key": 1}, "key: is not known"), ({"why": 7}, "why: must be a text")],
)
def test_a_body_that_is_not_understood_does_nothing(shop: Shop, anna: Visitor, body: Any, fault: str) -> None:
    answer = anna.ask("POST", "/connections/butik/pause", OPERATOR, body)
    assert answer.status_code == 422
    assert answer.get_json()["detail"].startswith(fault)
    page = send(anna, "pause", why=" ")
    assert (page.status_code, "say why, in a few words" in page.text, faults(page.text)) == (422, True, [])
    assert deeds(shop) == []


def every_page(visitor: Visitor, names: tuple[str, ...] = NAMES) -> Iterator[tuple[str, str]]:
    paths = [
        "/connections",
        *(f"/connections/{name}{form}" for name in names for form in ("", *(f"/{f}" for f in FORMS))),
    ]
    for path in paths:
        yield path, visitor.get(path).text


def test_the_pages_are_well_made_empty_and_full(shop: Shop, anna: Visitor, vera: Visitor) -> None:
    for visitor in (anna, vera):
        assert {path: wrong for path, page in every_page(visitor) if (wrong := faults(page))} == {}
    take_in(shop.stage.store, *(arrival(event(f"e{n}"), connection="butik", received_at=None) for n in range(3)))
    count_apart(shop.stage.store, {("butik", "answered:unauthorized"): 2, ("butik", "call:POST:accounts:ok"): 3}, 1.0)
    shop.put("nyckel-ny-4711")
    shop.put("ny-hemlighet-4711", "secret")
    paused_itself(shop)
    connections.breaker_failed(shop.stage.store, "kassa", "account:K-1", lanes=1, seconds=60.0)
    connections.pause(shop.stage.store, "gammal", WHY, probe_in=None)
    assert told(shop, "kassa")["standing"]["state"] == "stopped"
    for visitor in (anna, vera):
        pages = every_page(visitor, (*NAMES, "gammal"))
        assert {path: wrong for path, page in pages if (wrong := faults(page))} == {}


@pytest.mark.parametrize("away", ["REDIS_URL", "UPSALES_BASE_URL"])
def test_what_is_away_is_unknown_and_the_rest_stands(
    database_url: str, valkey_url: str, sandbox: Sandbox, tmp_path: Path, away: str
) -> None:
    there = {"REDIS_URL": f"redis://{NOWHERE}/0", "UPSALES_BASE_URL": f"http://{NOWHERE}/api/v2"}
    with opened(database_url, valkey_url, sandbox, tmp_path, **{away: there[away]}) as shop:
        anna = shop.stage.visitor(OPERATOR)
        assert {path: wrong for path, page in every_page(anna) if (wrong := faults(page))} == {}
        budget = told(shop)["budget"]
        page = anna.get("/connections/butik").text
        if away == "REDIS_URL":
            assert (budget["value"], budget["why"]) == (None, "redis")
            assert "unknown (Redis does not answer)" in page
        assert shop.fingerprint(KEY) in page
        asked = anna.ask("POST", "/connections/butik/ask-now", OPERATOR).get_json()
        assert (asked["accepted"], asked["says"].startswith("not to be found out: ")) == (False, True)
        marks = anna.ask("POST", "/connections/butik/marks", OPERATOR, {"why": WHY})
        assert (marks.status_code, [each.act for each in deeds(shop)]) == (503, ["ask-now"])


class Slow(Store):
    """A database that answers none of a page's questions in time."""

    def read_within(self, seconds: float) -> NoReturn:
        raise ReadTimeout(f"not within {seconds} s")


def test_what_the_database_does_not_tell_in_time_is_unknown(shop: Shop, anna: Visitor) -> None:
    quick = shop.stage.parts.store
    shop.stage.parts.store = Slow(quick.engine, quick.name, None)
    for path in ("/connections", "/connections/butik"):
        page = anna.get(path).text
        assert ("unknown (" in page, faults(page)) == (True, [])
        assert anna.ask("GET", path, OPERATOR).status_code == 503
    assert anna.get("/connections/butik/pause").status_code == 503
    shop.stage.parts.store = quick

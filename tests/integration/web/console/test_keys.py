"""Keys and signing secrets that are set from the console: tried, kept encrypted, never shown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Connection, select

from tests.integration.delivery.room import Sandbox
from tests.integration.web.console.stage import OPERATOR, Visitor
from tests.integration.web.console.structure import faults
from tests.integration.web.console.upsales_stage import KEY, NOWHERE, SECRET, Shop, opened
from worker.admin import keys
from worker.admin.refusals import Conflict
from worker.store import Store
from worker.store.db.tables import metadata
from worker.store.people import audit
from worker.store.people.audit import Actor, Deed

NEW = "nyckel-ny-4711-åäö"


@pytest.fixture
def anna(shop: Shop) -> Visitor:
    return shop.stage.visitor(OPERATOR)


def deeds(shop: Shop) -> list[Deed]:
    with shop.stage.store.read() as conn:
        return list(audit.listed(conn, about="connection/butik"))


def by_form(visitor: Visitor, what: str, **fields: str) -> Any:
    return visitor.fill_in(f"/connections/butik/{what}", **fields)


def put(visitor: Visitor, value: Any, name: str = "butik") -> Any:
    return visitor.ask("PUT", f"/connections/{name}/api-key", OPERATOR, {"value": value})


def rotate(visitor: Visitor, **body: Any) -> Any:
    return visitor.ask("POST", "/connections/butik/secrets", OPERATOR, body)


def in_database(shop: Shop) -> str:
    """All that is written there."""
    with shop.stage.store.read() as conn:
        return "\n".join(str(conn.execute(select(table)).all()) for table in metadata.sorted_tables)


def test_a_key_is_tried_and_then_in_force(shop: Shop, anna: Visitor) -> None:
    shop.another_key(NEW)
    answer = by_form(anna, "api-key", value=f" {NEW}\n", why="den gamla har läckt")
    (deed,) = deeds(shop)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/connections/butik?done={deed.seq}")
    old, new = shop.fingerprint(KEY), shop.fingerprint(NEW)
    assert (deed.act, deed.why, deed.outcome) == (
        "set-key",
        "den gamla har läckt",
        f"key {new} accepted: account 1 (Sandbox 1), not used by another connection, before it {old}",
    )
    assert shop.stage.parts.keys.api_key("butik") == NEW
    page = anna.get(answer.headers["Location"]).text
    assert f"key {new} accepted: account 1" in page
    assert f"<code>{old}</code> until" in page


def test_the_old_keys_last_call_is_told(shop: Shop, anna: Visitor) -> None:
    anna.ask("POST", "/connections/butik/ask-now", OPERATOR)
    shop.another_key(NEW)
    told = put(anna, NEW).get_json()
    assert (told["fingerprint"], told["account"], told["account_name"]) == (shop.fingerprint(NEW), 1, "Sandbox 1")
    assert told["replaced"]["fingerprint"] == shop.fingerprint(KEY)
    assert told["replaced"]["last_call"] is not None
    again = put(anna, NEW).get_json()
    assert (again["in_force_before"], len(deeds(shop))) == (True, 2)


@pytest.mark.parametrize(
    ("value", "account", "said"),
    [
        ("nyckel-som-ingen-har", None, "Upsales does not accept the API key"),
        ("nyckel-annan-4711", 2, "the key belongs to account 2 (Provkonto), butik is bound to 1"),
        ("nyckel-kassa", None, "connections kassa and butik have the same API key"),
        ("två ord", None, "it holds spaces, commas or control characters"),
    ],
)
def test_a_key_that_is_not_right_says_why_and_is_not_kept(
    shop: Shop, anna: Visitor, value: str, account: int | None, said: str
) -> None:
    anna.ask("POST", "/connections/butik/ask-now", OPERATOR)
    if account is not None:
        shop.another_key(value, account=account)
    answer = put(anna, value)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "#/value")
    assert said in answer.get_json()["detail"]
    page = by_form(anna, "api-key", value=value)
    assert (page.status_code, said in page.text, faults(page.text)) == (422, True, [])
    assert 'aria-invalid="true"' in page.text
    assert value not in page.text
    assert shop.stage.parts.keys.api_key("butik") == KEY
    assert [deed.act for deed in deeds(shop)] == ["ask-now"]


@pytest.mark.parametrize("value", [None, "", " ", 4711, ["x"], "x" * 5000])
def test_a_value_that_is_none_is_refused_without_being_repeated(shop: Shop, anna: Visitor, value: Any) -> None:
    answer = put(anna, value)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "#/value")
    assert "4711" not in answer.text
    assert "xxx" not in answer.text


def test_a_key_of_the_environment_is_changed_there(shop: Shop, anna: Visitor) -> None:
    answer = put(anna, NEW, "kassa")
    assert answer.status_code == 409
    assert answer.get_json()["detail"] == (
        "RELAY_KASSA_API_KEY is set and comes before what is stored: change it there, or remove it first"
    )
    assert put(anna, NEW, "trasig").status_code == 409
    assert put(anna, NEW, "finns-inte").status_code == 404


def test_while_upsales_is_away_no_key_is_kept(
    database_url: str, valkey_url: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    away = {"UPSALES_BASE_URL": f"http://{NOWHERE}/api/v2"}
    with opened(database_url, valkey_url, sandbox, tmp_path, **away) as shop:
        anna = shop.stage.visitor(OPERATOR)
        answer = put(anna, NEW)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "it could not be tried" in answer.get_json()["detail"]
        page = by_form(anna, "api-key", value=NEW)
        assert (page.status_code, "it could not be tried" in page.text, NEW in page.text) == (503, True, False)
        assert (deeds(shop), shop.stage.parts.keys.api_key("butik")) == ([], KEY)


def test_without_a_master_key_nothing_is_kept(
    database_url: str, valkey_url: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    with opened(database_url, valkey_url, sandbox, tmp_path) as shop:
        environ = {**shop.environ, "RELAY_MASTER_KEY": ""}
        with shop.once_more(environ) as other:
            anna = other.stage.visitor(OPERATOR)
            answer = put(anna, NEW)
            assert (answer.status_code, "RELAY_MASTER_KEY is not set" in answer.get_json()["detail"]) == (409, True)
            assert faults(anna.get("/connections/butik").text) == []


def test_a_secret_is_made_shown_once_and_the_old_one_stays_valid(shop: Shop, anna: Visitor) -> None:
    page = by_form(anna, "secrets", generate="yes", overlap="24h", why="årlig")
    new, *old = shop.stage.parts.keys.secrets("butik")
    assert (page.status_code, page.headers["Cache-Control"], old) == (201, "no-store", [SECRET])
    assert (page.text.count(new), faults(page.text)) == (1, [])
    (deed,) = deeds(shop)
    assert deed.outcome == f"secret {shop.fingerprint(new)}, {shop.fingerprint(SECRET)} is valid for 24 h"
    shown = anna.get("/connections/butik").text
    assert (new in shown, shop.fingerprint(new) in shown) == (False, True)


def test_a_form_that_is_sent_twice_makes_one_secret(shop: Shop, anna: Visitor) -> None:
    before = shop.fingerprint(SECRET)
    assert by_form(anna, "secrets", generate="yes", newest=before).status_code == 201
    again = by_form(anna, "secrets", generate="yes", newest=before)
    assert (again.status_code, "somebody was faster" in again.text, faults(again.text)) == (409, True, [])
    assert len(shop.stage.parts.keys.secrets("butik")) == 2


class Overtaken:
    """Somebody else does it between what was read and what is written."""

    def __init__(self, shop: Shop, first: Callable[[], object]) -> None:
        self.environ, self.settings, self.keys = shop.environ, shop.stage.settings, shop.stage.parts.keys
        self.redis, self.runtime = shop.stage.parts.redis, shop.stage.parts.runtime
        self._store, self._first = shop.stage.store, first

    @property
    def store(self) -> Store:
        return cast("Store", self)

    def read(self) -> AbstractContextManager[Connection]:
        return self._store.read()

    def write(self) -> AbstractContextManager[Connection]:
        self._first()
        return self._store.write()


def test_of_two_at_the_same_time_one_is_told_that_the_other_was_faster(shop: Shop) -> None:
    other = "den-andras-hemlighet-4711"
    parts = Overtaken(shop, lambda: shop.put(other, "secret"))
    with pytest.raises(Conflict, match="somebody was faster"):
        keys.rotate_secret(parts, Actor("per", "page"), "butik", None, overlap=3600.0, newest=shop.fingerprint(SECRET))
    assert list(shop.stage.parts.keys.secrets("butik")) == [other]


def test_a_secret_of_the_sender_is_kept_and_not_told_again(shop: Shop, anna: Visitor) -> None:
    answer = rotate(anna, value="avsandarens-hemlighet-4711", overlap="90m")
    assert (answer.status_code, answer.get_json()["secret"], answer.get_json()["overlap"]) == (201, None, 5400.0)
    assert rotate(anna, value="avsandarens-hemlighet-4711").status_code == 200
    assert len(deeds(shop)) == 1
    made = rotate(anna, generate=True)
    assert made.status_code == 201
    assert made.get_json()["secret"] == shop.stage.parts.keys.secrets("butik")[0]
    form = by_form(anna, "secrets", value="annan-hemlighet-4711")
    assert form.status_code == 303


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/value"),
        ({"generate": "ja"}, "#/generate"),
        ({"generate": True, "value": "hemlig-4711"}, "#/generate"),
        ({"generate": True, "overlap": "hemlig-4711"}, "#/overlap"),
        ({"value": "whsec_å,hemlig-4711"}, "#/value"),
        ({"secret": "hemlig-4711"}, "#/secret"),
    ],
)
def test_what_is_no_secret_is_refused(shop: Shop, anna: Visitor, body: Any, pointer: str) -> None:
    answer = rotate(anna, **body)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, pointer)
    assert "hemlig-4711" not in answer.text
    assert deeds(shop) == []


def test_nothing_of_keys_and_secrets_is_in_the_database_or_on_any_page(shop: Shop, anna: Visitor) -> None:
    shop.another_key(NEW)
    by_form(anna, "api-key", value=NEW)
    made = rotate(anna, generate=True).get_json()["secret"]
    rotate(anna, value="avsandarens-hemlighet-4711")
    marks = (KEY, NEW, SECRET, made, "avsandarens-hemlighet-4711", "nyckel-kassa", "kassans-hemlighet-4711")
    paths = ["/connections", *(f"/connections/butik{form}" for form in ("", "/api-key", "/secrets", "/pause"))]
    told = {path: anna.get(path).text for path in paths}
    told |= {f"api {path}": anna.ask("GET", path, OPERATOR).text for path in paths[:2]}
    told["database"] = in_database(shop)
    assert {where: mark for where, text in told.items() for mark in marks if mark in text} == {}

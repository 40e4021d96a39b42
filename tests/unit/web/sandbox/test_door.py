"""Keys, paths, errors and envelopes, as every call meets them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox_playground import KEY, OTHER_ACCOUNT_KEY, OTHER_KEY, Playground


@pytest.mark.parametrize("key", [None, "", "wrong", "k-shö"])
def test_a_bad_key_is_answered_401_in_plain_text_with_counters(sandbox: Playground, key: str | None) -> None:
    response = sandbox.get("/self", key=key)
    assert (response.status_code, response.text, response.mimetype) == (401, "Unauthorized", "text/plain")
    assert response.headers["X-RateLimit-Limit"] == "40"


def test_an_authorization_header_is_no_key(sandbox: Playground) -> None:
    response = sandbox.call("GET", "/self", None, headers={"Authorization": f"Bearer {KEY}"})
    assert response.status_code == 401


def test_the_key_may_be_a_cookie(sandbox: Playground) -> None:
    sandbox.client.set_cookie("token", KEY)
    assert sandbox.get("/self", key=None).status_code == 200


def test_self_tells_user_and_account_and_spells_errors_in_plural(sandbox: Playground) -> None:
    body: Any = sandbox.get("/self").json
    assert body["errors"] is None
    assert "error" not in body
    assert body["data"]["email"].endswith("@api.upsales.com")
    assert body["data"]["client"] == {"id": 1, "name": "Åkeriet AB"}
    assert body["data"]["clients"] == [{"id": 1, "name": "Åkeriet AB"}]


def test_accounts_are_separate_and_the_keys_of_one_share_its_data(sandbox: Playground) -> None:
    account = sandbox.account()
    path = f"/accounts/{account['id']}"
    assert sandbox.get(path, key=OTHER_KEY).status_code == 200
    assert sandbox.get(path, key=OTHER_ACCOUNT_KEY).status_code == 404


def test_ids_of_stages_differ_between_accounts(sandbox: Playground) -> None:
    ours: Any = sandbox.get("/orderstages").json
    theirs: Any = sandbox.get("/orderstages", key=OTHER_ACCOUNT_KEY).json
    assert not {row["id"] for row in ours["data"]} & {row["id"] for row in theirs["data"]}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("GET", "/ticketType"),
        ("PATCH", "/accounts/1"),
        ("PUT", "/accounts"),
        ("DELETE", "/products/1"),
        ("PUT", "/events/1"),
        ("POST", "/users"),
        ("GET", "/accounts/1/contacts"),
        ("GET", "/staticValues/nothing"),
    ],
)
def test_an_unknown_route_or_method_is_an_html_page(sandbox: Playground, method: str, path: str) -> None:
    response = sandbox.call(method, path)
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert f"<pre>Cannot {method} /api/v2{path}</pre>" in response.text


def test_an_unknown_id_is_a_404_in_json(sandbox: Playground) -> None:
    response = sandbox.get("/accounts/404")
    assert (response.status_code, response.mimetype) == (404, "application/json")
    assert response.text.startswith('{"error":{"key":"NotFound"')


@pytest.mark.parametrize(
    "path", ["/orderStages", "/orderstages/", "/OrderStages", "/1/orderstages", "/customFields/account"]
)
def test_case_slash_and_own_customer_id_do_not_matter_in_paths(sandbox: Playground, path: str) -> None:
    assert sandbox.get(path).status_code == 200


def test_the_path_of_another_customer_is_no_route(sandbox: Playground) -> None:
    assert sandbox.get("/2/orderstages").mimetype == "text/html"


@pytest.mark.parametrize("body", ["{", "[1]", '"Örebro"'])
def test_a_body_that_is_no_object_is_refused(sandbox: Playground, body: str) -> None:
    response = sandbox.call("POST", "/accounts", data=body, content_type="application/json")
    assert response.status_code == 400
    assert response.json["error"]["key"] == "FailedValidation"


def test_a_body_that_is_not_called_json_is_not_read(sandbox: Playground) -> None:
    response = sandbox.call("POST", "/accounts", data='{"name": "Ö"}', content_type="text/plain")
    assert response.json["error"]["msg"] == "Missing required parameter: name"


def test_create_and_update_answer_200_with_the_whole_record_and_delete_without_data(sandbox: Playground) -> None:
    account = sandbox.account()
    changed = sandbox.put(f"/accounts/{account['id']}", {"phone": "+46 8 1"})
    assert (changed.status_code, changed.json["data"]["name"]) == (200, "Göteborgs Åkeri")
    assert sandbox.delete(f"/accounts/{account['id']}").json == {"error": None}
    assert sandbox.get(f"/accounts/{account['id']}").status_code == 404


@pytest.mark.parametrize(
    ("path", "beside"),
    [
        ("/accounts", {"error": None, "metadata": {"total": 0, "limit": 1000, "offset": 0}}),
        ("/phoneCall", {"error": None, "metadata": {"total": 0}}),
        ("/triggers", {"error": None, "metadata": {"total": 0}}),
        ("/currencies", {"error": None}),
    ],
)
def test_what_a_list_has_beside_its_data(sandbox: Playground, path: str, beside: dict[str, Any]) -> None:
    body: Any = sandbox.get(path).json
    del body["data"]
    assert body == beside


def test_todo_types_have_no_envelope(sandbox: Playground) -> None:
    body: Any = sandbox.get("/todoTypes").json
    assert {kind: row["name"] for kind, row in body.items()} == {"TODO": "Att göra", "PHONE_CALL": "Telefonsamtal"}


@pytest.mark.parametrize(("path", "has"), [("/productCategories", True), ("/ticketStatus", True), ("/users", False)])
def test_items_of_newer_modules_add_metadata_null(sandbox: Playground, path: str, *, has: bool) -> None:
    row = sandbox.found(path)[0]
    body: Any = sandbox.get(f"{path}/{row['id']}").json
    assert ("metadata" in body) is has


def test_triggers_ignore_limit(sandbox: Playground) -> None:
    rows = [{"name": "Ny order", "events": ["after_order_insert"]}, {"name": "Ny kund"}]
    sandbox.control("POST", "/seed", {"records": {"triggers": rows}})
    assert len(sandbox.found("/triggers", {"limit": "1"})) == 2


def test_api_keys_are_listed_without_secrets(sandbox: Playground) -> None:
    response = sandbox.get("/apiKeys")
    assert [row["name"] for row in response.json["data"]] == ["shop", "forms"]
    assert KEY not in response.text


def test_static_values_list_the_allowed_ratings(sandbox: Playground) -> None:
    assert {"id": "AAA", "name": "AAA"} in sandbox.found("/staticValues/creditRating")

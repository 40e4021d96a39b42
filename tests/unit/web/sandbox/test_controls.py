"""Keys that come and go, people at their desks, the truth for tests, and the page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox_playground import KEY, OTHER_ACCOUNT_KEY, Playground


def edit(sandbox: Playground, path: str, body: Any) -> Any:
    return sandbox.control("PUT", f"/records/1{path}", body)


def test_a_key_is_made_told_once_and_revoked(sandbox: Playground) -> None:
    made = sandbox.control("POST", "/keys", {"name": "bokning", "account": 1})
    mine: Any = sandbox.get("/self", key=made["key"]).json
    assert (mine["data"]["name"], mine["data"]["client"]["id"]) == ("bokning", 1)
    assert made["key"] not in str(sandbox.control("GET", "/keys"))
    assert sandbox.control("DELETE", "/keys/bokning") == {"error": None}
    assert sandbox.get("/self", key=made["key"]).text == "Unauthorized"
    assert "bokning" not in {row["name"] for row in sandbox.found("/apiKeys")}


def test_a_replaced_key_is_another_pseudo_user_of_the_same_account(sandbox: Playground) -> None:
    account = sandbox.account()
    sandbox.control("DELETE", "/keys/shop")
    sandbox.control("POST", "/keys", {"name": "shop", "key": "k-new"})
    mine: Any = sandbox.get("/self", key="k-new").json
    assert sandbox.get(f"/accounts/{account['id']}", key="k-new").status_code == 200
    assert mine["data"]["id"] != account["regBy"]["id"]


def test_a_key_may_open_a_new_account(sandbox: Playground) -> None:
    sandbox.control("POST", "/keys", {"name": "ny", "account": 77, "account_name": "Nytt Bolag", "key": "k77"})
    mine: Any = sandbox.get("/self", key="k77").json
    assert mine["data"]["client"] == {"id": 77, "name": "Nytt Bolag"}


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "/keys", {"name": "shop"}, "there is a key named 'shop' already"),
        ("POST", "/keys", {}, "name: a key needs a name"),
        ("POST", "/keys", {"name": "x", "account": "ett"}, "account: a whole number"),
        ("POST", "/keys", [1], "send a JSON object"),
        ("POST", "/faults", None, "send JSON"),
        ("DELETE", "/keys/nobody", None, "no such record"),
        ("POST", "/merge", {"resource": "bilar"}, "resource: unknown 'bilar'"),
        ("POST", "/merge", {"resource": "accounts", "loser": 1, "master": 1}, "no such record"),
        ("POST", "/seed", {"records": {"products": [{}]}}, "Missing required parameter: name"),
        ("PUT", "/records/1/accounts/99", {"name": "x"}, "no such record"),
        ("DELETE", "/records/1/accounts/99", None, "no such record"),
    ],
)
def test_a_bad_command_is_one_clear_line(sandbox: Playground, method: str, path: str, body: Any, said: str) -> None:
    assert said in sandbox.control(method, path, body)["error"]


def test_a_person_s_edit_carries_the_person_s_name_and_keeps_other_custom_fields(sandbox: Playground) -> None:
    field = sandbox.field("account")
    other = sandbox.made("/customfields/account", {"name": "Ö", "datatype": "String"})["id"]
    account = sandbox.account(custom=[{"fieldId": field, "value": "å"}])
    edited = edit(
        sandbox,
        f"/accounts/{account['id']}",
        {"name": "Av en människa", "isExternal": 1, "custom": [{"fieldId": other, "value": "ä"}]},
    )
    assert (edited["data"]["modBy"]["email"], edited["data"]["isExternal"]) == ("sales@example.com", 1)
    assert [row["value"] for row in edited["data"]["custom"]] == ["å", "ä"]
    assert sandbox.found("/accounts", {"isExternal": "0"}) == []


def test_a_person_s_records_are_theirs_and_show_in_lists_at_once(sandbox: Playground) -> None:
    body = {"resource": "accounts", "data": {"name": "För hand"}, "user": sandbox.user()}
    made = sandbox.control("POST", "/records", body)
    assert made["data"]["regBy"]["email"] == "sales@example.com"
    assert len(sandbox.found("/accounts", settled=False)) == 1


def test_a_person_deletes(sandbox: Playground) -> None:
    account = sandbox.account()
    sandbox.control("DELETE", f"/records/1/accounts/{account['id']}")
    assert sandbox.get(f"/accounts/{account['id']}").status_code == 404
    assert sandbox.found("/accounts") == []


def test_seeding_puts_products_users_and_fields_in(sandbox: Playground) -> None:
    records = {
        "users": [{"name": "Örjan", "email": "orjan@example.com"}],
        "products": [{"name": "Skruv", "articleNo": "S-1"}],
        "customfields/ticket": [{"name": "Ext", "datatype": "String", "alias": "EXTERNAL_ID"}],
    }
    made = sandbox.control("POST", "/seed", {"account": 1, "records": records})["made"]
    assert sandbox.found("/products", {"articleNo": "S-1"}, settled=False)[0]["id"] == made["products"][0]
    assert sandbox.found("/users", {"email": "orjan@example.com"}, settled=False)[0]["id"] == made["users"][0]
    assert sandbox.field("ticket") == made["customfields/ticket"][0]


def test_a_merge_moves_everything_to_the_master_and_the_loser_is_gone(sandbox: Playground) -> None:
    field = sandbox.field("account")
    master = sandbox.account(name="Kvar", orgNo="1")
    loser = sandbox.account(name="Bort", orgNo="2", phone="08", custom=[{"fieldId": field, "value": "shop:1"}])
    contact = sandbox.made("/contacts", {"client": {"id": loser["id"]}, "name": "Åsa"})
    order = sandbox.order(loser["id"])
    body = {"resource": "accounts", "loser": loser["id"], "master": master["id"]}
    merged = sandbox.control("POST", "/merge", body)["data"]
    assert (merged["id"], merged["name"], merged["orgNo"], merged["phone"]) == (master["id"], "Kvar", "1", "08")
    assert sandbox.get(f"/accounts/{loser['id']}").status_code == 404
    assert [row["id"] for row in sandbox.found("/accounts", {"custom": f"{field}:shop:1"})] == [master["id"]]
    for path in (f"/contacts/{contact['id']}", f"/orders/{order['id']}"):
        shown: Any = sandbox.get(path).json
        assert shown["data"]["client"]["name"] == "Kvar"
    assert len(sandbox.found("/contacts", {"client.id": str(master["id"])})) == 1


def test_merging_contacts_moves_them_within_lists_of_contacts(sandbox: Playground) -> None:
    client = {"id": sandbox.account()["id"]}
    master, loser = (sandbox.made("/contacts", {"client": client, "name": name}) for name in ("Kvar", "Bort"))
    todo: Any = sandbox.get("/todoTypes").json
    body = {
        "description": "Ring",
        "users": [{"id": 1}],
        "activityType": todo["TODO"],
        "client": client,
        "contacts": [loser],
    }
    activity = sandbox.made("/activities", body)
    sandbox.control("POST", "/merge", {"resource": "contacts", "loser": loser["id"], "master": master["id"]})
    shown: Any = sandbox.get(f"/activities/{activity['id']}").json
    assert [contact["name"] for contact in shown["data"]["contacts"]] == ["Kvar"]


def test_a_reference_to_a_deleted_record_shows_as_null(sandbox: Playground) -> None:
    account = sandbox.account()
    contact = sandbox.made("/contacts", {"client": {"id": account["id"]}})
    sandbox.delete(f"/accounts/{account['id']}")
    shown: Any = sandbox.get(f"/contacts/{contact['id']}").json
    assert shown["data"]["client"] is None


def test_the_state_is_the_truth_while_lists_still_lag() -> None:
    sandbox = Playground(search_lag=100)
    sandbox.account()
    state = sandbox.control("GET", "/state?resource=accounts")
    assert sandbox.found("/accounts", settled=False) == []
    assert [row["name"] for row in state["accounts"]["1"]["records"]["accounts"]] == ["Göteborgs Åkeri"]
    assert set(state["accounts"]) == {"1", "2"}


def test_calls_are_logged_without_the_key(sandbox: Playground) -> None:
    sandbox.account()
    sandbox.get("/accounts", {"name": "eq:Å"})
    sandbox.get("/accounts/7", key=OTHER_ACCOUNT_KEY)
    sandbox.get("/nix", key="bad")
    calls = sandbox.control("GET", "/calls")["calls"]
    told = [
        (c["seq"], c["key"], c["account"], c["method"], c["resource"], c["id"], c["status"], c["write"]) for c in calls
    ]
    assert told == [
        (1, "shop", 1, "POST", "accounts", 1, 200, True),
        (2, "shop", 1, "GET", "accounts", None, 200, False),
        (3, "elsewhere", 2, "GET", "accounts", 7, 404, False),
        (4, None, None, "GET", "nix", None, 401, False),
    ]
    assert (calls[1]["query"], calls[0]["body"], calls[0]["time"]) == ("name=eq%3A%C3%85", None, sandbox.clock.now)
    assert KEY not in str(calls)


@pytest.mark.parametrize(
    ("narrowed", "seqs"),
    [("since=1", [2, 3]), ("key=forms", [3]), ("resource=ACCOUNTS", [1]), ("method=get", [2, 3]), ("limit=1", [3])],
)
def test_the_call_log_can_be_narrowed(sandbox: Playground, narrowed: str, seqs: list[int]) -> None:
    sandbox.account()
    sandbox.get("/users")
    sandbox.get("/self", key="k-forms")
    assert [call["seq"] for call in sandbox.control("GET", f"/calls?{narrowed}")["calls"]] == seqs


def test_bodies_are_logged_if_asked_for() -> None:
    sandbox = Playground(log_bodies=True)
    sandbox.account()
    assert sandbox.control("GET", "/calls")["calls"][0]["body"] == {"name": "Göteborgs Åkeri"}


def test_a_reset_forgets_all_but_the_keys_it_started_with(sandbox: Playground) -> None:
    sandbox.account()
    sandbox.control("POST", "/keys", {"name": "ny", "key": "k-ny"})
    sandbox.control("POST", "/faults", {"kind": "throttle"})
    sandbox.control("POST", "/reset")
    assert sandbox.control("GET", "/calls") == {"calls": []}
    assert sandbox.found("/accounts") == []
    assert sandbox.get("/self", key="k-ny").status_code == 401


def test_the_page_shows_records_and_calls_without_keys_and_escaped(sandbox: Playground) -> None:
    sandbox.account(name="<b>Åkeri & Söner</b>")
    sandbox.get("/self", key="k-forms")
    page = sandbox.client.get("/")
    assert page.mimetype == "text/html"
    assert "&lt;b&gt;Åkeri &amp; Söner&lt;/b&gt;" in page.text
    assert "<td>forms</td>" in page.text
    assert "<script" not in page.text
    assert not [key for key in (KEY, "k-forms", OTHER_ACCOUNT_KEY) if key in page.text]


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("resource=users", "sales@example.com", '<h2 id="t1">products'),
        ("resource=products", "Årslicens", "sales@example.com"),
        ("account=2&resource=users", "elsewhere", "<td>shop</td>"),
        ("key=forms&resource=users", "/api/v2/self", "/api/v2/accounts"),
    ],
)
def test_the_page_can_be_narrowed(sandbox: Playground, query: str, shown: str, hidden: str) -> None:
    sandbox.get("/self", key="k-forms")
    sandbox.account()
    page = sandbox.client.get(f"/?{query}").text
    main = page[page.index("<main>") :]
    assert shown in main
    assert hidden not in main

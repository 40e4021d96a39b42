"""Filters, order, pages, and the index that lags behind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox_playground import Playground
from web.sandbox.attributes import collated
from web.sandbox.index import SearchIndex


@pytest.fixture(scope="module")
def filled() -> Playground:
    """Four companies with contacts and orders; nothing here is written to."""
    sandbox = Playground()
    field = sandbox.field("account")
    rows: list[dict[str, Any]] = [
        {"name": "Åkeri Ett", "orgNo": "599999-1234", "noEmployees": 5, "phone": "08-555 1", "custom": []},
        {"name": "Bageri, Två", "noEmployees": 50, "active": 0},
        {"name": "ålfiske", "orgNo": "5999991234", "turnover": 7.5},
        {"name": "Zinkverket", "noEmployees": 500},
    ]
    rows[0]["custom"] = [{"fieldId": field, "value": "shop:1"}]
    rows[1]["custom"] = [{"fieldId": field, "value": "shop:2"}]
    for row in rows:
        account = sandbox.made("/accounts", row)
        sandbox.clock.now += 86_400
        contact = {
            "client": {"id": account["id"]},
            "name": f"Kontakt {row['name']}",
            "email": f"Kund{account['id']}@example.com",
        }
        sandbox.made("/contacts", contact)
        sandbox.order(account["id"], 25 if account["id"] % 2 else 100) if row.get("active", 1) else None
    sandbox.clock.now += 60
    return sandbox


ACCOUNT_FILTERS = [
    ({}, [1, 2, 3, 4]),
    ({"name": "Zinkverket"}, [4]),
    ({"name": "eq:Zinkverket"}, [4]),
    ({"name": "eq:zinkverket"}, []),
    ({"name": "ne:Zinkverket"}, [1, 2, 3]),
    ({"name": "eq:Zinkverket,Åkeri Ett"}, [1, 4]),
    ({"name": "ne:Zinkverket,Åkeri Ett"}, [2, 3]),
    ({"name": "eq:Bageri, Två"}, []),
    ({"name": "src:ERI"}, [1, 2]),
    ({"name": "wc:*eri*"}, [1, 2]),
    ({"name": "wc:Z?nkverket"}, [4]),
    ({"name": "wc:Zink"}, []),
    ({"phone": "src:555"}, [1]),
    ({"noEmployees": "gt:50"}, [4]),
    ({"noEmployees": "gte:50"}, [2, 4]),
    ({"noEmployees": "lt:50"}, [1]),
    ({"noEmployees": "lte:50"}, [1, 2]),
    ({"noEmployees": "gt:junk"}, []),
    ({"noEmployees": "5.0"}, [1]),
    ({"id": "gt:1", "sort": "-id"}, [4, 3, 2]),
    ({"active": "true"}, [1, 3, 4]),
    ({"active": "0"}, [2]),
    ({"isExternal": "0"}, [1, 2, 3, 4]),
    ({"orgNo": "eq:5999991234"}, [3]),
    ({"orgNo": "eq:599999-1234,5999991234"}, [1, 3]),
    ({"regDate": "gte:2025-11-09"}, [3, 4]),
    ({"regDate": "lt:2025-11-08T13:00:00+01:00"}, [1]),
    ({"sort": "name"}, [1, 3, 2, 4]),
    ({"sort": "-name"}, [4, 2, 3, 1]),
    ({"sort[]": '{"a":"name","s":"D"}'}, [4, 2, 3, 1]),
    ({"sort": "-noEmployees"}, [4, 2, 1, 3]),
    ({"limit": "2"}, [1, 2]),
    ({"limit": "2", "offset": "3"}, [4]),
    ({"f[]": "name"}, [1, 2, 3, 4]),
]


@pytest.mark.parametrize(("query", "ids"), ACCOUNT_FILTERS)
def test_filters_on_accounts(filled: Playground, query: dict[str, str], ids: list[int]) -> None:
    assert [row["id"] for row in filled.found("/accounts", query, settled=False)] == ids


@pytest.mark.parametrize(
    ("path", "query", "ids"),
    [
        ("/contacts", [("client.id", "2")], [2]),
        ("/contacts", [("client", "2")], [2]),
        ("/contacts", [("client.id", "ne:2")], [1, 3, 4]),
        ("/contacts", [("client.name", "eq:ålfiske")], [3]),
        ("/contacts", [("client.noEmployees", "gte:50")], [2, 4]),
        ("/contacts", [("email", "eq:Kund1@example.com")], [1]),
        ("/contacts", [("email", "eq:kund1@example.com")], []),
        ("/orders", [("probability", "gte:1"), ("probability", "lte:99")], [1, 2]),
        ("/orders", [("stage.name", "Order")], [3]),
        ("/orders", [("user.email", "sales@example.com")], [1, 2, 3]),
        ("/orders", [("orderValue", "gt:100")], [1, 2, 3]),
        ("/orders", [("value", "199")], [1, 2, 3]),
    ],
)
def test_filters_along_references(filled: Playground, path: str, query: list[tuple[str, str]], ids: list[int]) -> None:
    assert [row["id"] for row in filled.found(path, query, settled=False)] == ids


@pytest.mark.parametrize(
    ("path", "name", "value", "ids"),
    [
        ("/accounts", "custom", "eq:{}:shop:1", [1]),
        ("/accounts", "custom", "{}:shop:1", [1]),
        ("/accounts", "custom", "eq:{}:shop:1,shop:2", [1, 2]),
        ("/accounts", "custom", "ne:{}:shop:1", [2, 3, 4]),
        ("/accounts", "custom", "src:{}:SHOP", [1, 2]),
        ("/contacts", "client.custom", "eq:{}:shop:2", [2]),
    ],
)
def test_filters_on_custom_fields(filled: Playground, path: str, name: str, value: str, ids: list[int]) -> None:
    query = {name: value.format(filled.field("account"))}
    assert [row["id"] for row in filled.found(path, query, settled=False)] == ids


@pytest.mark.parametrize(
    ("queries", "ids"),
    [
        ([{"a": "name", "c": "eq", "v": "Bageri, Två"}], [2]),
        ([{"a": "name", "c": "eq", "v": ["Bageri, Två", "Zinkverket"]}], [2, 4]),
        ([{"a": "noEmployees", "c": "eq", "v": None}], [3]),
        ([{"a": "noEmployees", "c": "ne", "v": None}], [1, 2, 4]),
        ([{"a": "active", "c": "eq", "v": True}], [1, 3, 4]),
        ([{"a": "noEmployees", "c": "gte", "v": 5}, {"a": "active", "c": "eq", "v": 1}], [1, 4]),
        ([[{"a": "noEmployees", "c": "gte", "v": 5}, {"a": "active", "v": 1}]], [1, 4]),
        ([{"or": {"q": [[{"a": "id", "c": "eq", "v": 1}], [{"a": "name", "c": "src", "v": "zink"}]]}}], [1, 4]),
    ],
)
@pytest.mark.parametrize("name", ["q", "q[]"])
def test_filters_as_json(filled: Playground, name: str, queries: list[Any], ids: list[int]) -> None:
    query = [(name, json.dumps(each)) for each in queries]
    assert [row["id"] for row in filled.found("/accounts", query, settled=False)] == ids


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("/accounts", {"nix": "1"}, "No such attribute: nix"),
        ("/contacts", {"email.eq": "å@example.com"}, "No such attribute: email.eq"),
        ("/contacts", {"client.nix": "1"}, "No such attribute: client.nix"),
        ("/accounts", {"sort": "nix"}, "No such attribute: nix"),
        ("/accounts", {"regBy.id": "1"}, "No such attribute: regBy.id"),
        ("/comments", {"custom": "1:2"}, "No such attribute: custom"),
        ("/accounts", {"custom": "nonsense"}, "fieldId:value"),
        ("/accounts", {"q": "{"}, "Invalid JSON"),
        ("/accounts", {"q": '{"a":"name","c":"like","v":1}'}, "Invalid q"),
        ("/accounts", {"q": '{"or":1}'}, "Invalid q"),
        ("/accounts", {"q": "1"}, "Invalid q"),
    ],
)
def test_what_a_list_refuses(filled: Playground, path: str, query: dict[str, str], message: str) -> None:
    response = filled.get(path, query)
    assert response.status_code == 400
    assert message in response.json["error"]["msg"]


def test_the_case_of_addresses_counts(sandbox: Playground) -> None:
    sandbox.made("/contacts", {"client": {"id": sandbox.account()["id"]}, "email": "Åsa@Example.com"})
    assert sandbox.found("/contacts", {"email": "eq:åsa@example.com"}) == []


def test_dashes_in_organisation_numbers_count(sandbox: Playground) -> None:
    sandbox.account(orgNo="599999-1234")
    assert sandbox.found("/accounts", {"orgNo": "eq:5999991234"}) == []


@pytest.mark.parametrize(("asked", "answered"), [("5000", 2000), ("2000", 2000), ("x", 1000)])
def test_a_list_is_capped_at_2000(filled: Playground, asked: str, answered: int) -> None:
    body: Any = filled.get("/accounts", {"limit": asked}).json
    assert body["metadata"] == {"total": 4, "limit": answered, "offset": 0}


def test_a_write_shows_at_once_by_id_and_later_in_lists() -> None:
    sandbox = Playground(search_lag=4)
    account = sandbox.account()
    path = f"/accounts/{account['id']}"
    sandbox.clock.now += 1.9
    assert sandbox.get(path).status_code == 200
    assert sandbox.found("/accounts", settled=False) == []
    sandbox.clock.now += 2.2
    assert len(sandbox.found("/accounts", settled=False)) == 1
    sandbox.changed(path, {"name": "Nytt namn på Åkeriet"})
    assert sandbox.found("/accounts", {"name": "src:Nytt"}, settled=False) == []
    sandbox.delete(path)
    assert sandbox.get(path).status_code == 404
    assert [row["name"] for row in sandbox.found("/accounts", settled=False)] == ["Göteborgs Åkeri"]
    assert sandbox.found("/accounts") == []


def test_settings_do_not_lag(sandbox: Playground) -> None:
    made = sandbox.made("/customfields/contact", {"name": "Skostorlek", "datatype": "Integer", "alias": "SHOE"})
    assert sandbox.found("/customfields/contact", {"alias": "SHOE"}, settled=False) == [made]


def test_the_same_seed_draws_the_same_lags() -> None:
    def shown_after() -> list[float]:
        sandbox = Playground(search_lag=10, seed=7)
        for number in range(5):
            sandbox.account(name=str(number))
        seen = []
        for _ in range(25):
            sandbox.clock.now += 0.4
            seen.append(len(sandbox.found("/accounts", settled=False)))
        return [float(count) for count in seen]

    first = shown_after()
    assert first == shown_after()
    assert len(set(first)) > 2


@given(st.permutations([3.0, 1.0, 2.0, 5.0]), st.floats(0, 6))
def test_the_index_never_goes_back_to_an_older_state(delays: list[float], look: float) -> None:
    index = SearchIndex()
    for version, delay in enumerate(delays):
        index.write(1, {"id": 1, "version": version}, delay)
    index.refresh(look)
    due = [version for version, delay in enumerate(delays) if delay <= look]
    assert [record["version"] for record in index.all().values()] == due[-1:]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.one_of(st.none(), st.sampled_from("åäö")), st.floats(0, 9)), max_size=12)
)
def test_equality_through_the_index_is_equality_over_all_documents(writes: list[tuple[int, str | None, float]]) -> None:
    def keys_of(record: dict[str, Any]) -> list[str]:
        return [record["letter"]]

    index = SearchIndex()
    index.equal("letter", keys_of, ["å"])
    for record_id, letter, at in writes:
        index.write(record_id, None if letter is None else {"id": record_id, "letter": letter}, at)
        index.refresh(at)
        for wanted in "åäö":
            expected = {key for key, record in index.all().items() if record["letter"] == wanted}
            assert index.equal("letter", keys_of, [wanted]) == expected


def test_text_is_not_sorted_by_code_points() -> None:
    assert sorted(["Zink", "ålfiske", "Öl", "apa"], key=collated) == ["apa", "ålfiske", "Öl", "Zink"]

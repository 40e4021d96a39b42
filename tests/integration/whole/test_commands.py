"""Commands about keys, accounts and budgets, on a sandbox and a Valkey that run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bench.house import House, Layout, company, house, within
from tests.integration.asking import asked

TABLES = """
[connections.butik]
connector = "shopify"
owner = "asa.oberg@example.com"
fallback_product = "ÖVRIGT"
stage_open = "Ofert"

[connections.kassa]
connector = "generic"
owner = "slutat@example.com"
fallback_product = "FRAKT-9"
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    layout = Layout(
        keys={"butik": "nyckel-butik", "kassa": "nyckel-kassa"},
        tables=TABLES,
        # Longer than all commands of a test take together.
        upsales={"calls": '["100000/1h"]', "writes": '["100000/1h"]'},
        environ={"RELAY_BUTIK_SECRET": "ny-hemlighet,gammal-hemlighet", "RELAY_KASSA_SECRET": "whsec_aGVtbGlnaGV0"},
    )
    with house(tmp_path_factory.mktemp("hus"), layout) as made:
        made.sandbox(
            "POST", "/keys", {"name": "annan", "account": 2, "key": "nyckel-annan", "account_name": "Provkonto"}
        )
        yield made


def rows(place: House, *arguments: str) -> Any:
    return json.loads(asked(place.environ, *arguments, "--json").stdout)


def findings(place: House, *arguments: str) -> dict[str, tuple[str, str]]:
    return {row["what"]: (row["level"], row["says"]) for row in rows(place, "doctor", *arguments)}


def test_the_doctor_tells_whose_each_key_is_and_what_does_not_fit(place: House) -> None:
    found = findings(place)
    state, says = found["butik: account"]
    assert (state, says.partition(", as butik (")[0]) == ("fine", "1 (Sandbox 1)")
    assert "@api.upsales.com" in says
    assert found["butik: clock"] == ("fine", "as Upsales's")
    assert found["butik: owner = asa.oberg@example.com"][0] == "fine"
    assert found["butik: stage_open = Ofert"] == (
        "wrong",
        "Upsales has no order stage named 'Ofert'; near it: Offert, Order",
    )
    assert found["kassa: owner = slutat@example.com"][0] == "wrong"
    assert found["kassa: fallback_product = FRAKT-9"][0] == "wrong"
    assert found["butik: custom field EXTERNAL_ID of account"] == ("fine", "there")
    assert place.relay("doctor").returncode == 1


def test_the_doctor_makes_the_fields_that_are_missing(place: House) -> None:
    name = "butik: custom field EXTERNAL_ID of contact"
    number = next(
        row["id"]
        for row in place.client.get(f"{place.sandbox_url}/api/v2/customfields/contact?token=nyckel-kassa").json()[
            "data"
        ]
    )
    place.client.delete(
        f"{place.sandbox_url}/api/v2/customfields/contact/{number}?token=nyckel-kassa"
    ).raise_for_status()
    assert findings(place)[name][0] == "look"
    state, says = findings(place, "--fix")[name]
    assert (state, says.partition(" ")[0]) == ("fine", "made:")
    assert findings(place)[name] == ("fine", "there")
    made = rows(place, "calls", "--connection", "butik", "--resource", "customfields/contact")
    assert [(call["method"], call["status"]) for call in made if call["method"] == "POST"] == [("POST", 200)]


def test_a_key_of_another_account_is_not_rotated_to(place: House) -> None:
    findings(place)
    refused = asked(place.environ, "keys", "rotate", "butik", answer="nyckel-annan\n")
    assert refused.exit_code == 2
    assert (
        "the new key is not put in force: the key belongs to account 2 (Provkonto), butik is bound to 1"
        in refused.stderr
    )
    revoked = asked(place.environ, "keys", "rotate", "butik", answer="nyckel-som-ingen-har\n")
    assert revoked.exit_code == 2
    assert "Upsales does not accept the API key" in revoked.stderr
    shared = asked(place.environ, "keys", "rotate", "butik", answer="nyckel-kassa\n")
    assert shared.stderr == "relay: connections kassa and butik have the same API key; make one in Upsales for each\n"
    same = asked(place.environ, "keys", "rotate", "butik", answer="nyckel-butik\n")
    assert "is the key that butik uses already" in same.stderr
    assert asked(place.environ, "keys", "rotate", "butik", "--generate").exit_code == 2
    assert [row["connection"] for row in rows(place, "keys", "list") if row["kind"] == "api_key"] == ["butik", "kassa"]


def test_a_record_tells_who_touched_it_and_why(place: House) -> None:
    place.accept(
        "kassa", [{**company(7, 1), "data": {"id": "Å-7", "name": "Åkeri 7 AB", "users": ["sales@example.com"]}}]
    )
    place.start_workers(1)
    within(30, lambda: place.statuses().get("delivered") == 1, "it is delivered")
    (made,) = [
        call for call in rows(place, "calls", "--connection", "kassa") if call["method"] == "POST" and call["event"]
    ]
    (told,) = rows(place, "calls", "--record", f"account/{made['record']}")
    assert (told["why"], told["connection"], told["status"]) == ("account.upsert account:Å-7", "kassa", 200)
    assert rows(place, "calls", "--record", f"account/{made['record']}", "--key", "000000000000") == []
    assert rows(place, "calls", "--record", f"contact/{made['record']}") == []
    assert "no such resource; did you mean account?" in asked(place.environ, "calls", "--record", "acount/1").stderr

    budget = rows(place, "budget", "kassa")
    assert {(row["kind"], row["used"] > 0) for row in budget["windows"]} == {("calls", True), ("writes", True)}
    (day,) = budget["day"]
    assert (day["delivered"], day["writes"], day["coalesced"], day["waiting"]) == (1, 1, 0, 0)
    assert day["account_calls"] > day["reads"] > 0

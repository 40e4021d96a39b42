"""The doctor finds what settings name and Upsales does not have, and senders whose URL must not be changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room

CONFIG = """
[upsales]
org_no = "ORGNR"
[connections.butik]
connector = "upsales"
owner = "asa.oberg@example.com"
fallback_product = "ÖVRIGT"
custom_fields = { "client.11" = "INDUSTRI", "order.12" = "external_id" }
[connections.kassa]
connector = "hubspot"
owner = "asa.oberg@example.com"
product = "ÖVRIGT"
stage_open = "Offert"
fields = { "deal.storlek" = "STORLEK" }
"""


def findings(desk: Desk, *options: str) -> dict[str, tuple[str, str]]:
    return {row["what"]: (row["level"], row["says"]) for row in json.loads(desk("doctor", "--json", *options).stdout)}


@pytest.fixture(autouse=True)
def _settings(desk: Desk) -> None:
    Path(desk.environ["RELAY_CONFIG"]).write_text(CONFIG, "utf-8")


def test_a_custom_field_that_is_not_there_is_named(desk: Desk) -> None:
    found = findings(desk)
    assert found["butik: custom_fields client.11 = INDUSTRI"] == (
        "wrong",
        "account has no custom field with alias 'INDUSTRI'; there is EXTERNAL_ID",
    )
    assert found["butik: custom_fields order.12 = external_id"][0] == "fine"
    assert found["butik: [upsales] org_no = ORGNR"][0] == "wrong"
    assert found["kassa: fields deal.storlek = STORLEK"] == (
        "wrong",
        "order has no custom field with alias 'STORLEK'; there is EXTERNAL_ID",
    )


def company_by_hand(room: Room, name: str, **fields: str) -> int:
    data = {"name": name, **fields}
    made = room.sandbox.control("POST", "/records", {"account": 1, "resource": "accounts", "data": data})
    return int(made["data"]["id"])


def test_companies_that_differ_in_their_legal_form_only_are_counted_when_asked_for(room: Room, desk: Desk) -> None:
    one, other = company_by_hand(room, "Tranemo Sten AB"), company_by_hand(room, "AB Tranemo Sten")
    company_by_hand(room, "Vänerns Fisk AB", orgNo="599999-0087")
    company_by_hand(room, "Vänerns Fisk HB", orgNo="599999-0095")

    found = findings(desk, "--matching")

    state, says = found["butik: [matching] name"]
    assert (state, says) == ("look", f'"legal_form" would take 2 of 4 companies as 1; look at {one} and {other}')
    assert "kassa: [matching] name" not in found, "it is the same account"
    assert not [what for what in findings(desk) if "[matching]" in what]
    assert not [call for call in room.sandbox.calls() if call["write"]]


def test_companies_are_not_counted_without_asking_upsales(desk: Desk) -> None:
    result = desk("doctor", "--matching", "--offline")
    assert result.exit_code != 0
    assert "--matching asks Upsales: leave --offline out" in result.stderr


def test_a_sender_that_signs_the_url_needs_to_know_it(desk: Desk) -> None:
    state, says = findings(desk, "--offline")["kassa: signed URL"]
    assert (state, "RELAY_PUBLIC_URL" in says) == ("look", True)
    desk.environ["RELAY_PUBLIC_URL"] = "https://hooks.example.com"
    assert findings(desk, "--offline")["kassa: signed URL"] == (
        "fine",
        "its sender has to call https://hooks.example.com, letter for letter",
    )
    assert "butik: signed URL" not in findings(desk, "--offline")

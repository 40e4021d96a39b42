"""From two payloads of a thin sender and three answers of its API comes a connector that writes company, contact and order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.devkit.scaffold.senders import NOW
from worker.devkit.capture.capture import Capture
from worker.devkit.scaffold.answers import guessed_source, read_answers
from worker.devkit.scaffold.create import create
from worker.devkit.scaffold.files import in_package
from worker.errors import ConfigError

SAID: dict[str, Any] = {
    "contract": {
        "data": {
            "id": 4771,
            "title": "Båtplats 12",
            "customer_id": "k-9",
            "signatory": {"contact_id": "p-3"},
            "lines": [
                {"id": 1, "sku": "PLATS", "text": "Plats", "qty": 1, "unit_price": "1200.00"},
                {"id": 2, "sku": None, "text": "El", "qty": 2, "unit_price": "95.50"},
            ],
        }
    },
    "customer": {
        "id": "k-9",
        "name": "Åkeri & Söner AB",
        "org_number": "599999-0012",
        "self": "https://api.hamnen.example/v2/x",
    },
    "contact": {
        "id": "p-3",
        "first_name": "Åsa",
        "last_name": "Öberg",
        "email": "asa@akeri.example",
        "mobile": "070-174 06 05",
    },
}
ANSWERS = {kind: [answer] for kind, answer in SAID.items()}
CAPTURES = [
    Capture(
        f"signed_{n}",
        {},
        {
            "event": "contract.signed",
            "event_id": f"e-{n}",
            "sent_at": f"2026-03-02T08:0{n}:00Z",
            "contract": {"id": 4771},
        },
        NOW,
    )
    for n in (1, 2)
]


def test_thin_sender_is_green_and_writes_company_contact_and_order(tmp_path: Path) -> None:
    made = create("hamnen", "Hamnen", CAPTURES, in_package("hamnen", tmp_path), answers=ANSWERS)

    assert [str(problem) for problem in made.problems] == []
    source = (tmp_path / "relay_hamnen" / "__init__.py").read_text("utf-8")
    body = source.partition("@dataclass")[2].splitlines()
    assert len([line for line in body if line.strip() and not line.lstrip().startswith("#")]) <= 80
    (outcome,) = json.loads((tmp_path / "relay_hamnen" / "cases" / "signed_1" / "plan.json").read_text("utf-8"))
    written = {each["key"]["Key"].partition(" ")[0]: each for each in outcome["plan"]}
    assert written["account"]["match"][0]["value"] == "5999990012"
    assert written["contact"]["if_empty"]["email"] == "asa@akeri.example"
    order = written["order"]
    assert order["on_create"]["description"] == "Båtplats 12"
    assert [row["Row"]["price"] for row in order["set"]["orderRow"]] == [{"Decimal": "1200.00"}, {"Decimal": "95.50"}]
    assert 'Get("customer", id=read_field("contract.customer_id"))' in source
    assert 'at="data"' in source
    assert 'url="https://api.hamnen.example"' in source
    assert "Correct it by the sender's page" in source


def test_answer_that_nothing_asks_for_is_told() -> None:
    with pytest.raises(ConfigError, match=r"is the id of invoice: call each file after its kind \(contract.json"):
        guessed_source("hamnen", [each.body for each in CAPTURES], {**ANSWERS, "invoice": [{"id": "i-1"}]})


def rental(number: int) -> dict[str, Any]:
    said = {
        "id": number,
        "number": f"H-{number}",
        "updated_at": "2026-03-02T08:01:00Z",
        "customer_id": 9,
        "contact": {"name": "Åsa Öberg", "email": "asa@akeri.example"},
        "lines": [{"article": f"LYFT-{number}", "text": "Vecka", "quantity": 2, "price": "3450.00"}],
    }
    return {"rental": said}


CUSTOMER = {
    "customer": {
        "id": 9,
        "name": "Åkeri & Söner AB",
        "website": "https://www.akeri.example",
        "updated_at": "2026-01-01T00:00:00Z",
    }
}
CONFIRMED = [
    Capture(f"confirmed_{n}", {}, {"kind": "rental.confirmed", "id": f"n-{n}", "rental": {"id": n}}, NOW)
    for n in (1, 2)
]


def written(folder: Path, case: str) -> dict[str, Any]:
    (outcome,) = json.loads((folder / "relay_hyra" / "cases" / case / "plan.json").read_text("utf-8"))
    return {each["key"]["Key"].partition(" ")[0]: each for each in outcome["plan"]} | {"event": outcome}


def test_each_case_has_the_answers_of_its_own_event(tmp_path: Path) -> None:
    answers = {"rental": [rental(1), rental(2)], "customer": [CUSTOMER]}

    made = create("hyra", "Hyra", CONFIRMED, in_package("hyra", tmp_path), answers=answers)

    assert [str(problem) for problem in made.problems] == []
    for number in (1, 2):
        order = written(tmp_path, f"confirmed_{number}")["order"]
        assert order["set"]["orderRow"][0]["Row"]["product"]["Product"]["article_no"] == f"LYFT-{number}"
        assert order["on_create"]["description"] == order["number"] == f"H-{number}"


def test_company_is_known_by_the_customers_id_and_the_order_has_its_contact(tmp_path: Path) -> None:
    answers = {"rental": [rental(1), rental(2)], "customer": [CUSTOMER]}

    create("hyra", "Hyra", CONFIRMED, in_package("hyra", tmp_path), answers=answers)

    found = written(tmp_path, "confirmed_1")
    assert found["account"]["key"] == {"Key": "account customer:9"}
    assert found["order"]["if_empty"] == {"contact": found["contact"]["key"]}
    assert found["event"]["changed"] == "2026-03-02T08:01:00+00:00"
    assert (tmp_path / "relay_hyra" / "__init__.py").read_text("utf-8").count("changed=") == 1


def test_request_whose_answer_is_missing_is_no_case(tmp_path: Path) -> None:
    answers = {"rental": [rental(1)], "customer": [CUSTOMER]}

    made = create("hyra", "Hyra", CONFIRMED, in_package("hyra", tmp_path), answers=answers)

    assert made.cases == 1
    assert list(made.left_out) == ["confirmed_2 is no case: no answer is that of rental 2"]
    assert [str(problem) for problem in made.problems] == []


def test_type_without_any_answer_is_told(tmp_path: Path) -> None:
    ended = Capture("ended", {}, {"kind": "rental.ended", "id": "n-3", "rental": {"id": 3}}, NOW)

    with pytest.raises(ConfigError, match=r"rental\.ended has no case: no answer is that of rental 3; record it, too"):
        create(
            "hyra",
            "Hyra",
            [*CONFIRMED, ended],
            in_package("hyra", tmp_path),
            answers={"rental": [rental(1), rental(2)], "customer": [CUSTOMER]},
        )


def test_address_of_a_customer_is_not_taken_for_the_senders() -> None:
    """The token would be sent there."""
    payloads = [each.body for each in CONFIRMED]

    guess = guessed_source("hyra", payloads, {"rental": [rental(1)], "customer": [CUSTOMER]})

    assert guess.url == "https://api.hyra.example"


def test_page_tells_what_is_read_and_its_token(tmp_path: Path) -> None:
    answers = {"rental": [rental(1), rental(2)], "customer": [CUSTOMER]}

    create("hyra", "Hyra", CONFIRMED, in_package("hyra", tmp_path), answers=answers)

    page = (tmp_path / "relay_hyra" / "README.md").read_text("utf-8")
    assert "export RELAY_HYRA_TOKEN=…" in page
    assert "read of the API at `https://api.hyra.example`" in page
    assert "becomes an order" in page
    assert "activity" not in page
    assert "`relay explain confirmed_1 --connection hyra`" in page


@pytest.mark.parametrize("name", ["rental.json", "rental.55021.json", "rental-55021.json", "rental.2.json"])
def test_answers_of_one_kind_are_told_apart_by_a_number(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(json.dumps(rental(1)), "utf-8")

    assert read_answers([tmp_path / name]) == {"rental": [rental(1)]}

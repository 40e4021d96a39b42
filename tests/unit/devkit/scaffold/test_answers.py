"""From two payloads of a thin sender and three answers of its API comes a connector that writes company, contact and order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.devkit.scaffold.senders import NOW
from worker.devkit.capture.capture import Capture
from worker.devkit.scaffold.answers import guessed_source
from worker.devkit.scaffold.create import create
from worker.devkit.scaffold.files import in_package
from worker.errors import ConfigError

ANSWERS: dict[str, Any] = {
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
    assert "TODO" in source


def test_answer_that_nothing_asks_for_is_told() -> None:
    with pytest.raises(ConfigError, match="is the id of invoice; record the answers of one event"):
        guessed_source("hamnen", [each.body for each in CAPTURES], {**ANSWERS, "invoice": {"id": "i-1"}})

"""A value counts as changed when Upsales sent back another than it was sent."""

from __future__ import annotations

from typing import Any

import pytest

from worker.upsales.coercion import changed

ROW = {"product": {"id": 5}, "quantity": 2, "price": 99.5}

KEPT: list[tuple[str, Any, Any]] = [
    ("name", "Åkeri ß", "Åkeri ß"),
    ("notes", None, ""),
    ("notes", "", None),
    ("categories", [], None),
    ("noEmployees", 12, 12.0),
    ("listPrice", 99.5, "99.50"),
    ("listPrice", 0, 0),
    ("active", True, 1),
    ("active", 1, True),
    ("isPinned", False, 0),
    ("isPinned", False, None),
    ("client", {"id": 4}, {"id": 4, "name": "Örebro AB"}),
    ("client", {"id": 4}, 4),
    ("users", [{"id": 1}, {"id": 2}], [{"id": 2, "name": "Å"}, {"id": 1, "name": "Ö"}]),
    ("date", "2026-01-31", "2026-01-31"),
    ("closeDate", "2021-09-29", "2021-09-28T22:00:00Z"),
    ("closeDate", "2025-12-31", "2025-12-30T23:00:00.000Z"),
    ("agreementStartdate", "2026-01-01", "2026-01-01T00:00:00.000Z"),
    ("date", "2026-05-18T09:12:44Z", "2026-05-18T09:12:44.000Z"),
    ("date", "2026-05-18T11:12:44+02:00", "2026-05-18T09:12:44Z"),
    ("date", "2026-05-18T09:12:44Z", "2026-05-18 11:12:44"),
    ("addresses", [{"type": "Visit", "city": "Örebro"}], [{"type": "Visit", "city": "Örebro", "latitude": None}]),
    ("metadata", {"periodLength": 12}, {"periodLength": 12, "createdOrderId": "7"}),
    ("orderRow", [ROW, {**ROW, "price": 1}], [{**ROW, "id": 8, "price": 1}, {**ROW, "id": 7, "discount": 0}]),
    ("orderRow", [{"id": 2, "sortId": 1, **ROW}], [{**ROW, "id": 8, "product": {"id": 5, "name": "Å"}}]),
    ("custom", [{"fieldId": 3, "value": "1"}], [{"fieldId": 3, "value": "1", "valueBoolean": True}, {"fieldId": 4}]),
    ("custom", [{"fieldId": 3, "value": ""}], []),
    ("custom", [{"fieldId": 3, "value": "0"}], [{"fieldId": 3, "value": "false", "valueBoolean": False}]),
    ("custom", [{"fieldId": 3, "value": "12.5"}], [{"fieldId": 3, "value": "12.50", "valueDouble": 12.5}]),
    ("custom", [{"fieldId": 3, "value": "2026-05-01"}], [{"fieldId": 3, "value": "2026-05-01T00:00:00.000Z"}]),
    ("custom", [{"fieldId": 3, "value": "å,ö"}], [{"fieldId": 3, "value": "ö;å", "valueArray": ["ö", "å"]}]),
    ("notify", False, None),
    ("phone", "070-123 45 67", "+46701234567"),
    ("phoneNumber", "+46 70 123 45 67", "46701234567"),
    ("cellPhone", "08-1", "081"),
]

CHANGED: list[tuple[str, Any, Any]] = [
    ("phone", "070-123 45 67", "070-123 45 68"),
    ("phone", "08-1", "+4681"),
    ("phone", "ring växeln", ""),
    ("phone", "ring växeln", "ring receptionen"),
    ("notes", "070-123 45 67", "+46701234567"),
    ("name", "Åkeri ", "Åkeri"),
    ("name", "Åkeri", "Åkeri AB"),
    ("email", "Åsa@exempel.se", "åsa@exempel.se"),
    ("naicsCode", "1234567", "123456"),
    ("noEmployees", 12, 0),
    ("noEmployees", 12, None),
    ("listPrice", 99.555, 99.56),
    ("active", True, 0),
    ("active", False, 1),
    ("registrationDate", "2026-01-31", None),
    ("closeDate", "2021-09-29", "2021-09-29T22:00:00Z"),
    ("date", "2026-05-18T09:12:44Z", "2026-05-18"),
    ("client", {"id": 4}, {"id": 5}),
    ("client", {"id": 4}, None),
    ("notes", None, "står kvar"),
    ("contacts", [{"id": 4}], []),
    ("users", [{"id": 1}, {"id": 1}], [{"id": 1}, {"id": 2}]),
    ("users", [{"id": 1}], [{"id": 1}, {"id": 2}]),
    ("orderRow", [ROW], [{**ROW, "quantity": 1}]),
    ("orderRow", [ROW], []),
    ("orderRow", [ROW], None),
    ("addresses", [{"type": "Visit", "city": "Örebro"}], [{"type": "Visit", "city": "Orebro"}]),
]


@pytest.mark.parametrize(("field", "sent", "back"), KEPT)
def test_the_same_thing_said_otherwise_is_no_change(field: str, sent: Any, back: Any) -> None:
    assert changed({field: sent}, {"id": 1, field: back}) == {}


@pytest.mark.parametrize(("field", "sent", "back"), CHANGED)
def test_another_thing_is_a_change_and_tells_what_came_back(field: str, sent: Any, back: Any) -> None:
    assert changed({field: sent}, {"id": 1, field: back}) == {field: back}


def test_a_field_that_does_not_come_back_at_all_is_a_change() -> None:
    assert changed({"name": "Å", "parent": {"id": 2}}, {"id": 1, "name": "Å"}) == {"parent": None}


@pytest.mark.parametrize(
    ("sent", "back"),
    [
        ("1", {"value": "0", "valueBoolean": False}),
        ("12.5", {"value": "12", "valueInteger": 12}),
        ("2026-05-01", {}),
        ("å,ö", {"value": "å", "valueArray": ["å"]}),
    ],
)
def test_a_custom_value_of_another_meaning_is_a_change(sent: str, back: dict[str, Any]) -> None:
    entry = {"fieldId": 3, "value": back.get("value")}
    assert changed({"custom": [{"fieldId": 3, "value": sent}]}, {"custom": [{"fieldId": 3, **back}]}) == {
        "custom": [entry]
    }


def test_of_custom_fields_only_those_that_differ_are_told() -> None:
    sent = [{"fieldId": 3, "value": "hundra"}, {"fieldId": 4, "value": "ö"}, {"fieldId": 5, "value": "å"}]
    back = [{"fieldId": 3, "value": "0"}, {"fieldId": 4, "value": "ö"}]
    assert changed({"custom": sent}, {"custom": back}) == {
        "custom": [{"fieldId": 3, "value": "0"}, {"fieldId": 5, "value": None}]
    }

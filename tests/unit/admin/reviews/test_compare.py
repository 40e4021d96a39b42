"""What the sender says stands beside what a record shows, and how the two compare."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from worker.admin.reviews.compare import Line, lines
from worker.plan import Key, Match, Product, Ref, Row, Stage, Standing, Sure, Upsert, User

ACME = Key("account", "K-1")
EMPTY = "\N{EN DASH}"


def compared(upsert: Upsert, *records: Mapping[str, Any] | None, masked: bool = False) -> dict[str, Line]:
    found = lines(
        [upsert],
        upsert.key.resource,
        records,
        custom={"ORIGIN": 7},
        record_of={ACME: 17}.get,
        masked=masked,
    )
    return {line.field: line for line in found}


@pytest.mark.parametrize(
    ("name", "said", "shown", "mark"),
    [
        ("name", "Åkeri AB", "Åkeri AB", "="),
        ("name", "Åkeri AB", "Akeri", "≠"),
        ("name", "Åkeri AB", "", "+"),
        ("name", "Åkeri AB", None, "+"),
        ("name", None, "Akeri", ""),
        ("phone", "+46 8 123 45 67", "08-123 45 67", "="),
        ("phone", "+46 8 123 45 67", "08-123 45 68", "≠"),
        ("value", Decimal("12.50"), 12.5, "="),
        ("value", 0, 0, "="),
        ("value", 0, 3, "≠"),
        ("active", True, 1, "="),
        ("active", False, True, "≠"),
        ("date", date(2026, 1, 31), "2026-01-31", "="),
        ("client", ACME, {"id": 17, "name": "Åkeri AB"}, "="),
        ("client", ACME, {"id": 18, "name": "Annat AB"}, "≠"),
        ("client", Key("account", "K-2"), {"id": 18}, ""),
        ("client", Ref(18), {"id": 18}, "="),
        ("user", User("Åsa@example.com"), {"id": 1, "email": "åsa@example.com"}, "="),
        ("user", User("åsa@example.com"), {"id": 1, "email": "per@example.com"}, "≠"),
        ("users", (User("åsa@example.com"),), [{"id": 1, "name": "Åsa"}], ""),
        ("users", (User("åsa@example.com"),), [], "+"),
        ("stage", Stage("Vunnen"), {"id": 3, "name": "vunnen"}, "="),
        ("stage", Stage("Vunnen"), {"id": 3, "name": "Förlorad"}, "≠"),
        ("stage", Stage("Vunnen"), {"id": 3}, ""),
        ("stage", Stage(probability=100), {"id": 3, "name": "Vunnen"}, ""),
        ("orderRow", (Row("1", Product("A-1"), Decimal(2), Decimal(10)),), [{"id": 1}], ""),
        ("custom.ORIGIN", "butik", None, "+"),
    ],
)
def test_each_kind_of_value_is_compared_as_upsales_would(name: str, said: Any, shown: Any, mark: str) -> None:
    found = compared(Upsert(key=Key("order", "1"), set={name: said}), {"id": 1, name: shown})
    assert found[name].cells[0].mark == mark


def test_a_natural_key_is_compared_in_its_own_form_and_comes_first() -> None:
    upsert = Upsert(
        key=ACME, set={"name": "Åkeri"}, match=(Match("orgNo", "599999-0046"), Match("contact", "å@example.com"))
    )
    found = compared(upsert, {"orgNo": "5999990046"})
    assert list(found) == ["orgNo", "name"]
    assert found["orgNo"].cells[0].mark == "="


def test_custom_fields_are_found_by_their_ids() -> None:
    upsert = Upsert(key=ACME, set={"custom.ORIGIN": "butik", "custom.OTHER": "x"})
    found = compared(upsert, {"custom": [{"fieldId": 7, "value": "butik"}]})
    assert found["custom.ORIGIN"].cells[0].mark == "="
    assert found["custom.OTHER"].cells[0].text is None, "nobody knows which field it is"


def test_a_surest_value_is_its_value() -> None:
    found = compared(Upsert(key=ACME, surest={"name": Sure("Åkeri AB", Standing.TOLD)}), {"name": "Åkeri AB"})
    assert (found["name"].said, found["name"].cells[0].mark) == ("Åkeri AB", "=")


def test_where_nothing_is_said_a_record_shows_what_it_is_known_by() -> None:
    found = lines(
        [], "account", [{"name": "Åkeri AB", "orgNo": "5999990046"}], custom={}, record_of=lambda _: None, masked=False
    )
    assert [(line.field, line.said, line.cells[0].text) for line in found] == [
        ("name", EMPTY, "Åkeri AB"),
        ("orgNo", EMPTY, "5999990046"),
        ("phone", EMPTY, EMPTY),
        ("webpage", EMPTY, EMPTY),
    ]


def test_what_was_not_read_is_not_empty() -> None:
    (line,) = compared(Upsert(key=ACME, set={"name": "Åkeri"}), None).values()
    assert (line.cells[0].text, line.cells[0].mark) == (None, "")


def test_masked_nothing_tells_of_a_person_and_the_marks_stay() -> None:
    upsert = Upsert(
        key=Key("contact", "P-1"),
        match=(Match("email", "åsa@example.com"),),
        set={"name": "Åsa Öberg", "phone": "+46 70 123 45 67", "user": User("per@example.com")},
        on_create={"client": Key("account", "email:åsa@example.com"), "notes": "ring Åsa"},
    )
    record = {
        "email": "ÅSA@example.com",
        "name": "Åsa Öberg",
        "phone": "0701234567",
        "client": {"id": 3, "name": "Åsa Öberg"},
        "notes": "ring Per",
        "user": {"id": 1, "name": "Per Ek", "email": "per@example.com"},
    }
    found = compared(upsert, record, masked=True)
    everything = str(found)
    for told in ("Åsa", "Öberg", "åsa", "ÅSA", "1234567", "123 45", "Per", "per@"):
        assert told not in everything
    assert {name: line.cells[0].mark for name, line in found.items()} == {
        "email": "=", "name": "=", "phone": "=", "user": "=", "client": "", "notes": "≠",
    }  # fmt: skip


def test_the_name_of_a_company_is_no_persons() -> None:
    found = compared(Upsert(key=ACME, set={"name": "Åkeri i Norr AB"}), {"name": "Åsa Öberg"}, masked=True)
    assert (found["name"].said, found["name"].cells[0].text) == ("Åkeri i Norr AB", "Å•••• (9)")

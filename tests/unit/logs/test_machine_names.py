"""What may tell of a person is not logged; what a machine made up is."""

from __future__ import annotations

import pytest

from worker.logs.machine_names import made_up, type_name


@pytest.mark.parametrize(
    "name",
    [
        "4711", "5678901234567", "evt_1NG8Du2eZvKYlo2CUI79vXWy", "01JD8W6Q3Z7T5R9K2M4N6P8Q0S",
        "b2f7e0a4-5a4e-4a53-9d0a-1c6f5f1f8e77", "msg_2b3c4d5e6f7g8h9i0j",
    ],
)  # fmt: skip
def test_a_drawn_or_counted_id_is_shown(name: str) -> None:
    assert made_up(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "asa.oberg@example.com", "Åsa Öberg", "asa-oberg", "AsaOberg19871203xx", "198712031234", "19871203-1234", "8712031234",
        "+46701234567", "46701234567", "0701234567", "K-17", "kund 17", "", "4711\n",
    ],
)  # fmt: skip
def test_any_other_may_be_somebodys(name: str) -> None:
    assert made_up(name) is None


@pytest.mark.parametrize("name", ["order.upsert", "orders/create", "contact.propertyChange", "invitee.created"])
def test_the_name_of_a_type_is_shown(name: str) -> None:
    assert type_name(name) == name


@pytest.mark.parametrize("name", ["Åsa Öberg", "asa@example.com", "a b", "order.0701234567", "x" * 65, ""])
def test_what_is_no_name_of_a_type_is_not(name: str) -> None:
    assert type_name(name) == "***"

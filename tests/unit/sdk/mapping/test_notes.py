"""What fits no field of an order is lines of its notes."""

from __future__ import annotations

from decimal import Decimal

from worker.sdk.mapping.notes import labelled, notes, ordered_by, sold


def test_message_comes_first_and_each_group_after_a_blank_line() -> None:
    assert notes("Ring på", ["1 x Hylla", "2 x\nBord"], [], ["Märkning: Hus B"]) == (
        "Ring på\n\n1 x Hylla\n2 x Bord\n\nMärkning: Hus B"
    )
    assert notes(None, []) == ""


def test_row_is_told_with_what_it_is_called_and_its_article() -> None:
    assert sold(2, "Hylla, björk", "HY-1") == "2 x Hylla, björk (HY-1)"
    assert sold(Decimal("0.50"), "Kabel") == "0.5 x Kabel"
    assert sold(1, None, "HY-1") == "1 x HY-1"
    assert sold(10, None) == "10 x ?"


def test_only_what_is_known_is_labelled() -> None:
    assert labelled({"PO number": "4711", "Tags": None, "Payment": ""}) == ["PO number: 4711"]


def test_who_has_no_address_is_told_in_full() -> None:
    assert labelled(ordered_by("Ulf Ek", "u@ek.example", "070", "Ekvägen 1")) == ["Ordered by: Ulf Ek"]
    assert labelled(ordered_by("Ulf Ek", None, "070", "Ekvägen 1", None, "903 26 Umeå")) == [
        "Ordered by: Ulf Ek",
        "Phone: 070",
        "Address: Ekvägen 1, 903 26 Umeå",
    ]

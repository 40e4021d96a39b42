"""A copy of an account answers what a search would, and each record is read once."""

from __future__ import annotations

import pytest

from tests.upsales_stub import Stub, listed
from worker.plan import Match
from worker.upsales.copied import CopiedUpsales

COMPANIES = (
    {"id": 1, "name": "Åkeri Öberg AB", "orgNo": "559999-0001", "webpage": "https://www.oberg.example/"},
    {"id": 2, "name": "Norrskog AB", "orgNo": "", "webpage": ""},
)
ORDERS = (
    {"id": 11, "description": "Order #1002 från butiken"},
    {"id": 12, "description": "Order #10020"},
)


@pytest.fixture
def stub() -> Stub:
    return Stub({"GET /accounts": listed(*COMPANIES), "GET /orders": listed(*ORDERS)})


@pytest.mark.parametrize(
    ("match", "found"),
    [
        (Match("orgNo", "5599990001"), [1]),
        (Match("webpage", "oberg.example"), [1]),
        (Match("name", "norrskog ab"), [2]),
        (Match("name", "Söderskog AB"), []),
    ],
    ids=["number", "web page", "name", "nobody"],
)
def test_it_shows_what_carries_the_natural_key(stub: Stub, match: Match, found: list[int]) -> None:
    copied = CopiedUpsales(stub.upsales())
    assert [record.id for record in copied.search("account", match)] == found


def test_all_are_read_once_for_any_number_of_questions(stub: Stub) -> None:
    copied = CopiedUpsales(stub.upsales())
    both = copied.search_any("account", [Match("orgNo", "5599990001"), Match("name", "Norrskog AB")])
    assert [record.id for record in both] == [1, 2]
    assert copied.get("account", 2).data["name"] == "Norrskog AB"
    assert len(stub.asked) == 1


def test_a_number_in_a_text_is_found_as_a_word(stub: Stub) -> None:
    copied = CopiedUpsales(stub.upsales())
    assert [record.id for record in copied.search("order", Match("description", "#1002", within=True))] == [11]
    assert not copied.search("order", Match("description", "#100", within=True))

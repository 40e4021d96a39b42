"""What Oneflow does not publish the shape of is read by its words, and what is not there yet is waited for."""

from __future__ import annotations

from typing import Any

import pytest

from worker.connectors.oneflow.contracts import has_ended
from worker.connectors.oneflow.source import stands, unready


@pytest.mark.parametrize("state", ["ended", "Terminated", {"state": "ended"}, {"state": "ended", "substate": None}])
def test_a_contract_has_ended_where_the_word_stands(state: Any) -> None:
    assert has_ended({"lifecycle_state": state})


@pytest.mark.parametrize("state", [None, "active", {"state": "active", "ended": False}, ["ended"], 7, {}])
def test_else_it_has_not(state: Any) -> None:
    assert not has_ended({"lifecycle_state": state})


@pytest.mark.parametrize(
    ("contract", "lacks"),
    [
        ({"parties": [{}], "_private_ownerside": {"template_id": 7}}, None),
        ({"parties": [{}], "template": {"id": 7}}, None),
        ({"parties": [{}], "_private_ownerside": {"template_id": None}}, "it has no template"),
        ({"parties": [{}], "_private_ownerside": None}, "it has no template"),
        ({"parties": [], "template": {"id": 7}}, "it has no parties"),
    ],
)
def test_a_contract_that_was_just_published_is_waited_for(contract: Any, lacks: str | None) -> None:
    assert unready(contract) == lacks


def test_a_listed_contract_stands_for_the_webhook_that_told_how_it_stands() -> None:
    told = stands({"id": 7, "state": "signed", "updated_time": "2026-03-05T00:00:00+00:00"})
    assert told is not None
    assert told.type == "contract:sign"
    assert told.payload["events"]["created_time"] == "2026-03-05T00:00:00+00:00"
    assert stands({"id": 7, "state": "draft"}) is None

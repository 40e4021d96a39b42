"""A connection's key may be read with, unless Upsales refused it or does not answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from worker.store.lanes.connections import SOURCE, State

SOON = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stands", "may_read"),
    [
        ({}, True),
        ({"broken_for": 3.0}, False),
        ({"state": "paused"}, True),
        ({"state": "paused", "probe_at": SOON}, False),
        ({"state": "paused", "probe_at": SOON, "refused_by": SOURCE}, True),
        ({"state": "paused", "probe_at": SOON, "refused_by": SOURCE, "broken_for": 3.0}, False),
    ],
    ids=["runs", "breaker open", "by a person", "key refused", "refused by its sender", "and the breaker is open"],
)
def test_whose_key_may_be_read_with(stands: dict[str, Any], *, may_read: bool) -> None:
    assert State(name="butik", **stands).may_read is may_read

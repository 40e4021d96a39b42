"""The day of a moment is Upsales's."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from worker.sdk.mapping import day_of


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 2, 23, 30, tzinfo=UTC), date(2026, 3, 3)),
        (datetime(2026, 7, 2, 21, 59, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 7, 2, 22, 0, tzinfo=UTC), date(2026, 7, 3)),
    ],
)
def test_day_is_that_of_stockholm(moment: datetime, day: date) -> None:
    assert day_of(moment) == day

"""How long a connection may stay silent before somebody should look."""

from __future__ import annotations

import pytest

from worker.instruments.rhythm import LONGEST, WEEK, patience

NOW = 500_000


def weeks(number: int, an_hour: int, hours: range = range(WEEK)) -> dict[int, int]:
    """The same in each of the weeks before."""
    return {NOW - WEEK * back + hour: an_hour for back in range(1, number + 1) for hour in hours}


def test_who_sends_sixty_an_hour_may_miss_ten() -> None:
    assert patience(weeks(4, 60), NOW) == pytest.approx(600)


def test_the_middle_of_an_hour_counts_by_its_part() -> None:
    assert patience(weeks(4, 8), NOW + 0.5) == pytest.approx(4500)


def test_a_night_without_events_is_not_silence() -> None:
    found = patience(weeks(4, 60, range(8, WEEK)), NOW)
    assert found == pytest.approx(8 * 3600 + 600)


def test_the_quietest_week_counts() -> None:
    assert patience(weeks(4, 60) | {NOW - WEEK: 0, NOW - 2 * WEEK: 20}, NOW) == pytest.approx(3600 + 600)


@pytest.mark.parametrize("hourly", [{}, weeks(1, 60), {NOW - WEEK: 4, NOW - 2 * WEEK: 4}])
def test_what_is_not_learnt_has_no_limit(hourly: dict[int, int]) -> None:
    assert patience(hourly, NOW) is None
    assert LONGEST == WEEK

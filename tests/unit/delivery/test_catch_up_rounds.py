"""From where the next round reads: nothing is passed over, and nothing is read for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from worker.delivery.catch_up_rounds import FIRST_WAIT, LONGEST_WAIT, next_in, next_since
from worker.store.sources.cursors import Cursor

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def since(newest: datetime | None, *, begun: datetime = NOON, before: datetime = NOON - 20 * MINUTE) -> datetime:
    return next_since(Cursor(connection="x", kind="y", token=1, since=before, begun_at=begun), newest, 120.0)


def test_from_a_little_before_the_newest_change() -> None:
    assert since(NOON - 5 * MINUTE) == NOON - 7 * MINUTE


def test_what_changed_while_it_was_read_or_lies_ahead_is_read_again() -> None:
    assert since(NOON + 1 * MINUTE) == NOON - 2 * MINUTE
    assert since(NOON + timedelta(days=900)) == NOON - 2 * MINUTE


def test_it_never_goes_back() -> None:
    assert since(NOON - 60 * MINUTE) == NOON - 20 * MINUTE
    assert since(None) == NOON - 20 * MINUTE


def test_a_list_in_which_nothing_happens_is_read_for_a_day_back() -> None:
    """Else a sender that tells of thirty days would seem to have lost something."""
    long_ago = NOON - timedelta(days=40)
    assert since(None, before=long_ago) == NOON - timedelta(days=1) - 2 * MINUTE
    assert since(long_ago, before=long_ago) == NOON - timedelta(days=1) - 2 * MINUTE


@pytest.mark.parametrize(("period", "longest"), [(60.0, 240.0), (900.0, LONGEST_WAIT), (86400.0, LONGEST_WAIT)])
def test_a_failure_is_waited_for_twice_as_long_each_time(period: float, longest: float) -> None:
    assert [next_in(failures, period) for failures in (1, 2, 3)] == [FIRST_WAIT, 60.0, 120.0]
    assert next_in(50, period) == longest

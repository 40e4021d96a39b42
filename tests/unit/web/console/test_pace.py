"""Nobody does more in a minute than they may, and each has their own minute."""

from __future__ import annotations

import pytest

from web.console.pace import Pace
from web.problems import Problem


def test_so_many_times_a_minute_each() -> None:
    at = [0.0]
    pace = Pace(2, lambda: at[0])
    pace.step("vera")
    at[0] = 10.0
    pace.step("vera")
    with pytest.raises(Problem) as refused:
        pace.step("vera")
    assert (refused.value.status, refused.value.retry_after) == (429, 50)
    pace.step("anna")
    at[0] = 60.0
    pace.step("vera")
    with pytest.raises(Problem):
        pace.step("vera")

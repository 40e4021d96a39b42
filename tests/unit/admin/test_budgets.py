"""Which window of writes is shown, wherever writes that are left are shown."""

from __future__ import annotations

from worker.admin.budgets import nearest
from worker.upsales.budget import WindowUse


def test_the_window_that_is_nearest_to_its_end_is_shown() -> None:
    calls = WindowUse("calls", 200, 10.0, 1)
    short, long = WindowUse("writes", 2000, 600.0, 300), WindowUse("writes", 5000, 3600.0, 3000)
    assert nearest([calls, short, long]) == short
    assert nearest([calls, WindowUse("writes", 2000, 600.0, 2000), long]) == long


def test_of_two_that_are_as_near_the_longer_is_shown() -> None:
    short, long = WindowUse("writes", 2000, 600.0, 2000), WindowUse("writes", 5000, 3600.0, 5000)
    assert nearest([short, long]) == long
    assert nearest([]) is None

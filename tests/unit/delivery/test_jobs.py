"""A job that runs is not begun a second time."""

from __future__ import annotations

import pytest

from worker.delivery.process_lock import ProcessLock


def test_what_is_under_way_is_nobody_elses_until_it_ends() -> None:
    under_way = ProcessLock()

    with under_way.only_here("svep") as first, under_way.only_here("svep") as second:
        with under_way.only_here("titt") as other:
            assert (first, second, other) == (True, False, True)
        with under_way.only_here("svep") as third:
            assert not third

    with under_way.only_here("svep") as again:
        assert again


def test_what_failed_is_no_longer_under_way() -> None:
    under_way = ProcessLock()

    with pytest.raises(ValueError, match="fel"), under_way.only_here("svep"):
        raise ValueError("fel")

    with under_way.only_here("svep") as again:
        assert again

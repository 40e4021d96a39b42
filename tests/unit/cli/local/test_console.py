"""The console starts without a warning about its threads, on machines of any size."""

from __future__ import annotations

import pytest

from worker.cli.local.console import command, threads


@pytest.mark.parametrize(("cores", "wanted"), [(1, 3), (2, 5), (4, 8), (64, 8)])
def test_threads_are_bounded_by_the_cores(cores: int, wanted: int) -> None:
    assert threads(cores) == wanted


def test_it_is_told_how_many() -> None:
    told = command("127.0.0.1", 8002)
    assert told[told.index("--blocking-threads") + 1] in {"3", "5", "7", "8"}

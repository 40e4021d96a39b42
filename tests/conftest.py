"""What the whole suite reports at its end: how many places of failure were tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

TALLIES = pytest.StashKey[Counter[str]]()


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Callable[[str, int], None]:
    """Count towards a line at the end of the run."""
    counter = request.config.stash.setdefault(TALLIES, Counter())

    def count(what: str, number: int) -> None:
        counter[what] += number

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for what, number in terminalreporter.config.stash.get(TALLIES, Counter()).items():
        terminalreporter.write_line(f"{number} {what}")

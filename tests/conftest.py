"""The whole suite: what it reports at its end (how many places of failure were tried), and how it is collected quickly."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

TALLIES = pytest.StashKey[Counter[str]]()

# A busy machine is no fault: how fast things are is measured in bench/. Every run tries the same examples, so that one tree
# has one outcome; `HYPOTHESIS_RANDOM=1 make test` looks for others.
settings.register_profile("patient", deadline=None, derandomize=not os.environ.get("HYPOTHESIS_RANDOM"))
settings.load_profile("patient")


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


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """All that is collected stays until the end: looking for garbage in it is a fifth of the time of collecting."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000)  # looking for garbage after every 700 new objects is a seventh of the time of testing

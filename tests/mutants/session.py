"""Runs the tests once to learn which reach what, then forks for each mutant and stops at the first test that fails."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Literal, TypeAlias, cast

import pytest

from tests.integration.conftest import MEMORY

Fate: TypeAlias = Literal["killed", "survived", "stuck", "unreached"]
"""A stuck mutant ran out of time in a test: that is noticed, too."""
SLEEPING, COUNTING = "", "stats"
WALL = 240


@dataclass(slots=True, eq=False)
class Session:
    """A pytest plugin.

    `seconds`: of processor time, after which a mutant that no test noticed counts as survived.
    `time_limit`: seconds after which no more mutants are tried.
    """

    mutants: Sequence[str]
    seconds: float
    time_limit: float
    tell: Callable[[str, Fate], None]
    reached: dict[str, list[pytest.Item]] = field(default_factory=lambda: defaultdict(list))
    took: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    @pytest.hookimpl
    def pytest_configure(self) -> None:
        from hypothesis import settings

        settings.register_profile("mutants", max_examples=20, derandomize=True, database=None, deadline=None)
        settings.load_profile("mutants")

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(f"{report.nodeid}\n{report.longreprtext}")

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Failed("the tests can't be collected")
        self._learn(session)
        if self.failed:
            raise session.Failed("the tests fail before anything is broken:\n" + "\n".join(self.failed))
        ends = time.monotonic() + self.time_limit
        for mutant in self.mutants:
            if time.monotonic() > ends:
                break
            with _swept(Path(tempfile.gettempdir())), _swept(MEMORY, "relay-"):
                self.tell(mutant, self._fate(session, mutant))
        return True

    def _learn(self, session: pytest.Session) -> None:
        """Which tests reach which function, and how long each takes."""
        from mutmut.state import state

        os.environ["MUTANT_UNDER_TEST"] = COUNTING
        hit = state()._stats
        for item, following in _with_next(session, session.items):
            hit.clear()
            started = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self.took[item.nodeid] = time.process_time() - started
            for function in hit:
                self.reached[function].append(item)
        os.environ["MUTANT_UNDER_TEST"] = SLEEPING

    def _fate(self, session: pytest.Session, mutant: str) -> Fate:
        function = mutant.rpartition("__mutmut_")[0]
        items = sorted(self.reached.get(function, ()), key=lambda item: self.took[item.nodeid])
        if not items:
            return "unreached"
        child = os.fork()
        if child == 0:
            self._try(session, mutant, items)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return "stuck"
        return "survived" if os.WEXITSTATUS(status) == 0 else "killed"

    def _try(self, session: pytest.Session, mutant: str, items: Sequence[pytest.Item]) -> None:
        """In a child of its own. Ends the process."""
        os.environ["MUTANT_UNDER_TEST"] = mutant
        signal.alarm(WALL)
        used = time.process_time()
        resource.setrlimit(resource.RLIMIT_CPU, (int(used + self.seconds * 3) + 10,) * 2)
        for item, following in _with_next(session, items):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                os._exit(1)
            if time.process_time() - used > self.seconds:
                break
        os._exit(0)


def _with_next(session: pytest.Session, items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item]]:
    """Each test with the one after it. The last is followed by one that keeps what all tests share: database and Valkey."""
    rest = cast("pytest.Item", SimpleNamespace(listchain=lambda: [session]))
    return zip(items, [*items[1:], rest], strict=True)


@contextmanager
def _swept(folder: Path, prefix: str = "") -> Iterator[None]:
    """What a mutant's tests leave in the temporary folders that all tests share is removed."""
    before = set(_entries(folder, prefix))
    yield
    for path in set(_entries(folder, prefix)) - before:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _entries(folder: Path, prefix: str) -> Iterator[Path]:
    for path in folder.glob(f"{prefix}*"):
        yield path
        if path.is_dir() and not path.name.startswith("relay-valkey-"):
            yield from path.iterdir()

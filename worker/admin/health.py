"""Checks whether what deliveries need is there: the database, Redis, beat, workers.

Every page shows it. It is checked in threads of their own: however many pages are open, each thing is asked once at a time, and no
page waits long for it.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Connection

from worker.admin.budgets import Left, writes_left
from worker.admin.known import PATIENCE as ONE_PART
from worker.admin.known import Known, ask, part
from worker.admin.parts import Parts
from worker.alerts.facts import Running, running
from worker.alerts.findings import WHOLE, Facts, Finding, judge
from worker.errors import RelayError
from worker.instruments.misconfigured import misconfigured
from worker.keys.cached import Copy
from worker.queue.broker import answers
from worker.settings.values import Alerts
from worker.store import StoreUnavailable
from worker.store.batches import rows
from worker.store.instruments import gauges
from worker.store.instruments.processes import alive_by_kind
from worker.store.instruments.write_probe import probe

T = TypeVar("T")

log = structlog.get_logger()

FRESH: Final = 2.0
SELDOM: Final = 5
"""So many times as long the check of the database counts: it writes."""
LONGEST: Final = 60.0
"""What was found that long ago is not known."""
PATIENCE: Final = 0.1
WRITE_WAIT: Final = 1.0
ALL_KINDS: Final = Alerts()


@dataclass(frozen=True, slots=True)
class Writes:
    """`took`: seconds. `fault`: why the database takes none. `free`: bytes of the disk that a SQLite file is on."""

    took: float | None
    fault: str | None
    free: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """`numbers`: how many events wait for a person, as `dead` and `review`."""

    writes: Known[Writes]
    redis: Known[bool]
    running: Known[Running]
    numbers: Known[Mapping[str, int]]

    @property
    def stops(self) -> Sequence[Finding]:
        """What keeps deliveries from going on."""
        runs = self.running.value
        workers, swept = (None, None) if runs is None else (runs.workers, runs.swept)
        found = list(judge(Facts(redis=self.redis.value, workers=workers, swept=swept), ALL_KINDS))
        if not found and runs is not None and not alive_by_kind(runs.processes)["beat"]:
            told = "no beat gives a sign of life: retries and lost wake-ups wait, and nothing is cleaned up; start it"
            found.append(Finding("no_beat", WHOLE, told))
        if self.writes.value is not None and self.writes.value.fault:
            told = (
                f"the database takes no writes: webhooks get 503, and nothing is delivered. {self.writes.value.fault}"
            )
            found.insert(0, Finding("database_away", WHOLE, told))
        return found

    @property
    def unknown(self) -> Sequence[str]:
        """What could not be checked."""
        checked: Mapping[str, Known[Any]] = {
            "the database": self.writes,
            "Redis": self.redis,
            "workers and beat": self.running,
        }
        return [name for name, found in checked.items() if found.value is None]

    @property
    def checked(self) -> datetime | None:
        """When; of several checks the oldest."""
        return min((each.as_of for each in (self.writes, self.redis, self.running) if each.as_of), default=None)


class Checks:
    """Safe to share between threads. `clock` is monotonic.

    `patience`: seconds that a page waits for all of them. `each`: seconds that the database has for a question.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        patience: float = PATIENCE,
        each: float = ONE_PART,
        fresh: float = FRESH,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parts = parts

        def copy(read: Callable[[], Known[T]], lasts: float = fresh) -> Copy[Known[T]]:
            return Copy(_total(read), clock, fresh=lasts, longest=LONGEST, patience=patience, first=patience)

        self._writes = copy(self._check_writes, SELDOM * fresh)
        self._redis = copy(self._check_redis)
        self._stored = copy(lambda: ask(parts.store, _running_and_numbers, each))
        self._wrong = copy(self._check_connections)
        self._left = copy(lambda: writes_left(parts))

    def begin(self) -> None:
        """All that the overview gets."""
        for each in (self._writes, self._redis, self._stored, self._wrong, self._left):
            each.begin()

    def health(self) -> Health:
        for each in (self._writes, self._redis, self._stored):
            each.begin()
        found = _in_time(self._stored)
        return Health(
            writes=_in_time(self._writes),
            redis=_in_time(self._redis),
            running=part(found, lambda both: both[0]),
            numbers=part(found, lambda both: both[1]),
        )

    def misconfigured(self) -> Known[Mapping[str, str]]:
        """What is wrong with settings, key and secrets, by connection."""
        return _in_time(self._wrong)

    def writes_left(self) -> Known[Mapping[str, Left]]:
        """By connection; one whose key can't be had is left out."""
        return _in_time(self._left)

    def _check_connections(self) -> Known[Mapping[str, str]]:
        try:
            return Known(misconfigured(self._parts.settings, self._parts.keys), datetime.now(UTC))
        except StoreUnavailable:
            return Known(None, why="unavailable")

    def _check_writes(self) -> Known[Writes]:
        store, begun, fault = self._parts.store, time.perf_counter(), None
        try:
            probe(store, WRITE_WAIT)
        except RelayError as error:
            fault = str(error)
        took = None if fault else time.perf_counter() - begun
        free = None if store.file is None else shutil.disk_usage(store.file.parent).free
        return Known(Writes(took, fault, free), datetime.now(UTC))

    def _check_redis(self) -> Known[bool]:
        try:
            reached = answers(self._parts.redis)
        except RelayError:
            # None is set up.
            reached = False
        return Known(reached, datetime.now(UTC))


def _running_and_numbers(conn: Connection) -> tuple[Running, Mapping[str, int]]:
    numbers = Counter({"dead": 0, "review": 0})
    for each in gauges.for_people(conn):
        numbers[each.fate] += each.number
    numbers["batches"] = len(rows.going_on(conn))
    return running(conn), numbers


def _total(read: Callable[[], Known[T]]) -> Callable[[], Known[T]]:
    """Whatever goes wrong in it: all pages stand on this."""

    def answer() -> Known[T]:
        try:
            return read()
        except Exception:
            log.exception("a check raised unexpectedly")
            return Known(None, why="unavailable")

    return answer


def _in_time(copy: Copy[Known[T]]) -> Known[T]:
    try:
        return copy.get()
    except StoreUnavailable:
        return Known(None, why="timeout")

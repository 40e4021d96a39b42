"""A worker that is told to end while Upsales takes its time ends soon, and others go on at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select, update

from tests.integration.cli.local.test_up import within
from tests.integration.conftest import Databases
from tests.integration.serving import served, url_of
from web.inbound import arrival
from web.sandbox import SandboxKey, SandboxOptions, create_sandbox
from worker.cli.local import processes
from worker.queue.wakeups import Wakeup, Wakeups
from worker.sdk.request import Request
from worker.settings import Settings, load
from worker.store import Store, open_store
from worker.store.db.clock import after, db_now
from worker.store.db.tables import calls, events, lanes
from worker.store.events.events import place
from worker.store.events.intake import accept

KEYS = {"laser": "nyckel-läser", "vantar": "nyckel-väntar", "skriver": "nyckel-skriver"}
MINUTE, MOMENT = 60.0, 3.0
"""Seconds that Upsales takes to answer."""
CONFIG = """
[upsales]
search_lag = 0
commit_horizon = 0
call_timeout = 55
[delivery]
threads = 3
"""


class Place:
    """A sandbox, a database and workers that are started by hand; no beat."""

    def __init__(self, environ: Mapping[str, str], sandbox: Any) -> None:
        self.environ = environ
        self.settings: Settings = load(environ)
        self.store: Store = open_store(self.settings.database_url)
        self._sandbox = sandbox
        self._wakeups = Wakeups(environ["REDIS_URL"], 500)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._sandbox.open(f"/sandbox{path}", method=method, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json

    def calls(self) -> Sequence[tuple[str, str, str]]:
        """In the order in which they arrived."""
        return [(call["key"], call["method"], call["path"]) for call in self.control("GET", "/calls")["calls"]]

    def names(self) -> list[str]:
        accounts = self.control("GET", "/state")["accounts"]["1"]["records"].get("accounts", [])
        return sorted(record["name"] for record in accounts)

    def company(self, connection: str, number: int) -> str:
        """An event about a company that is looked for, then made. Answers its id."""
        data = {"id": "K-1", "name": f"Åkeri {connection} AB", "orgNo": f"599999-889{number}"}
        body = json.dumps({"id": "e", "type": "account.upsert", "data": data}).encode()
        request = Request("POST", f"https://relay.example/webhooks/{connection}", (), body)
        found = arrival(request, self.settings.connections[connection], (), lambda _: "***")
        with self.store.write() as conn:
            (receipt,) = accept(conn, [found])
        event: str = receipt.events[0].id
        self.ring(event, connection)
        return event

    def ring(self, event: str, connection: str) -> None:
        self._wakeups.ring([Wakeup(event, connection, "account.upsert")])

    def status(self, event: str) -> str:
        with self.store.read() as conn:
            found = place(conn, event)
        assert found is not None
        return found.status

    def claims(self, event: str) -> int:
        with self.store.read() as conn:
            return int(conn.execute(select(events.c.claims).where(events.c.id == event)).scalar_one())

    def leased(self) -> list[str]:
        with self.store.read() as conn:
            rows = conn.execute(select(lanes.c.connection).where(lanes.c.lease_until > db_now()))
            return [row.connection for row in rows]

    def come(self) -> None:
        """Let leases, and the time of calls, run out."""
        with self.store.write() as conn:
            conn.execute(update(lanes).where(lanes.c.lease_until.is_not(None)).values(lease_until=db_now()))
            conn.execute(update(lanes).where(lanes.c.due_at.is_not(None)).values(due_at=db_now()))
            conn.execute(update(calls).where(calls.c.state == "open").values(deadline_at=after(-1)))

    @contextmanager
    def worker(self, log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """One that has begun to take messages."""
        with log.open("wb") as output:
            process = subprocess.Popen(
                processes.worker(self.settings).command, env=self.environ, stdout=output, stderr=output
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def stage(sqlite_databases: Databases, redis: Redis, valkey_url: str, tmp_path: Path) -> Iterator[Place]:
    assert redis.ping()
    app = create_sandbox(
        SandboxOptions(keys={key: SandboxKey(name) for name, key in KEYS.items()}, search_lag=0.0, faults=True)
    )
    with served(app) as server:
        config = tmp_path / "relay.toml"
        config.write_text(CONFIG + "".join(f'[connections.{name}]\nconnector = "generic"\n' for name in KEYS))
        environ = {
            "PATH": os.environ["PATH"],
            "RELAY_CONFIG": str(config),
            "DATABASE_URL": sqlite_databases.migrated(),
            "REDIS_URL": valkey_url,
            "UPSALES_BASE_URL": f"{url_of(server)}/api/v2",
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
            **{f"RELAY_{name.upper()}_API_KEY": key for name, key in KEYS.items()},
        }
        made = Place(environ, app.test_client())
        yield made
        made.store.close()


def test_a_worker_ends_soon_begins_nothing_and_leaves_nothing_undone(stage: Place, tmp_path: Path) -> None:
    """One call reads for a minute, one writes for a minute, and one read is answered in time, with a write to follow."""
    stage.control("POST", "/faults", {"kind": "delay_before_commit", "key": "laser", "method": "GET", "resource": "accounts", "seconds": MINUTE})  # fmt: skip
    stage.control("POST", "/faults", {"kind": "delay_before_commit", "key": "vantar", "method": "GET", "resource": "accounts", "seconds": MOMENT})  # fmt: skip
    stage.control("POST", "/faults", {"kind": "delay_after_commit", "key": "skriver", "method": "POST", "resource": "accounts", "seconds": MINUTE})  # fmt: skip
    in_the_air = {("laser", "GET", "/api/v2/accounts"), ("vantar", "GET", "/api/v2/accounts"), ("skriver", "POST", "/api/v2/accounts")}  # fmt: skip
    log = tmp_path / "first.log"

    with stage.worker(log) as worker:
        writing, reading = stage.company("skriver", 1), stage.company("laser", 2)
        assert within(30, lambda: len(in_the_air & set(stage.calls())) == 2), log.read_text()
        waiting = stage.company("vantar", 3)
        assert within(30, lambda: in_the_air <= set(stage.calls())), log.read_text()
        begun, began = stage.calls(), time.monotonic()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(15) == 0
        assert time.monotonic() - began > MOMENT, "it was to wait for an answer that comes soon"

    assert stage.calls() == begun
    assert stage.leased() == ["skriver"], "what may be being written is nobody else's yet"
    assert [stage.claims(event) for event in (reading, waiting, writing)] == [0, 0, 0]
    stage.control("DELETE", "/faults")
    with stage.worker(tmp_path / "second.log"):
        assert within(20, lambda: {stage.status(reading), stage.status(waiting)} == {"delivered"})
        assert stage.status(writing) == "pending"
        stage.come()
        stage.ring(writing, "skriver")
        assert within(20, lambda: stage.status(writing) == "delivered")
    assert stage.names() == ["Åkeri laser AB", "Åkeri skriver AB", "Åkeri vantar AB"]

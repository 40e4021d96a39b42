"""A worker, beat and Flower as they are started, a sandbox, and events that are put on disk; no receiver."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import update

from tests.integration.cli.local.test_up import within
from web.inbound import arrival
from worker.cli.local import processes
from worker.queue.wakeups import Wakeup, Wakeups
from worker.queue.waking import wakeups_of
from worker.sdk.request import Request
from worker.settings import Settings, load
from worker.store import Store, open_store
from worker.store.db.clock import after, db_now
from worker.store.db.tables import calls, lanes
from worker.store.events.events import show
from worker.store.events.intake import accept

LOGIN = ("drift", "losenord-4711")
PATIENCE = 60.0


class Stage:
    """`rows` are those of Flower's list, by the id of their event."""

    def __init__(self, environ: Mapping[str, str], sandbox: Any, home: Path) -> None:
        self.environ = environ
        self.settings: Settings = load(environ)
        self.store: Store = open_store(self.settings.database_url)
        self.flower = httpx.Client(
            base_url=f"http://127.0.0.1:{self.settings.flower_port}", auth=LOGIN, trust_env=False, timeout=10
        )
        self._sandbox = sandbox
        self._home = home
        self._wakeups = Wakeups(environ["REDIS_URL"], 50)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> subprocess.Popen[bytes]:
        made = {"flower": lambda: processes.flower(self.settings), "beat": processes.beat}
        program = made.get(name, lambda: processes.worker(self.settings))()
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(program.command, env=self.environ, stdout=log, stderr=log)
        return self._running[name]

    def stop(self) -> None:
        for process in self._running.values():
            process.kill()
            process.wait()
        self.flower.close()
        self.store.close()

    def kill(self, name: str) -> None:
        self._running[name].kill()
        self._running[name].wait()

    def log(self, name: str) -> Path:
        return self._home / f"{name}.log"

    def sandbox(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._sandbox.open(path, method=method, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json

    def company(self, connection: str, number: int, *, version: int = 1, ring: bool = True, **data: Any) -> str:
        """An event about a company; answers its id."""
        told = {"id": f"K-{number}", "name": f"Åkeri {number} AB", **data}
        body = json.dumps({"id": f"order-{number}-{version}", "type": "account.upsert", "data": told}).encode()
        request = Request("POST", f"https://relay.example/webhooks/{connection}", (), body)
        found = arrival(request, self.settings.connections[connection], (), lambda _: "***")
        with self.store.write() as conn:
            (receipt,) = accept(conn, [found])
        if ring:
            self._wakeups.ring(wakeups_of([receipt]))
        return receipt.events[0].id

    def ring(self, event: str) -> None:
        with self.store.read() as conn:
            found = show(conn, event)
        assert found is not None
        self._wakeups.taken(event, found.connection)
        self._wakeups.ring([Wakeup(event, found.connection, found.type, False, found.event_id, found.subject)])

    def lease_ends(self) -> None:
        """As if the time of all leases and calls had run out."""
        with self.store.write() as conn:
            conn.execute(update(lanes).where(lanes.c.lease_until.is_not(None)).values(lease_until=db_now()))
            conn.execute(update(calls).where(calls.c.state == "open").values(deadline_at=after(-1)))

    def rows(self) -> Mapping[str, Mapping[str, Any]]:
        found: Mapping[str, Mapping[str, Any]] = self.flower.get("/api/tasks", params={"limit": 5000}).json()
        return found

    def states(self, events: Collection[str]) -> set[str | None]:
        """Of these rows; None for one that is not there yet."""
        rows = self.rows()
        return {rows.get(event, {}).get("state") for event in events}

    def row(self, event: str, *states: str) -> Mapping[str, Any]:
        """The event's row, once it is in one of the states."""

        def there() -> bool:
            return self.rows().get(event, {}).get("state") in states

        assert within(PATIENCE, there), (self.rows().get(event), self.log("worker").read_text("utf-8")[-3000:])
        return self.rows()[event]

    def workers(self) -> Sequence[str]:
        return sorted(self.flower.get("/api/workers", params={"refresh": "true"}).json())

"""A connection that is read: its webhooks come or don't, and its sender's API is a neighbour's over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from tests.integration.meaning.upsales import Record, Upsales
from web.inbound import arrival
from worker.cli.local.demo_setup import toml
from worker.delivery.catch_up import lists
from worker.devkit import cases
from worker.devkit.conformance.paths import ours
from worker.devkit.neighbour import Neighbour, served
from worker.keys.cipher import new_master_key
from worker.runtime import Runtime
from worker.sdk.connector import Connector
from worker.sdk.request import Request
from worker.settings import Connection, load
from worker.store.db.clock import db_now
from worker.store.db.tables import events, lanes
from worker.store.events.events import Event, show
from worker.store.events.intake import accept
from worker.store.sources import cursors

NAME = "lasande"
DEFAULTS = {"owner": "sales@example.com", "fallback_product": "ÖVRIGT"}
MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Read:
    """One connection with a token, one account of Upsales."""

    runtime: Runtime
    connection: Connection
    neighbour: Neighbour
    upsales: Upsales

    def case(self, name: str) -> dict[str, Any]:
        folder = ours(self.connection.connector.name).cases
        return deepcopy(json.loads((folder / name / "request.json").read_text("utf-8")))

    def webhook(self, document: Mapping[str, Any]) -> Sequence[Event]:
        """As it arrives, its signature checked; delivered."""
        case = cases.load({**document, "connection": NAME}, self.connection.connector)
        found = arrival(
            Request("POST", case.request.url, case.request.headers, case.request.body),
            self.connection,
            (),
            lambda _: "***",
        )
        with self.runtime.store.write() as conn:
            accept(conn, [found])
        return self.delivered()

    def catch_up(self) -> Sequence[Event]:
        """Now, and what it brings is delivered."""
        with self.runtime.store.write() as conn:
            cursors.ask(conn, NAME, lists(self.connection))
        self.runtime.jobs().catch_up(NAME)
        with self.runtime.store.read() as conn:
            failing = [each.failing for each in cursors.progress(conn, [NAME]) if each.failing]
        assert not failing, failing
        return self.delivered()

    def delivered(self) -> Sequence[Event]:
        """All events, once none waits."""
        store = self.runtime.store
        for _ in range(MOST_ROUNDS):
            with store.write() as conn:
                conn.execute(update(lanes).where(lanes.c.due_at.is_not(None)).values(due_at=db_now()))
                waiting = conn.execute(select(events.c.subject).where(events.c.status == "pending").distinct())
                subjects = waiting.scalars().all()
            if not subjects:
                return self.events()
            for subject in subjects:
                self.runtime.delivery.run(NAME, subject)
        raise AssertionError(f"still waiting: {[(e.type, e.reason) for e in self.events() if e.status == 'pending']}")

    def events(self) -> Sequence[Event]:
        with self.runtime.store.read() as conn:
            ids = conn.execute(select(events.c.id).order_by(events.c.seq)).scalars().all()
            return [found for each in ids if (found := show(conn, each)) is not None]

    def orders(self) -> Sequence[Record]:
        return self.upsales.records("orders")

    def writes(self) -> int:
        """Calls that changed something in Upsales."""
        return sum(call["method"] in ("POST", "PUT", "DELETE") for call in self.upsales.calls())


@contextmanager
def reading(
    connector: Connector,
    home: Path,
    database_url: str,
    redis_url: str,
    upsales: Upsales,
    *,
    token: str = "",
    tried: bool = True,
    **given: str,
) -> Iterator[Read]:
    neighbour = Neighbour(connector.source, token=token or None)  # type: ignore[arg-type]
    with served(neighbour) as url:
        told = {**DEFAULTS, **given, **({"source_url": url} if tried else {})}
        lines = ["[upsales]", "search_lag = 0", "commit_horizon = 0", f"[connections.{NAME}]"]
        lines += [f"{key} = {toml(value)}" for key, value in {"connector": connector.name, **told}.items()]
        (home / "relay.toml").write_text("\n".join(lines), "utf-8")
        environ = {
            "RELAY_CONFIG": str(home / "relay.toml"),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "UPSALES_BASE_URL": f"{upsales.url}/api/v2",
            f"RELAY_{NAME.upper()}_API_KEY": upsales.add_key(NAME, 1),
            f"RELAY_{NAME.upper()}_SECRET": "hemlighet",
            "RELAY_MASTER_KEY": new_master_key(),
            **({f"RELAY_{NAME.upper()}_TOKEN": token} if token else {}),
        }
        settings = load(environ, directory=home)
        runtime = Runtime(settings, environ)
        try:
            yield Read(runtime, settings.connections[NAME], neighbour, upsales)
        finally:
            runtime.close()


def ago(seconds: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=seconds)

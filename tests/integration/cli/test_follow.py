"""`--follow`: what comes is told once, and again when it has ended; Ctrl-C ends it cleanly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import update

from tests.integration.store.examples import arrival, event, one
from worker.admin.call_filters import CallFilters
from worker.cli.calls import CallTail
from worker.cli.events import EventTail
from worker.cli.options import Filters
from worker.store import Store
from worker.store.db.clock import after
from worker.store.db.tables import calls, events
from worker.store.events.intake import accept
from worker.store.ledger.journal import ReadCall, noted


def ended(store: Store, event_id: str, status: str = "delivered") -> None:
    with store.write() as conn:
        conn.execute(update(events).where(events.c.id == event_id).values(status=status))


def told(tail: EventTail, now: float = 0.0) -> Sequence[tuple[str, str]]:
    return [(each.event_id, each.status) for each in tail.news(now)]


def test_an_event_is_told_when_it_comes_and_when_it_has_ended(store: Store) -> None:
    before = one(store, "före")
    tail = EventTail(store, Filters(), ())
    assert told(tail) == []
    new = one(store, "ny")
    assert told(tail) == [("ny", "pending")]
    ended(store, before)
    ended(store, new, "dead")
    assert told(tail) == [("före", "delivered"), ("ny", "dead")]
    assert told(tail) == []


def test_of_a_status_an_event_is_told_when_it_gets_it(store: Store) -> None:
    tail = EventTail(store, Filters(connection="butik"), ("dead",))
    new = one(store, "ny")
    one(store, "annan", connection="kassa")
    assert told(tail) == []
    ended(store, new, "dead")
    assert told(tail) == [("ny", "dead")]


def test_on_postgresql_a_lower_place_that_is_committed_later_is_told(postgresql_databases: Any) -> None:
    from worker.store import open_store

    url = postgresql_databases.migrated()
    store = open_store(url)
    tail = EventTail(store, Filters(), ())
    # Another process, which counts in a shard of its own.
    other = open_store(url)
    other.shard = 1
    with other.write() as conn:
        accept(conn, [arrival(event("först", "a"))])
        one(store, "sedan", "b")
        assert told(tail) == [("sedan", "pending")]
    assert told(tail, 10.0) == [("först", "pending")]
    store.close()
    other.close()
    postgresql_databases.drop(url)


def test_a_call_is_told_when_its_outcome_is_known(store: Store) -> None:
    def call(resource: str) -> str:
        reading = ReadCall(connection="butik", fingerprint="f00d", resource=resource)
        return noted(store, reading, status=200, duration=0.1)

    def become(which: str, **values: Any) -> None:
        with store.write() as conn:
            conn.execute(update(calls).where(calls.c.id == which).values(**values))

    def states() -> Sequence[tuple[str, str]]:
        return [(each.resource, each.state) for each in tail.news()]

    call("self")
    tail = CallTail(store, CallFilters())
    assert states() == []
    call("account")
    under_way = call("order")
    become(under_way, state="open", verify_at=after(60))
    assert states() == [("account", "done")]
    become(under_way, state="unknown", started_at=after(-3600))
    assert states() == [("order", "unknown")]
    become(under_way, state="done", verify_at=None)
    assert states() == [("order", "done")]
    assert states() == []


def test_it_ends_cleanly_on_ctrl_c_and_speaks_json_lines(tmp_path: Path) -> None:
    relay = [sys.executable, "-m", "worker.cli"]
    environ = {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{tmp_path}/relay.db"}
    subprocess.run([*relay, "release"], env=environ, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    from worker.store import open_store

    store = open_store(environ["DATABASE_URL"])
    first = one(store, "e1")
    with subprocess.Popen(
        [*relay, "events", "list", "--follow", "--json"],
        env=environ,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as follow:
        try:
            assert follow.stdout is not None
            assert json.loads(follow.stdout.readline())["id"] == first
            second = one(store, "e2")
            assert json.loads(follow.stdout.readline())["id"] == second
            follow.send_signal(signal.SIGINT)
            out, err = follow.communicate(timeout=20)
        finally:
            follow.kill()
    store.close()
    assert (follow.returncode, out, err) == (0, "", "")

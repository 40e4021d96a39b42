"""Listens to a pretend sender with real parts: a WebSocket, a database, threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

from sqlalchemy import select

from tests.fakes.breaking import Crash
from tests.fakes.ledger_sender import CONNECTOR, GOOD
from worker.settings import Connection
from worker.sources.stream.dial import dialled
from worker.sources.stream.listener import Listener
from worker.store import Store
from worker.store.db.tables import events, requests
from worker.store.events.arrival import Receipt
from worker.store.streams import leases, offsets
from worker.store.streams.leases import Listening

PATIENCE = 60.0
LEASE = 0.6


@dataclass
class Tokens:
    """`fresh`: what is given from the first time on that one is asked for afresh."""

    signed: str = GOOD
    fresh: str | None = None
    failure: Exception | None = None
    afresh: list[bool] = field(default_factory=list)
    others: dict[str, str] = field(default_factory=dict)

    def headers(self, connection: Connection, *, afresh: bool = False) -> Mapping[str, str]:
        if connection.name in self.others:
            return {"Authorization": self.others[connection.name]}
        self.afresh.append(afresh)
        if self.failure:
            raise self.failure
        if afresh and self.fresh:
            self.signed = self.fresh
        return {"Authorization": self.signed}

    def token(self, _connection: Connection) -> str:
        return "cid:csec"


class Dying:
    """A store that lets its process die at a commit: `before` or `after` it took effect. From then on it does nothing."""

    def __init__(self, store: Store, moment: str, at: int) -> None:
        self._store = store
        self._moment = moment
        self._left = at
        self.dead = False

    @contextmanager
    def write(self, *args: Any) -> Iterator[Any]:
        if self.dead:
            raise Crash
        with self._store.write(*args) as conn:
            yield conn
            if self._dies() and self._moment == "before":
                raise Crash
        if self.dead:
            raise Crash

    def _dies(self) -> bool:
        self._left -= 1
        self.dead = self._left <= 0
        return self.dead

    def read(self) -> Any:
        return self._store.read()


@dataclass
class Run:
    """One listener in a thread of its own, as a process would run it."""

    stop: threading.Event
    thread: threading.Thread
    tokens: Tokens
    receipts: list[Receipt]

    def committed(self, receipts: Sequence[Receipt]) -> None:
        self.receipts.extend(receipts)

    def end(self) -> None:
        self.stop.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


def start(
    store: Any,
    url: str,
    *,
    tokens: Tokens | None = None,
    stream: Mapping[str, Any] | None = None,
    pauses: Sequence[float] = (0.01,),
    tenants: Mapping[str, str] | None = None,
) -> Run:
    """`stream`: what is declared otherwise. `tenants`: which tenant is which connection's, where it is not the only one."""
    assert CONNECTOR.stream is not None
    declared = replace(CONNECTOR.stream, **(stream or {}))
    connector = replace(CONNECTOR, stream=declared)
    run = Run(threading.Event(), threading.Thread(), tokens or Tokens(), [])
    receiving = Connection(
        name="ledger", connector=connector, settings=None, source_url=url, tenants=dict(tenants or {})
    )
    others = [replace(receiving, name=name, tenants={}) for name in (tenants or {}).values() if name != "ledger"]
    listener = Listener(
        connection=receiving,
        members=[receiving, *others],
        stream=declared,
        store=store,
        credentials=run.tokens,
        dial=dialled,
        committed=run.committed,
        stop=run.stop,
        owner="test",
        fingerprint=str,
        lease_seconds=LEASE,
        turn=0.02,
        pause=lambda tries, _chance, **_slow: pauses[min(tries, len(pauses)) - 1],
    )

    def live() -> None:
        with suppress(Crash):
            listener.run()

    run.thread = threading.Thread(target=live, daemon=True)
    run.thread.start()
    return run


def until(done: Callable[[], object], what: str) -> None:
    """Bounded by patience alone: however slow the machine is, what comes about in the end is seen."""
    ends = monotonic() + PATIENCE
    pause = threading.Event()
    while not done():
        assert monotonic() < ends, f"it did not come about that {what}"
        pause.wait(0.01)


def event_ids(store: Store) -> list[str]:
    with store.read() as conn:
        return list(conn.execute(select(events.c.event_id).order_by(events.c.seq)).scalars())


def bodies(store: Store) -> list[bytes]:
    with store.read() as conn:
        return list(conn.execute(select(requests.c.body).order_by(requests.c.id)).scalars())


def stored_offsets(store: Store, connection: str = "ledger") -> Mapping[str, str]:
    with store.read() as conn:
        return {topic: each.offset for topic, each in offsets.stored(conn, connection).items()}


def standing(store: Store) -> Listening | None:
    with store.read() as conn:
        return leases.standing(conn, ["ledger"]).get("ledger")


def state(store: Store) -> str | None:
    found = standing(store)
    return found.state if found else None

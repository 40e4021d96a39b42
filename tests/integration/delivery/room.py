"""One worker without Celery: webhooks are put on disk, lanes are run by hand, and time is passed over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from tests.senders import Anything
from web.inbound import arrival
from worker.connectors.generic import connector as generic
from worker.delivery import Delivery
from worker.errors import NeedsReview
from worker.plan import Ignored, Key, Match, Plan, QualifiedKey, Upsert
from worker.queue.singletons import CATCH_UP, PROBE, RECHECK, RENEW
from worker.queue.wakeups import Wakeup
from worker.runtime import Runtime
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.mapping import constant, header
from worker.sdk.request import Request
from worker.sdk.signatures import UrlToken
from worker.settings import Connection, Settings, Upsales
from worker.settings import Delivery as DeliverySettings
from worker.store.db.clock import after, db_now
from worker.store.db.tables import calls, connections, events, lanes
from worker.store.events.arrival import Accepted
from worker.store.events.events import Event as Stored
from worker.store.events.events import show
from worker.store.events.intake import accept
from worker.store.events.replay import report
from worker.store.ledger.journal import Call
from worker.store.ledger.journal import listed as calls_listed

KEYS = {"butik": "nyckel-butik-åäö", "kassa": "nyckel-kassa", "egen": "nyckel-egen"}
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
FIRST, BREAKER_PAUSE = 4.0, 30.0


def as_told(event: Event, _settings: Any) -> Plan | Ignored:
    """The test sender's mapping: the payload says what it does."""
    match event.payload:
        case {"ignore": rule}:
            return Ignored(rule)
        case {"raise": text}:
            raise ValueError(text)
        case {"article": article}:
            return (Upsert(key=Key("product", event.subject), match=(Match("articleNo", article),)),)
        case {"resource": resource, "key": key, "change": change}:
            return (Upsert(key=Key(resource, key), set=change, create=False),)
        case {"resource": resource, "data": data}:
            return (Upsert(key=Key(resource, event.payload.get("key", event.subject)), on_create=data),)
        case _:
            raise KeyError("nothing is said")


EGEN = Connector(
    name="egen",
    title="Our own",
    signature=UrlToken(),
    event_id=header("x-id"),
    event_type=constant("told"),
    handles={"told": Handles(Anything, as_told, subject=header("x-subject"), time=header("x-time"))},
    writes={"account": frozenset({"create", "update"})},
)


@dataclass(frozen=True, slots=True)
class Sandbox:
    url: str
    client: Any

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.client.open(f"/sandbox{path}", method=method, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json

    def fault(self, **rule: Any) -> None:
        self.control("POST", "/faults", rule)

    def mend(self) -> None:
        self.control("DELETE", "/faults")

    def records(self, resource: str) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.control("GET", "/state")["accounts"]["1"]["records"].get(resource, [])
        return found

    def calls(self, **narrowed: str) -> Sequence[Mapping[str, Any]]:
        query = "&".join(f"{name}={value}" for name, value in narrowed.items())
        found: Sequence[Mapping[str, Any]] = self.control("GET", f"/calls?{query}")["calls"]
        return found


@dataclass(slots=True)
class Rung:
    """What was to be rung later, and after how many seconds."""

    wakeups: list[tuple[Wakeup, float]] = field(default_factory=list)

    def __call__(self, wakeup: Wakeup, seconds: float) -> None:
        self.wakeups.append((wakeup, seconds))


def after_failures(delivery: Delivery, **changed: Any) -> Delivery:
    """The same, but for some of the parts that act after a failure."""
    return replace(delivery, failures=replace(delivery.failures, **changed))


def sweep(runtime: Runtime) -> None:
    """One pass of the sweep, and what it calls for."""
    called: list[tuple[str, str]] = []
    replace(runtime.sweep, call=lambda task, connection: called.append((task, connection))).run()
    jobs = runtime.jobs()
    for task, connection in called:
        {PROBE: jobs.probe, RECHECK: jobs.recheck, CATCH_UP: jobs.catch_up, RENEW: jobs.renew}[task](connection)


class Room:
    """`butik` and `kassa` speak the generic format, `egen` is a test sender; all write to one Upsales account.

    The longest backoff is always drawn; a breaker opens after three lanes.
    """

    def __init__(self, database_url: str, redis_url: str, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.settings = Settings(
            database_url=database_url,
            redis_url=redis_url,
            upsales=Upsales(base_url=f"{sandbox.url}/api/v2", search_lag=0.0, commit_horizon=0.0, call_timeout=5.0),
            delivery=DeliverySettings(retry_first=FIRST, breaker_lanes=3, breaker_pause=BREAKER_PAUSE, lease=20.0),
            connections={name: _connection(name, EGEN if name == "egen" else generic) for name in KEYS},
        )
        self.environ = {f"RELAY_{name.upper()}_API_KEY": key for name, key in KEYS.items()}
        self.runtime = Runtime(self.settings, self.environ)
        self.store = self.runtime.store
        self.rung = Rung()
        self.delivery: Delivery = after_failures(self.runtime.delivery, ring_in=self.rung, chance=lambda: 1.0)

    def close(self) -> None:
        self.runtime.close()

    def take(self, connection: str, body: Any, *, subject: str = "", event_id: str = "", minute: int = 0) -> Accepted:
        """One webhook, from the bytes on to the disk. What the generic format says in its body, `egen` has in headers."""
        time = (NOON + timedelta(minutes=minute)).isoformat()
        headers = (("x-id", event_id), ("x-subject", subject), ("x-time", time))
        request = Request("POST", f"https://relay.example/webhooks/{connection}", headers, json.dumps(body).encode())
        found = arrival(request, self.settings.connections[connection], (), lambda _: "***")
        with self.store.write() as conn:
            (receipt,) = accept(conn, [replace(found, received_at=NOON + timedelta(hours=1))])
        return receipt.events[0]

    def company(self, number: int | str, *, connection: str = "butik", minute: int = 0, **data: Any) -> str:
        """An account.upsert; answers the event's id."""
        told = {"id": f"K-{number}", "name": f"Åkeri {number} AB", **data}
        body = {"id": f"{connection} {number} {minute}", "type": "account.upsert", "data": told}
        body["time"] = (NOON + timedelta(minutes=minute)).isoformat()
        return self.take(connection, body).id

    def told(self, subject: str, body: Mapping[str, Any], *, minute: int = 0) -> str:
        """An event of `egen`."""
        return self.take("egen", body, subject=subject, event_id=f"{subject} {minute}", minute=minute).id

    def run(self, event: str) -> Stored:
        """Run the event's lane, as the task does."""
        stored = self.event(event)
        self.delivery.run(stored.connection, stored.subject)
        return self.event(event)

    def event(self, event: str) -> Stored:
        with self.store.read() as conn:
            found = show(conn, event)
        assert found is not None
        return found

    def fate(self, event: str) -> tuple[str, str | None]:
        found = self.event(event)
        return found.status, found.reason

    def calls(self, event: str) -> Sequence[Call]:
        """Those journalled for an event, the oldest first."""
        with self.store.read() as conn:
            return list(reversed(calls_listed(conn, event=event)))

    def due_in(self, event: str) -> float:
        """Seconds until the event's lane is due."""
        with self.store.read() as conn:
            now = conn.execute(select(db_now())).scalar_one()
        due = self.event(event).next_attempt
        assert due is not None
        return (due - now) / timedelta(seconds=1)

    def come(self) -> None:
        """Let every wait be over: of lanes, of leases, of an open breaker, of a probe; an open call was made long ago."""
        with self.store.write() as conn:
            conn.execute(update(lanes).where(lanes.c.due_at.is_not(None)).values(due_at=db_now()))
            conn.execute(update(lanes).where(lanes.c.lease_until.is_not(None)).values(lease_until=db_now()))
            conn.execute(
                update(connections).where(connections.c.broken_until.is_not(None)).values(broken_until=db_now())
            )
            conn.execute(update(connections).where(connections.c.probe_at.is_not(None)).values(probe_at=db_now()))
            conn.execute(
                update(calls).where(calls.c.state == "open").values(started_at=after(-20), deadline_at=after(-1))
            )

    def ask(self, event: str, reason: str, key: QualifiedKey | None = None) -> None:
        """Put it up for review."""
        with self.store.write() as conn:
            report(conn, event, NeedsReview(reason, key=key))

    def forget_requests_of(self, event: str) -> None:
        with self.store.write() as conn:
            conn.execute(update(events).where(events.c.id == event).values(request_id="purged"))


def _connection(name: str, connector: Connector) -> Connection:
    return Connection(name=name, connector=connector, settings=connector.settings(), writes=connector.writes)

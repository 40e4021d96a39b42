"""The receiver with everything behind it played by doubles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.senders import CONNECTIONS, KnownSecrets
from web import receive
from web.access_log import AccessLog
from web.ports import Rehearse, Secrets
from web.problems import answer_with_problems
from web.receive import Receiver
from worker.sdk.read import ReadEvent
from worker.settings import Connection
from worker.store.events.arrival import Accepted, Arrival, Receipt

NOW = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)


@dataclass
class Clock:
    """Stands still until a test moves it."""

    now: float

    def __call__(self) -> float:
        return self.now


@dataclass
class Committed:
    """A database that remembers what it was given."""

    arrivals: list[Arrival] = field(default_factory=list)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    error: Exception | None = None

    def __call__(self, arrival: Arrival) -> Receipt:
        if self.error is not None:
            raise self.error
        self.arrivals.append(arrival)
        accepted = []
        for event in arrival.events:
            known = self.ids.get((arrival.connection, event.event_id))
            accepted.append(Accepted(known or event.id, event.event_id, "duplicate" if known else "inserted", event))
            self.ids.setdefault((arrival.connection, event.event_id), event.id)
        stored = any(each.taken == "inserted" for each in accepted)
        return Receipt(arrival.request_id, arrival.connection, stored, tuple(accepted))


def rehearsed(_connection: Connection, events: Sequence[ReadEvent]) -> Sequence[Mapping[str, Any]]:
    """Stands for what `web/dry_run.py` tells."""
    return [{"id": event.id} for event in events]


def opened(
    commit: Callable[[Arrival], Receipt] | None = None,
    *,
    keys: Secrets | None = None,
    connections: Mapping[str, Connection] = CONNECTIONS,
    public_url: str | None = None,
    clock: Callable[[], float] = lambda: 0.0,
    rehearse: Rehearse = rehearsed,
    misconfigured: Mapping[str, str] | None = None,
) -> FlaskClient:
    app = Flask("door", static_folder=None)
    answer_with_problems(app)
    receiver = Receiver(
        connections,
        keys or KnownSecrets(),
        commit or Committed(),
        rehearse=rehearse,
        now=lambda: NOW,
        public_url=public_url,
        misconfigured=misconfigured,
    )
    app.register_blueprint(receive.blueprint(receiver, AccessLog(now=clock)))
    return app.test_client()

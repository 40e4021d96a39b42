"""The product in the ring: its own start commands, and a look into its database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select

from tests.chaos.contestant import FINAL
from tests.chaos.heard.connector import connector as heard
from tests.chaos.place import Place
from tests.chaos.scaled import HEARD, THIN, relay_toml
from tests.chaos.thin.connector import connector as thin
from tests.chaos.thin.entry import installed
from tests.chaos.thin.operator import Operator
from tests.fakes.ledger_sender import GOOD
from worker.cli.local import processes
from worker.connectors import OURS
from worker.keys.cipher import new_master_key
from worker.settings import load
from worker.settings.variables import variables_of
from worker.store import StoreUnavailable, open_store
from worker.store.db.migrate import migrate
from worker.store.db.tables import calls, connections, events, lanes

SHOWN = 12
UNSETTLED = ("open", "unknown", "lost")


class Relay:
    """One run's: its view of the database is opened with the run and closed with it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._master_key = new_master_key()
        (place.directory / "relay.toml").write_text(
            relay_toml(place.times, {THIN: place.thin_url, HEARD: place.heard_url}), "utf-8"
        )
        self._settings = load(self.environ(), connectors=(*OURS, thin, heard))
        self._store = open_store(self._settings.database_url)
        migrate(self._store)

    def close(self) -> None:
        self._store.close()

    def environ(self) -> Mapping[str, str]:
        keys = {variables_of(name, "API_KEY")[0]: key for name, key in self._place.keys.items()}
        secrets = {variables_of(name, "SECRET")[0]: secret for name, secret in self._place.secrets.items()}
        return {
            **installed(self._place.directory, self._place.clock.environ(self._place.environ)),
            **keys,
            **secrets,
            "RELAY_CONFIG": str(self._place.directory / "relay.toml"),
            "DATABASE_URL": self._place.database_url,
            "REDIS_URL": self._place.redis_url,
            "UPSALES_BASE_URL": self._place.api,
            "PORT": str(self._place.web_port),
            "RELAY_MASTER_KEY": self._master_key,
            variables_of(THIN, "TOKEN")[0]: self._place.thin_token,
            variables_of(HEARD, "TOKEN")[0]: GOOD.removeprefix("Bearer "),
        }

    def operator(self) -> Operator:
        return Operator(self._store, self.environ())

    def commands(self) -> Mapping[str, Sequence[str]]:
        worker = processes.worker(self._settings).command
        return {
            "web": processes.web(self._settings).command,
            "worker1": (*worker, "-n", "one@%h"),
            "worker2": (*worker, "-n", "two@%h"),
            "beat": processes.beat().command,
            "listener": next(processes.listeners(self._settings)).command,
        }

    def heard(self) -> Sequence[str]:
        try:
            with self._store.read() as conn:
                found = select(events.c.event_id).where(events.c.connection == HEARD).order_by(events.c.seq)
                return list(conn.scalars(found))
        except StoreUnavailable:
            return []

    def left(self) -> int | None:
        """Events that wait, and write calls whose outcome is not settled though no person was asked."""
        try:
            with self._store.read() as conn:
                waiting = select(func.count()).where(events.c.status == "pending")
                unsettled = select(func.count()).where(_unsettled())
                return int(conn.execute(waiting).scalar_one()) + int(conn.execute(unsettled).scalar_one())
        except StoreUnavailable:
            return None

    def why(self) -> Iterator[str]:
        with self._store.read() as conn:
            for row in conn.execute(select(events.c.status, func.count()).group_by(events.c.status)):
                yield f"events {row[0]}: {row[1]}"
            waiting = or_(lanes.c.due_at.is_not(None), lanes.c.owner.is_not(None))
            for lane in conn.execute(select(lanes).where(waiting).order_by(lanes.c.due_at).limit(SHOWN)):
                yield f"lane {dict(lane._mapping)}"
            pending = select(events).where(events.c.status == "pending").order_by(events.c.seq).limit(SHOWN)
            for event in conn.execute(pending):
                yield f"event {dict(event._mapping)}"
            open_calls = select(calls).where(_unsettled()).limit(SHOWN)
            for call in conn.execute(open_calls):
                yield f"call {dict(call._mapping)}"
            for connection in conn.execute(select(connections)):
                yield f"connection {dict(connection._mapping)}"

    def waits(self, connection: str, beside: str) -> Sequence[float]:
        begun = select(calls.c.event, func.min(calls.c.started_at).label("at")).group_by(calls.c.event).subquery()
        flood = select(func.min(events.c.received_at), func.max(events.c.done_at)).where(events.c.connection == beside)
        mine = (
            select(events.c.received_at, begun.c.at)
            .join(begun, begun.c.event == events.c.id)
            .where(events.c.connection == connection)
        )
        with self._store.read() as conn:
            first, last = conn.execute(flood).one()
            rows = conn.execute(mine).all()
        if first is None or last is None:
            return []
        return [max((at - received).total_seconds(), 0.0) for received, at in rows if first <= received <= last]

    def ended(self) -> Mapping[str, tuple[str, str]]:
        with self._store.read() as conn:
            rows = conn.execute(select(events.c.event_id, events.c.status, events.c.reason))
            return {row.event_id: (row.status, row.reason or "") for row in rows}

    def ended_well(self) -> frozenset[str] | None:
        try:
            with self._store.read() as conn:
                return frozenset(conn.scalars(select(events.c.event_id).where(events.c.status.in_(FINAL))))
        except StoreUnavailable:
            return None

    def unanswered(self, resource: str) -> int:
        begun = and_(calls.c.method == "POST", calls.c.resource == resource, calls.c.state.in_(UNSETTLED))
        with self._store.read() as conn:
            return int(conn.execute(select(func.count()).where(begun)).scalar_one())


def _unsettled() -> ColumnElement[bool]:
    asked = select(events.c.id).where(events.c.status == "review")
    return and_(calls.c.write, calls.c.state.in_(UNSETTLED), calls.c.event.not_in(asked))

"""The product in the ring: its own start commands, and a look into its database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import httpx
from sqlalchemy import func, or_, select

from tests.chaos.place import Place
from tests.chaos.scaled import relay_toml
from worker.local import programs
from worker.settings import Settings, load
from worker.settings.variables import variables_of
from worker.store import Store, StoreUnavailable, open_store
from worker.store.schema import migrate
from worker.store.tables import calls, connections, events, lanes

SHOWN = 12
UNSETTLED: tuple[str, ...] = ()  # TEMP ("open", "unknown", "lost")


class Relay:
    name = "upsales-relay"

    def prepare(self, place: Place) -> None:
        (place.directory / "relay.toml").write_text(relay_toml(place.times), "utf-8")
        migrate(_store(place.database_url))

    def environ(self, place: Place) -> Mapping[str, str]:
        keys = {variables_of(name, "API_KEY")[0]: key for name, key in place.keys.items()}
        secrets = {variables_of(name, "SECRET")[0]: secret for name, secret in place.secrets.items()}
        return {
            **place.environ,
            **keys,
            **secrets,
            "RELAY_CONFIG": str(place.directory / "relay.toml"),
            "DATABASE_URL": place.database_url,
            "REDIS_URL": place.redis_url,
            "UPSALES_BASE_URL": place.api,
            "PORT": str(place.web_port),
        }

    def commands(self, place: Place) -> Mapping[str, Sequence[str]]:
        settings = self._settings(place)
        worker = programs.worker(settings).command
        return {
            "web": programs.web(settings).command,
            "worker1": (*worker, "-n", "one@%h"),
            "worker2": (*worker, "-n", "two@%h"),
            "beat": programs.beat(place.directory).command,
        }

    def url(self, place: Place, connection: str) -> str:
        return f"{place.web}/webhooks/{connection}"

    def ready(self, place: Place) -> bool:
        try:
            return httpx.get(f"{place.web}/readyz", trust_env=False, timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def left(self, place: Place) -> int | None:
        """Events that wait, and write calls whose outcome is not settled."""
        try:
            with _store(place.database_url).read() as conn:
                waiting = select(func.count()).where(events.c.status == "pending")
                unsettled = select(func.count()).where(calls.c.write, calls.c.state.in_(UNSETTLED))
                return int(conn.execute(waiting).scalar_one()) + int(conn.execute(unsettled).scalar_one())
        except StoreUnavailable:
            return None

    def why(self, place: Place) -> Iterator[str]:
        with _store(place.database_url).read() as conn:
            for row in conn.execute(select(events.c.status, func.count()).group_by(events.c.status)):
                yield f"events {row[0]}: {row[1]}"
            waiting = or_(lanes.c.due_at.is_not(None), lanes.c.owner.is_not(None))
            for lane in conn.execute(select(lanes).where(waiting).order_by(lanes.c.due_at).limit(SHOWN)):
                yield f"lane {dict(lane._mapping)}"
            pending = select(events).where(events.c.status == "pending").order_by(events.c.seq).limit(SHOWN)
            for event in conn.execute(pending):
                yield f"event {dict(event._mapping)}"
            open_calls = select(calls).where(calls.c.write, calls.c.state.in_(UNSETTLED)).limit(SHOWN)
            for call in conn.execute(open_calls):
                yield f"call {dict(call._mapping)}"
            for connection in conn.execute(select(connections)):
                yield f"connection {dict(connection._mapping)}"

    def ended(self, place: Place) -> Mapping[str, tuple[str, str]]:
        with _store(place.database_url).read() as conn:
            rows = conn.execute(select(events.c.event_id, events.c.status, events.c.reason))
            return {row.event_id: (row.status, row.reason or "") for row in rows}

    @staticmethod
    def _settings(place: Place) -> Settings:
        return load(Relay().environ(place))


@lru_cache(maxsize=4)
def _store(url: str) -> Store:
    # SQLAlchemy needs the driver's name, which the product's settings add.
    return open_store(url.replace("postgresql://", "postgresql+psycopg://", 1))

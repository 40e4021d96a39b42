"""Tells stories to the whole relay, from signed bytes on to Upsales, and waits until nothing is left to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from tests.integration.meaning.upsales import Upsales
from web.app import create_app
from worker.cli.local.demo_setup import demo_connection_of, toml
from worker.cli.local.samples import signed
from worker.connectors import all_connectors
from worker.devkit import cases
from worker.runtime import Runtime
from worker.settings import Settings, load
from worker.settings.variables import variables_of
from worker.store.db.clock import db_now
from worker.store.db.tables import events, lanes
from worker.store.events.events import Event, show

CUSTOM = {"accounts": "account", "contacts": "contact", "orders": "order", "activities": "activity"}
DEFAULTS = {"owner": "sales@example.com", "product": "ÖVRIGT", "fallback_product": "ÖVRIGT"}
"""Settings that go without saying, for connectors that have them."""
NEEDED = {"hubspot": {"stage_open": "10%"}}
NUMBERED = {"shopify": "X-Shopify-Event-Id", "woocommerce": "X-WC-Webhook-Delivery-ID"}
"""The header in which a sender numbers its requests."""
NOW = "2026-11-23T12:00:00+00:00"
MOST_ROUNDS = 20

Document = Mapping[str, Any]


class Stage:
    """One Upsales account without a past. The search of this one does not lag."""

    def __init__(self, home: Path, database_url: str, redis_url: str, upsales: Upsales) -> None:
        self.upsales = upsales
        self._home = home
        self._urls = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "UPSALES_BASE_URL": f"{upsales.url}/api/v2"}
        self._runtime: Runtime | None = None

    def close(self) -> None:
        if self._runtime is not None:
            self._runtime.close()

    def tell(self, story: Document) -> Sequence[Event]:
        """All that the story says, one request after the other. Answers the events in the order of arrival."""
        self._furnish(story)
        settings, environ, secrets = self._set_up(story)
        self._runtime = runtime = Runtime(settings, environ)
        client = create_app(settings, runtime.keys, runtime.store, ring=lambda _: None).test_client()
        for number, request in enumerate(story["requests"], 1):
            connection = settings.connections[request["connection"]]
            connector = connection.connector
            numbered = {NUMBERED[connector.name]: f"request-{number}"} if connector.name in NUMBERED else {}
            headers = numbered | request.get("headers", {})
            case = cases.load({"now": NOW, **request, "connection": connection.name, "headers": headers}, connector)
            url = case.request.url.replace("https://relay.example", "http://localhost")
            sent = signed(case, connector, url, secrets[connection.name], datetime.now(UTC))
            answer = client.open(
                sent.url.removeprefix("http://localhost"), method="POST", headers=list(sent.headers), data=sent.body
            )
            expected = request.get("answered", 0)
            assert answer.status_code == expected or (not expected and answer.status_code < 300), answer.text
            self._deliver_all()
        return self._events()

    def _furnish(self, story: Document) -> None:
        """Makes what people had in Upsales before. `client: the account above` is the account made last."""
        fields = {
            (each["resource"], each["alias"]): self.upsales.seed(
                f"customfields/{each['resource']}",
                {
                    "name": each["alias"],
                    "alias": each["alias"],
                    "datatype": each["datatype"],
                    **({"default": each["options"]} if "options" in each else {}),
                },
            )
            for each in story.get("custom_fields", ())
        }
        account = 0
        for each in story.get("seed", ()):
            resource, data = each["resource"], dict(each["data"])
            if "client" in data:
                data["client"] = {"id": account}
            if "custom" in data:
                entity = CUSTOM[resource]
                data["custom"] = [
                    {"fieldId": fields[entity, alias], "value": value} for alias, value in data["custom"].items()
                ]
            made = self.upsales.seed(resource, data)
            account = made if resource == "accounts" else account

    def _set_up(self, story: Document) -> tuple[Settings, Mapping[str, str], Mapping[str, str]]:
        lines = [f"[upsales]\nsearch_lag = 0\ncommit_horizon = 0\n{story.get('toml', '')}"]
        environ, secrets = dict(self._urls), {}
        known = {connector.name: connector for connector in all_connectors()}
        for name, each in story["connections"].items():
            connector = known[each["connector"]]
            has = getattr(connector.settings, "__dataclass_fields__", {})
            given = {key: value for key, value in DEFAULTS.items() if key in has}
            given |= NEEDED.get(connector.name, {}) | each.get("settings", {})
            lines.append(f"[connections.{name}]\nconnector = {toml(connector.name)}")
            lines += [f"{key} = {toml(value)}" for key, value in given.items()]
            request = next(request for request in story["requests"] if request["connection"] == name)
            case = cases.load({"now": NOW, **request}, connector)
            secrets[name] = demo_connection_of(name, connector, [case]).secret
            environ[variables_of(name, "API_KEY")[0]] = self.upsales.add_key(name, 1)
            environ[variables_of(name, "SECRET")[0]] = secrets[name]
        config = self._home / "relay.toml"
        config.write_text("\n".join(lines), "utf-8")
        environ["RELAY_CONFIG"] = str(config)
        return load(environ, directory=self._home), environ, secrets

    def _deliver_all(self) -> None:
        """Runs every lane with something in it, over and over, as if every wait were over."""
        assert self._runtime is not None
        store, delivery = self._runtime.store, self._runtime.delivery
        for _ in range(MOST_ROUNDS):
            with store.write() as conn:
                conn.execute(update(lanes).where(lanes.c.due_at.is_not(None)).values(due_at=db_now()))
                waiting = conn.execute(
                    select(events.c.connection, events.c.subject).where(events.c.status == "pending").distinct()
                ).all()
            if not waiting:
                return
            for connection, subject in waiting:
                delivery.run(connection, subject)
        raise AssertionError(
            f"still waiting: {[(e.type, e.subject, e.reason) for e in self._events() if e.status == 'pending']}"
        )

    def _events(self) -> Sequence[Event]:
        assert self._runtime is not None
        with self._runtime.store.read() as conn:
            ids = conn.execute(select(events.c.id).order_by(events.c.seq)).scalars().all()
            return [found for each in ids if (found := show(conn, each)) is not None]

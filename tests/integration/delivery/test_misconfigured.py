"""One connection is misconfigured, beside one that works: the receiver, the worker and the lists tell them apart."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import KEYS, Room, sweep
from web.app import create_app
from worker.keys import Keys
from worker.runtime import Runtime
from worker.settings import load

FINE = '[connections.butik]\nconnector = "generic"\n[connections.kassa]\nconnector = "generic"\n'
TYPO = FINE.replace('"generic"\n[', '"generic"\nownr = "asa@example.com"\n[')
SECRETS = {"RELAY_BUTIK_SECRET": "butikens-hemlighet", "RELAY_KASSA_SECRET": "kassans-hemlighet"}


@pytest.fixture(autouse=True)
def _secrets(desk: Desk) -> None:
    desk.environ |= SECRETS


def without(environ: Mapping[str, str], name: str) -> dict[str, str]:
    return {variable: value for variable, value in environ.items() if variable != name}


@contextmanager
def worker(desk: Desk) -> Iterator[Runtime]:
    runtime = Runtime(load(desk.environ), desk.environ)
    yield runtime
    runtime.close()


def receiver(desk: Desk, room: Room) -> FlaskClient:
    return create_app(load(desk.environ), Keys(desk.environ, room.store), room.store, lambda _: None).test_client()


def post(client: FlaskClient, connection: str, number: int = 1) -> int:
    body = {"id": f"e-{number}", "type": "account.upsert", "time": "2026-11-02T12:00:00Z"}
    data = json.dumps(body | {"data": {"id": f"K-{number}", "name": f"Åkeri {number} AB"}})
    secret = SECRETS[f"RELAY_{connection.upper()}_SECRET"]
    url = f"/webhooks/{connection}/{secret}"
    return client.post(url, data=data, content_type="application/json").status_code


def listed(desk: Desk) -> dict[str, dict[str, Any]]:
    return {row["connection"]: row for row in json.loads(desk("connections", "list", "--json").stdout)}


def test_a_wrong_table_stops_its_connection_and_no_other(room: Room, desk: Desk) -> None:
    waiting, other = room.company(1, connection="butik"), room.company(2, connection="kassa")
    Path(desk.environ["RELAY_CONFIG"]).write_text(TYPO, "utf-8")
    line = "relay.toml [connections.butik] ownr: no such setting; did you mean owner?"

    client = receiver(desk, room)
    assert (post(client, "butik"), post(client, "kassa", 3)) == (503, 202)
    with worker(desk) as runtime:
        for event in (waiting, other):
            stored = room.event(event)
            runtime.delivery.run(stored.connection, stored.subject)
        sweep(runtime)
    row = listed(desk)["butik"]
    assert len(json.loads(desk("connections", "list", "--json").stdout)) == 2, "it is not left over"
    assert (row["state"], row["reason"], row["waiting"]) == ("misconfigured", line, 1)
    assert listed(desk)["kassa"]["state"] == "active"
    assert room.fate(other)[0] == "delivered"
    assert (room.event(waiting).status, room.event(waiting).attempts) == ("pending", 0)

    Path(desk.environ["RELAY_CONFIG"]).write_text(FINE, "utf-8")
    with worker(desk) as runtime:
        runtime.delivery.run("butik", room.event(waiting).subject)
    assert room.fate(waiting)[0] == "delivered"
    assert listed(desk)["butik"]["state"] == "active"


def test_a_secret_that_can_not_be_read_is_waited_for(room: Room, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "hemlighet"
    desk.environ = without(desk.environ, "RELAY_BUTIK_SECRET") | {"RELAY_BUTIK_SECRET_FILE": str(file)}
    client = receiver(desk, room)
    assert (post(client, "butik"), post(client, "kassa")) == (503, 202)
    assert (
        listed(desk)["butik"]["reason"] == f"RELAY_BUTIK_SECRET_FILE: {file} can't be read: No such file or directory"
    )
    shown = desk("keys", "list", "--json")
    assert {row["connection"] for row in json.loads(shown.stdout)} == {"butik", "kassa"}, "its API key, too"
    assert f"{file} can't be read" in shown.stderr

    file.write_text(f"{SECRETS['RELAY_BUTIK_SECRET']}\n", "utf-8")
    assert post(client, "butik") == 202


def test_events_wait_for_an_api_key_that_can_not_be_read(room: Room, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "nyckel"
    desk.environ = without(desk.environ, "RELAY_BUTIK_API_KEY") | {"RELAY_BUTIK_API_KEY_FILE": str(file)}
    client = receiver(desk, room)
    assert (post(client, "butik"), post(client, "kassa", 2)) == (202, 202), "a key is not needed to accept"
    with worker(desk) as runtime:
        for connection, number in (("butik", 1), ("kassa", 2)):
            runtime.delivery.run(connection, f"account:K-{number}")
        assert [(row["state"], row["waiting"]) for row in listed(desk).values()] == [
            ("misconfigured", 1),
            ("active", 0),
        ]
        (event,) = json.loads(desk("events", "list", "--connection", "butik", "--json").stdout)
        assert (event["status"], event["attempts"]) == ("pending", 0)

        file.write_text(KEYS["butik"], "utf-8")
        room.come()
        sweep(runtime)
        runtime.delivery.run("butik", "account:K-1")
    assert room.fate(event["id"])[0] == "delivered"


def test_a_connection_without_a_secret_is_listed_as_the_alert_names_it(room: Room, desk: Desk) -> None:
    room.run(room.company(1, connection="butik"))
    desk.environ = without(desk.environ, "RELAY_BUTIK_SECRET")
    row = listed(desk)["butik"]
    assert row["state"] == "misconfigured"
    assert row["reason"] == "it has no signing secret; `relay doctor` tells where it is looked for"
    assert listed(desk)["kassa"]["state"] == "active"
    desk("connections", "pause", "butik", "--reason", "städning")
    assert (listed(desk)["butik"]["state"], listed(desk)["butik"]["reason"]) == ("paused", "städning")

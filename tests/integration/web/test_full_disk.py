"""A database that can be read and takes no writes: nobody is told that all is well."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text

from tests.senders import CONNECTIONS, KnownSecrets, deal, signed
from web.app import create_app
from worker.instruments.measure import opened
from worker.settings import Settings
from worker.store import Store

FILL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$
"""
TRIGGER = """
CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT ON {} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION full_disk()
"""
FILLED = ("requests", "events", "write_probes")


def _fill_sqlite(store: Store) -> Callable[[], None]:
    with store.read() as conn:
        pages = conn.execute(text("PRAGMA page_count")).scalar_one()
    most = [pages]
    event.listen(store.engine, "checkout", lambda raw, *_: raw.execute(f"PRAGMA max_page_count = {most[0]}"))

    def make_room() -> None:
        most[0] = 1_000_000

    return make_room


def _fill_postgresql(store: Store) -> Callable[[], None]:
    with store.write() as conn:
        conn.execute(text(FILL))
        for table in FILLED:
            conn.execute(text(TRIGGER.format(table)))

    def make_room() -> None:
        with store.write() as conn:
            for table in FILLED:
                conn.execute(text(f"DROP TRIGGER full_disk ON {table}"))

    return make_room


@pytest.fixture
def full(store: Store) -> Callable[[], None]:
    """Its disk is full. Answers what makes room."""
    return _fill_postgresql(store) if store.engine.dialect.name == "postgresql" else _fill_sqlite(store)


def door(store: Store) -> FlaskClient:
    return create_app(Settings(connections=CONNECTIONS), KnownSecrets(), store, lambda _: None).test_client()


def sent(client: FlaskClient, number: int) -> int:
    body = deal(f"event {number}", name="x" * 8000)
    return client.post("/webhooks/acme", data=body, headers=signed(body)).status_code


def database_up(store: Store) -> float:
    found = [metric for metric in opened(store, Settings(), {}).families() if metric.name == "relay_database_up"]
    return float(found[0].samples[0].value)


@pytest.mark.usefixtures("full")
def test_while_nothing_comes_it_is_not_ready_either(store: Store) -> None:
    answer = door(store).get("/readyz")
    assert (answer.status_code, answer.json) == (
        503,
        {"status": "not ready", "database": "not available", "redis": "not configured"},
    )
    assert database_up(store) == 0


def test_it_is_ready_again_when_there_is_room(store: Store, full: Callable[[], None]) -> None:
    client = door(store)
    assert [sent(client, n) for n in range(2)] == [503, 503]
    assert client.get("/readyz").status_code == 503
    full()
    assert [sent(client, n) for n in range(2)] == [202, 202]
    assert door(store).get("/readyz").status_code == 200
    assert database_up(store) == 1

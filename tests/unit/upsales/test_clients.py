"""Each connection's client: one for each key, and none left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from worker.connectors.generic import connector
from worker.errors import Stopping, Unauthorized
from worker.keys import Keys
from worker.settings import Connection, Upsales
from worker.store import open_store
from worker.upsales.budget import connect
from worker.upsales.clients import Clients

BUTIK, KASSA = (
    Connection(name=name, connector=connector, settings=connector.settings(), writes=connector.writes)
    for name in ("butik", "kassa")
)
Open = Callable[..., Clients]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "nyckel"
    file.write_text("gammal-å", "utf-8")
    return file


@pytest.fixture
def opened(key_file: Path, tmp_path: Path) -> Iterator[Open]:
    """Of `butik` with its key in a file, and `kassa` without a key. Neither Redis nor the database is there."""
    store, redis = open_store(f"sqlite:///{tmp_path}/relay.db"), connect("redis://127.0.0.1:1/0")
    made: list[Clients] = []

    def open_clients(stopping: Callable[[], bool] = lambda: False) -> Clients:
        keys = Keys({"RELAY_BUTIK_API_KEY_FILE": str(key_file)}, None)
        made.append(Clients(Upsales(), keys, redis, store, stopping))
        return made[-1]

    yield open_clients
    for clients in made:
        clients.close()
    redis.close()
    store.close()


def test_a_key_has_one_client(opened: Open) -> None:
    clients = opened()
    assert clients.of(BUTIK) is clients.of(BUTIK, afresh=True)


def test_a_replaced_key_gets_a_client_of_its_own_and_the_old_one_stays_open_until_the_end(
    opened: Open, key_file: Path
) -> None:
    clients = opened()
    before = clients.of(BUTIK)
    key_file.write_text("ny-ö", "utf-8")
    after = clients.of(BUTIK, afresh=True)

    assert after.fingerprint != before.fingerprint
    assert after.http is not before.http
    assert after.cache is not before.cache
    assert not before.http._client.is_closed
    clients.close()
    assert (before.http._client.is_closed, after.http._client.is_closed) == (True, True)


def test_a_view_for_an_event_shares_the_client_and_changes_nothing_of_it(opened: Open) -> None:
    shared = opened().of(BUTIK)
    view = shared.on_behalf("01E", notify=False, priority=True)
    assert (view.http, view.cache) == (shared.http, shared.cache)
    assert (shared.event, shared.notify, shared.priority) == (None, True, False)


def test_a_connection_without_a_key_has_no_client(opened: Open) -> None:
    with pytest.raises(Unauthorized, match="connection kassa has no API key"):
        opened().of(KASSA)


def test_nothing_is_taken_out_of_a_budget_once_it_is_stopping(opened: Open) -> None:
    """Redis is away: to ask the budget would raise another failure."""
    with pytest.raises(Stopping):
        opened(stopping=lambda: True).of(BUTIK).admit()

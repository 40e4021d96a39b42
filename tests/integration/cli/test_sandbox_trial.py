"""What a connection knows of an earlier sandbox is forgotten; what it knows of Upsales never is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from worker.cli.local.sandbox_trial import SANDBOX_ACCOUNTS, forget_earlier
from worker.connectors import generic
from worker.errors import ConfigError
from worker.settings import Connection, Settings
from worker.store import Store
from worker.store.db.clock import db_now
from worker.store.db.sql import insert_new
from worker.store.db.tables import links
from worker.store.lanes import accounts, connections
from worker.store.lanes.connections import State

BUTIK = Connection(name="butik", connector=generic.connector, settings=None)
SETTINGS = Settings(connections={"butik": BUTIK, "kassa": replace(BUTIK, name="kassa")})


def bound(store: Store, name: str, account: int) -> None:
    user: dict[str, Any] = {"user_id": 1, "user_name": name, "fingerprint": "f00d"}
    assert accounts.bind(store, name, account=account, account_name=f"Konto {account}", **user)
    with store.write() as conn:
        insert_new(
            conn,
            links,
            connection=name,
            resource="account",
            key="K-1",
            account=account,
            state="linked",
            record_id=17,
            created_at=db_now(),
        )


def state(store: Store, name: str = "butik") -> State:
    with store.read() as conn:
        return connections.get(conn, name)


def known(store: Store) -> int:
    with store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(links)).scalar_one())


def test_what_was_in_another_sandbox_is_forgotten(store: Store) -> None:
    bound(store, "butik", SANDBOX_ACCOUNTS + 1)
    assert forget_earlier(SETTINGS, store) == ["butik"]
    assert (state(store).account, known(store)) == (None, 0)
    assert forget_earlier(SETTINGS, store) == []


def test_what_is_in_upsales_is_not_and_nothing_starts(store: Store) -> None:
    bound(store, "butik", SANDBOX_ACCOUNTS + 1)
    bound(store, "kassa", 4711)
    with pytest.raises(ConfigError, match=r"^kassa is bound to account 4711 \(Konto 4711\), .* another DATABASE_URL$"):
        forget_earlier(SETTINGS, store)
    assert (state(store).account, known(store)) == (SANDBOX_ACCOUNTS + 1, 2)


@pytest.mark.parametrize(("probe_in", "paused"), [(None, True), (5.0, False)])
def test_what_a_person_paused_stays_paused(store: Store, probe_in: float | None, paused: bool) -> None:  # noqa: FBT001 - a parameter
    bound(store, "butik", SANDBOX_ACCOUNTS + 1)
    connections.pause(store, "butik", "städning", probe_in=probe_in)
    forget_earlier(SETTINGS, store)
    assert state(store).paused == paused
    assert state(store).reason == ("städning" if paused else None)

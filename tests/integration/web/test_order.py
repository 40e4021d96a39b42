"""Two receivers whose clocks differ: what was accepted later is newer all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.senders import CONNECTIONS, KnownSecrets, deal, signed
from web.app import create_app
from worker.settings import Settings
from worker.store import Store
from worker.store.db.tables import events


def receiver(store: Store, ahead: timedelta) -> FlaskClient:
    """One whose machine's clock is ahead."""
    settings = Settings(connections=CONNECTIONS)
    return create_app(
        settings, KnownSecrets(), store, lambda _: None, now=lambda: datetime.now(UTC) + ahead
    ).test_client()


@pytest.mark.parametrize("told", [{"at": None}, {"at": "2999-01-01T00:00:00Z"}], ids=["no time", "a time far ahead"])
def test_receivers_whose_clocks_differ_keep_the_order_of_arrival(store: Store, told: dict[str, Any]) -> None:
    fast, right = receiver(store, timedelta(minutes=1)), receiver(store, timedelta())
    for number, web in enumerate((fast, right, fast, right)):
        body = deal(f"e{number}", **told)
        assert web.post("/webhooks/acme", data=body, headers=signed(body)).status_code == 202
    with store.read() as conn:
        found = conn.execute(select(events.c.event_id).order_by(events.c.time, events.c.seq)).scalars().all()
    assert found == ["e0", "e1", "e2", "e3"]

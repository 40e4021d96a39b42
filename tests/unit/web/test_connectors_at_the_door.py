"""Single senders are answered as they want it, where they differ from all others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.senders import KnownSecrets
from tests.unit.web.door import Committed, opened
from worker.connectors import generic, upsales, woocommerce
from worker.settings import Connection

SECRET = "hemligt-åäö-0123456789"
KEYS = KnownSecrets({"generic": (SECRET,), "upsales": (SECRET,), "woocommerce": (SECRET,)})
CONNECTIONS = {
    each.name: Connection(
        name=each.name,
        connector=each,
        settings=each.settings() if each is generic.connector else None,
        body_limit=10_000,
    )
    for each in (generic.connector, upsales.connector, woocommerce.connector)
}
CHANGE = {
    "appId": 71,
    "date": "2026-03-02 08:15:02",
    "authenticationKey": SECRET,
    "apiKey": "nyckel-till-kontot",
    "callbackUrl": "https://power.upsales.com/engångsadress",
    "data": {"object": {"name": "Åkeri AB"}},
}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"webhook_id=7", 200), (b"webhook_id=7&x=1", 401), (b"webhook_id=", 401), (b"\n webhook_id=7", 401)],
)
def test_unsigned_ping_of_a_shop_is_answered_and_nothing_else(body: bytes, status: int) -> None:
    committed = Committed()
    door = opened(committed, keys=KEYS, connections=CONNECTIONS)

    answer = door.post("/webhooks/woocommerce", data=body, content_type="application/x-www-form-urlencoded")

    assert (answer.status_code, committed.arrivals) == (status, [])


def told(path: str, body: dict[str, Any]) -> tuple[int, Committed]:
    committed = Committed()
    door = opened(committed, keys=KEYS, connections=CONNECTIONS)
    return door.post(f"/webhooks/upsales{path}", data=json.dumps(body).encode()).status_code, committed


def test_an_app_is_called_at_a_path_that_tells_what_happened() -> None:
    status, committed = told("/clientupdate/105", CHANGE)

    (arrival,) = committed.arrivals
    assert status == 200
    assert [(event.type, event.subject) for event in arrival.events] == [("clientupdate", "client:105")]


def test_what_an_app_is_entrusted_with_is_not_stored() -> None:
    _, committed = told("/clientupdate/105", CHANGE)

    (arrival,) = committed.arrivals
    kept = arrival.body.decode() + arrival.url
    assert "Åkeri" in json.dumps(json.loads(arrival.body), ensure_ascii=False)
    assert not [secret for secret in (SECRET, "nyckel-till-kontot", "engångsadress") if secret in kept]


def test_a_trigger_carries_the_secret_in_its_url() -> None:
    trigger = {"event": "clientupdate", "timestamp": "2026-03-02 09:15:02", "data": {"object": {"id": "105"}}}

    status, committed = told(f"/{SECRET}", trigger)

    (arrival,) = committed.arrivals
    assert status == 200
    assert [(event.type, event.subject) for event in arrival.events] == [("clientupdate", "client:105")]
    assert told("/fel-hemlighet", trigger)[0] == told("/clientupdate/105", trigger)[0] == 401


def test_an_app_is_alive() -> None:
    door = opened(keys=KEYS, connections=CONNECTIONS)

    assert door.get("/webhooks/upsales/health").status_code == 200

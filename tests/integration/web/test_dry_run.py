"""A dry run tells the plan and the calls of each event, asks Upsales nothing and stores nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.senders import KnownSecrets
from web.app import create_app
from worker.connectors import generic
from worker.settings import Connection, Settings
from worker.store import Store, open_store
from worker.store.db.migrate import migrate
from worker.store.db.tables import calls, events, lanes, links, requests

SECRET = "inget-att-visa-0123456789"
KASSAN = Connection(
    name="kassan",
    connector=generic.connector,
    settings=generic.connector.settings(owner="saljare@example.com", answer="accept"),
    body_limit=10_000,
    writes=generic.connector.writes,
)
TABLES = (requests, events, lanes, links, calls)
ACCOUNT = {"id": "h-1", "type": "account.upsert", "data": {"id": "X-1", "name": "Hallonbåten AB"}}
ORDER = {
    "id": "h-2",
    "type": "order.upsert",
    "time": "2026-05-04T10:00:00+02:00",
    "data": {
        "id": "O-1",
        "description": "Sylt, 40 burkar",
        "client": {"id": "X-1"},
        "stage": "90%",
        "rows": [{"id": 1, "articleNo": "SYLT", "quantity": "40", "price": "49,50"}],
    },
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = open_store(f"sqlite:///{tmp_path}/relay.db")
    migrate(made)
    return made


def tried(store: Store, body: Any) -> Any:
    settings = Settings(database_url="", connections={"kassan": KASSAN})
    app = create_app(
        settings,
        KnownSecrets({"kassan": (SECRET,)}),
        store,
        ring=lambda _: pytest.fail("a dry run wakes nobody"),
        now=lambda: datetime(2026, 5, 4, 12, tzinfo=UTC),
    )
    answer = app.test_client().post(
        "/webhooks/kassan?dry-run=1", data=json.dumps(body), headers={"Authorization": f"Bearer {SECRET}"}
    )
    assert answer.status_code == 200
    return answer.json


def rows(store: Store) -> int:
    with store.read() as conn:
        return sum(conn.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES)


def test_it_tells_plan_and_calls_and_stores_nothing(store: Store) -> None:
    told = tried(store, [ACCOUNT, ORDER])

    account, order = told["events"]
    assert told["status"] == "dry-run"
    assert [(call["verb"], call["resource"]) for call in account["calls"]] == [
        ("search", "account"),
        ("create", "account"),
    ]
    assert account["plan"][0]["set"] == {"name": "Hallonbåten AB"}
    (create,) = (call for call in order["calls"] if call["verb"] == "create")
    assert create["body"]["client"] == {"id": "<new account>"}, "the first event makes it"
    assert create["body"]["stage"] == {"id": "<stage 90 %>"}
    assert (create["body"]["orderRow"][0]["quantity"], create["body"]["orderRow"][0]["price"]) == (40, 49.5)
    assert (account["ending"], order["ending"]) == (None, None)
    assert rows(store) == 0


def test_it_tells_by_which_rule_a_record_is_found(store: Store) -> None:
    told = tried(store, [ACCOUNT, ACCOUNT | {"id": "h-9"}])

    found = [event["found"] for event in told["events"]]
    assert found == [[], [{"resource": "account", "key": "X-1", "id": "<new account>", "by": "link"}]]


def test_it_tells_how_an_event_would_end_without_a_call(store: Store) -> None:
    told = tried(
        store,
        [
            {"type": "ping"},
            {"id": "h-3", "type": "acount.upsrt"},
            {"id": "h-4", "type": "account.upsert", "data": {"id": "X", "users": ["ingen"]}},
            ORDER,
        ],
    )

    endings = [event["ending"] for event in told["events"]]
    assert endings[0] == "ignored: ignores ping"
    assert endings[1].startswith("dead: generic: there is no event type 'acount.upsrt'")
    assert endings[2].startswith("dead: account.upsert: data.users.0: Not a valid email")
    assert [event["note"] for event in told["events"]][:2] == [None, None]
    assert endings[3].startswith("Unlinked: links to account 'X-1'")
    assert rows(store) == 0


def test_it_tells_what_is_passed_over(store: Store) -> None:
    (event,) = tried(store, ACCOUNT | {"tiem": "x"})["events"]

    assert event["note"] == "passed over: tiem (did you mean time?)"

"""What is known is read from the database, each fact where it is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from tests.fakes.ledger_sender import STREAM
from tests.integration.delivery.room import EGEN
from tests.integration.store.examples import one
from worker.alerts.facts import Look
from worker.alerts.findings import Facts, OfConnection
from worker.keys import Keys
from worker.settings import Connection, Settings
from worker.store import Store
from worker.store.db import tables
from worker.store.db.clock import after, now
from worker.store.instruments import counters, processes
from worker.store.instruments.counters import ANSWERED, count
from worker.store.streams import leases

SETTINGS = Settings(
    connections={
        name: Connection(name=name, connector=EGEN, settings=None, writes={"account": frozenset({"create"})})
        for name in ("shop", "crm")
    }
)

ENVIRON = {"RELAY_SHOP_API_KEY": "k1", "RELAY_CRM_API_KEY": "k2", "RELAY_SHOP_SECRET": "s1", "RELAY_CRM_SECRET": "s2"}


def facts(store: Store, *, redis: bool = True) -> Facts:
    return Look(store, SETTINGS, Keys(ENVIRON, store), lambda: redis).facts()


def of_shop(store: Store) -> OfConnection:
    return next(each for each in facts(store).connections if each.name == "shop")


def ended(store: Store, event: str, status: str) -> None:
    with store.write() as conn:
        conn.execute(update(tables.events).where(tables.events.c.id == event).values(status=status, done_at=after(0)))


def connection(store: Store, **values: object) -> None:
    with store.write() as conn:
        conn.execute(tables.connections.insert().values(name="shop", failing=None, **values))


def test_of_a_connection_of_which_nothing_was_heard_nothing_is_wrong(store: Store) -> None:
    assert facts(store).connections == [OfConnection(name="shop", oldest=0.0), OfConnection(name="crm", oldest=0.0)]


def test_why_it_is_paused(store: Store) -> None:
    connection(store, state="paused", reason="Upsales does not accept the API key")
    assert of_shop(store).paused == "Upsales does not accept the API key"


def test_how_often_upsales_gave_no_answer_while_it_is_stopped(store: Store) -> None:
    connection(store, breaks=4, broken_until=after(60))
    assert of_shop(store).breaks == 4
    with store.write() as conn:
        conn.execute(update(tables.connections).values(broken_until=after(-1)))
    assert of_shop(store).breaks == 0


def test_what_needs_a_person_and_how_long_the_oldest_waits(store: Store) -> None:
    for number, status in enumerate(("dead", "dead", "review", "pending")):
        event = one(store, f"e{number}", f"kund:{number}", connection="shop")
        if status != "pending":
            ended(store, event, status)
    with store.write() as conn:
        conn.execute(update(tables.events).values(received_at=now(conn) - timedelta(seconds=100)))
    found = of_shop(store)
    assert (found.dead, found.review) == (2, 1)
    assert found.oldest is not None
    assert 100 <= found.oldest < 200


def test_what_was_refused_lately_by_reason(store: Store) -> None:
    with store.write() as conn:
        at = now(conn)
        count(conn, {("shop", f"{ANSWERED}unauthorized"): 7, ("shop", f"{ANSWERED}accepted"): 90}, at)
        count(conn, {("shop", f"{ANSWERED}unauthorized"): 50}, at - timedelta(hours=2))
    assert of_shop(store).refused == {"unauthorized": 7}


def test_whether_workers_live_and_when_a_sweep_was(store: Store) -> None:
    assert (facts(store).workers, facts(store).swept) == (0, None)
    processes.begin(store, id="01W", kind="worker", host="här", pid=1, version="1", threads=8)
    processes.ran(store, "sweep")
    found = facts(store, redis=False)
    assert (found.workers, found.redis) == (1, False)
    assert found.swept is not None
    assert found.swept < 60


def test_a_connection_without_its_secret_is_misconfigured(store: Store) -> None:
    keys = Keys({name: value for name, value in ENVIRON.items() if name != "RELAY_SHOP_SECRET"}, store)
    found = {each.name: each.misconfigured for each in Look(store, SETTINGS, keys, lambda: True).facts().connections}
    assert found["crm"] is None
    assert "signing secret" in str(found["shop"])


def test_a_sender_that_is_silent_against_its_rhythm(store: Store) -> None:
    with store.write() as conn:
        hour = counters.hour_of(now(conn))
        rows = [
            {"connection": "shop", "what": counters.RECEIVED, "hour": hour - back, "n": 50} for back in range(12, 840)
        ]
        conn.execute(tables.hours.insert(), rows)
    found = {each.name: each.silent for each in facts(store).connections}
    assert found["crm"] is None
    assert found["shop"] is not None
    assert found["shop"] > 10 * 3600


def test_why_nobody_listens_to_who_tells_on_a_stream(store: Store) -> None:
    shop = SETTINGS.connections["shop"]
    heard = replace(shop, connector=replace(shop.connector, stream=STREAM))
    settings = replace(SETTINGS, connections={**SETTINGS.connections, "shop": heard})

    def unheard() -> list[str | None]:
        return [each.unheard for each in Look(store, settings, Keys(ENVIRON, store), lambda: True).facts().connections]

    assert unheard() == [
        "nobody listens to its sender: start `relay listen shop`; the Procfile needs a line for it",
        None,
    ]
    lease = leases.take(store, "shop", "ett", 60.0)
    assert lease is not None
    leases.tell(store, lease, "forbidden", "no token")
    assert unheard() == ["its sender does not let it listen: no token", None]
    leases.tell(store, lease, "listening")
    assert unheard() == [None, None]

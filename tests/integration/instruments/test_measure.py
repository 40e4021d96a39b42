"""What a scrape tells: true figures, 0 from the start, and nothing at all about what nobody could ask."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from flask.testing import FlaskClient
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text, update

from tests.integration.store.events.parking import again
from tests.integration.store.examples import arrival, event, one, take_in
from tests.integration.store.explained import plans
from tests.senders import ACME
from web.console import create_console
from web.console.exposition import Exposition
from worker.admin.parts import Opened
from worker.connectors import all_connectors
from worker.errors import NeedsReview
from worker.instruments import standing
from worker.instruments.measure import opened
from worker.instruments.standing import Silence
from worker.plan import Resource
from worker.settings import Connection, Settings
from worker.store import Store
from worker.store.db.clock import now
from worker.store.db.tables import lanes
from worker.store.events.outcomes import Outcome, defer, release
from worker.store.events.replay import report
from worker.store.instruments import gauges
from worker.store.instruments.counters import RECEIVED, count, count_apart
from worker.store.instruments.processes import begin, ran
from worker.store.instruments.rollup import roll_up
from worker.store.lanes import connections
from worker.store.lanes.lanes import claim

PROMTOOL = shutil.which("promtool")
ENVIRON = {"RELAY_BUTIK_API_KEY": "nyckel-butik-4711", "RELAY_BUTIK_SECRET": "hemlig-butik-4711"}


@pytest.fixture
def settings(valkey_url: str) -> Settings:
    generic = next(connector for connector in all_connectors() if connector.name == "generic")
    writes: Mapping[Resource, frozenset[str]] = {"account": frozenset({"create", "update"})}
    butik = Connection(name="butik", connector=generic, settings=None, writes=writes)
    formular = Connection(name="formulär", connector=ACME, settings=None)
    return Settings(redis_url=valkey_url, connections={"butik": butik, "formulär": formular})


def console(store: Store, settings: Settings, environ: Mapping[str, str]) -> FlaskClient:
    named = replace(settings, database_url=store.engine.url.render_as_string(hide_password=False))
    return create_console(opened(store, settings, environ).families, Opened(named, environ, 1)).test_client()


def scraped(store: Store, settings: Settings) -> str:
    client = console(store, settings, ENVIRON)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return answer.text


def figures(exposed: str) -> Mapping[str, float]:
    return {
        f"{sample.name}{{{','.join(sorted(sample.labels.values()))}}}": sample.value
        for family in text_string_to_metric_families(exposed)
        for sample in family.samples
    }


def test_series_are_there_from_the_start_with_nought(store: Store, settings: Settings) -> None:
    found = figures(scraped(store, settings))
    for series in (
        "relay_webhooks_total{butik,unauthorized}",
        "relay_webhooks_total{,unknown}",
        "relay_events_received_total{butik}",
        "relay_events_ended_total{butik,dead}",
        "relay_events_waiting{formulär}",
        "relay_delivery_seconds_count{butik}",
        "relay_retries_total{butik,throttled}",
        "relay_retries_total{butik,wrong_account}",
        "relay_call_seconds_count{POST,account,butik,done}",
        "relay_dead_letters{butik}",
        "relay_reviews{formulär}",
        "relay_replays_queued{butik}",
        "relay_subjects_held{butik}",
        "relay_connection_paused{butik}",
        "relay_connection_stopped{butik}",
        "relay_connection_silent{butik}",
        "relay_connection_unread{butik}",
        "relay_connection_misconfigured{butik}",
        "relay_oldest_waiting_seconds{butik}",
        "relay_processes{worker}",
        "relay_chore_last_run_timestamp_seconds{sweep}",
        "relay_markers_missing{butik}",
    ):
        assert found[series] == 0, series
    assert found["relay_database_up{}"] == found["relay_redis_up{}"] == 1
    assert found["relay_connection_misconfigured{formulär}"] == 1
    assert found["relay_webhooks_total{butik,wrong_url}"] == 0
    assert len([series for series in found if series.startswith("relay_budget_left_calls{")]) == 5


def test_a_connection_with_a_wrong_table_or_secret_is_misconfigured(store: Store, settings: Settings) -> None:
    settings = replace(settings, misconfigured={"kassa": "relay.toml [connections.kassa]: must be a table"})
    assert figures(scraped(store, settings))["relay_connection_misconfigured{kassa}"] == 1
    wrong = {**ENVIRON, "RELAY_BUTIK_SECRET": "whsec_fel!"}
    told = console(store, settings, wrong).get("/metrics").text
    assert figures(told)["relay_connection_misconfigured{butik}"] == 1


def test_what_happened_is_told(store: Store, settings: Settings) -> None:
    with store.read() as conn:
        at = now(conn)
    take_in(store, *(arrival(event(f"e{n}"), received_at=at - timedelta(seconds=3)) for n in range(4)))
    take_in(store, arrival(event("e0")))
    count_apart(store, {("butik", "answered:unauthorized"): 3, ("butik", "call:PUT:account:done"): 2}, 5)
    count_apart(store, {("butik", "call_ms:PUT:account:done"): 250}, 5)
    count_apart(store, {("butik", "source:get:order:too_early"): 3, ("butik", "source_ms:get:order:too_early"): 750}, 5)
    lane = claim(store, "butik", "kund:Åsa", "w1", 60)
    assert lane is not None
    ids = [each.id for each in lane.events]
    ends = [Outcome(ids[0], "delivered"), Outcome(ids[1], "dead", "fel"), Outcome(ids[2], "review", "vem")]
    defer(store, lane, seconds=0, attempts=1, failing=True, failure="unavailable", outcomes=ends)
    begin(store, id="a", kind="worker", host="värd", pid=1, version="0.1.0", threads=8)
    ran(store, "sweep")
    connections.pause(store, "butik", "av en människa", probe_in=None)
    found = figures(scraped(store, settings))
    assert {
        "relay_webhooks_total{accepted,butik}": 4, "relay_webhooks_total{butik,duplicate}": 1,
        "relay_webhooks_total{butik,unauthorized}": 3,
        "relay_events_received_total{butik}": 4, "relay_events_duplicate_total{butik}": 1,
        "relay_events_ended_total{butik,delivered}": 1, "relay_events_ended_total{butik,dead}": 1,
        "relay_events_waiting{butik}": 1, "relay_dead_letters{butik}": 1, "relay_reviews{butik}": 1,
        "relay_delivery_seconds_count{butik}": 1, "relay_delivery_seconds_bucket{+Inf,butik}": 1,
        "relay_delivery_seconds_bucket{0.5,butik}": 0,
        "relay_retries_total{butik,unavailable}": 1,
        "relay_call_seconds_count{PUT,account,butik,done}": 2, "relay_call_seconds_sum{PUT,account,butik,done}": 0.25,
        "relay_source_call_seconds_count{butik,get,order,too_early}": 3,
        "relay_source_call_seconds_sum{butik,get,order,too_early}": 0.75,
        "relay_processes{worker}": 1, "relay_threads{worker}": 8,
        "relay_connection_paused{butik}": 1, "relay_connection_paused{formulär}": 0,
    }.items() <= found.items()  # fmt: skip
    assert 3 <= found["relay_oldest_waiting_seconds{butik}"] < 60
    assert found["relay_oldest_waiting_seconds{formulär}"] == 0
    assert found["relay_chore_last_run_timestamp_seconds{sweep}"] == pytest.approx(time.time(), abs=60)


if PROMTOOL:
    # `.ci/run` installs it where it may.
    def test_prometheus_finds_nothing_to_mend(store: Store, settings: Settings) -> None:
        one(store, "e1")
        told = scraped(store, settings)
        done = subprocess.run(
            [str(PROMTOOL), "check", "metrics"], input=told, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_no_key_secret_or_payload_is_told(store: Store, settings: Settings) -> None:
    one(store, "e1")
    told = scraped(store, settings)
    for secret in (*ENVIRON.values(), "Åsa"):
        assert secret not in told


def test_a_database_that_is_away_is_not_nought(settings: Settings) -> None:
    from worker.store import open_store

    store = open_store("postgresql://nobody@127.0.0.1:1/relay")
    found = figures(scraped(store, settings))
    assert {series.partition("{")[0] for series in found} == {
        "relay_database_up", "relay_redis_up",
    }  # fmt: skip
    assert (found["relay_database_up{}"], found["relay_redis_up{}"]) == (0, 1)


def test_redis_that_is_away_leaves_its_figures_out(store: Store, settings: Settings) -> None:
    from dataclasses import replace

    found = figures(scraped(store, replace(settings, redis_url="redis://127.0.0.1:1/0")))
    assert found["relay_redis_up{}"] == 0
    assert found["relay_database_up{}"] == 1
    assert not [series for series in found if "budget" in series]


ENDLESS = """
CREATE VIEW chores AS WITH RECURSIVE endless(n) AS (SELECT 1 UNION ALL SELECT n FROM endless)
SELECT 'sweep' AS name, n AS ran_at FROM endless WHERE n < 0
"""


def test_a_question_that_takes_too_long_is_left_out_and_the_others_stand(store: Store, settings: Settings) -> None:
    with store.write() as conn:
        conn.execute(text("ALTER TABLE chores RENAME TO chores_before"))
        conn.execute(text(ENDLESS))
    found = figures(scraped(store, settings))
    assert not [series for series in found if series.startswith(("relay_chore", "relay_processes"))]
    assert found["relay_database_up{}"] == 1
    assert found["relay_events_waiting{butik}"] == 0


def test_whoever_hangs_lets_the_scrape_go() -> None:
    hanging = Event()

    def measure() -> Iterator[Metric]:
        yield standing.oldest({"butik": 3.0})
        hanging.wait(30)

    exposition = Exposition(measure, patience=0.05)
    found, much_later = (figures(exposition()[0].decode()) for _ in range(2))
    hanging.set()
    # Redis was not asked. What was found before it hung may no longer be so much later.
    assert found == {"relay_oldest_waiting_seconds{butik}": 3, "relay_database_up{}": 0}
    assert much_later == {"relay_database_up{}": 0}


def test_redis_that_hangs_is_not_up_and_the_database_is() -> None:
    hanging = Event()

    def measure() -> Iterator[Metric]:
        yield standing.up("database", answers=True)
        hanging.wait(30)

    exposition = Exposition(measure, patience=0.05)
    found, much_later = (figures(exposition()[0].decode()) for _ in range(2))
    hanging.set()
    assert found == {"relay_database_up{}": 1, "relay_redis_up{}": 0}
    assert much_later == {"relay_redis_up{}": 0}


def test_many_scrapes_ask_once() -> None:
    asked: list[int] = []

    def measure() -> Iterable[Metric]:
        asked.append(1)
        return []

    exposition = Exposition(measure, remembered=30)
    for _ in range(3):
        exposition()
    assert asked == [1]


def test_a_connection_that_is_quieter_than_ever_is_silent(store: Store, settings: Settings) -> None:
    with store.write() as conn:
        at = now(conn)
        hours = range(2, 24 * 35)
        for hour in hours:
            count(conn, {("butik", RECEIVED): 60}, at - timedelta(hours=hour))
    roll_up(store)
    found = figures(scraped(store, settings))
    assert found["relay_connection_silent{butik}"] == 1
    assert found["relay_connection_quiet_seconds{butik}"] == pytest.approx(7200, abs=120)
    assert found["relay_connection_quiet_limit_seconds{butik}"] == pytest.approx(600, abs=30)
    assert found["relay_connection_silent{formulär}"] == 0
    assert not Silence(None, 5.0).silent


def test_what_stands_is_found_from_indexes(store: Store) -> None:
    ids = [one(store, f"e{n}", f"kund:{n}") for n in range(300)]
    with store.write() as conn:
        for name in ids[:5]:
            report(conn, name, NeedsReview("vem", key=None))
    again(store, ids[:3], 60)
    lane = claim(store, "butik", "kund:7", "w1", 60)
    assert lane is not None
    release(store, lane, [Outcome(lane.events[0].id, "delivered")])
    with store.write() as conn:
        conn.execute(update(lanes).where(lanes.c.subject == "kund:9").values(parked_at=now(conn), due_at=None))
    with store.write() as conn:
        conn.execute(text("ANALYZE"))
        if conn.dialect.name == "postgresql":
            conn.execute(text("ALTER DATABASE " + str(store.engine.url.database) + " SET enable_seqscan = off"))
    store.close()
    with plans(store) as found, store.read() as conn:
        assert gauges.oldest_waiting(conn, ["butik", "tyst"])["tyst"] == 0
        assert [(each.fate, each.number) for each in gauges.for_people(conn)] == [("review", 2)]
        assert gauges.replays_queued(conn) == {"butik": 1}
    covering = ["ix_events_for_people"] if store.engine.dialect.name == "sqlite" else []
    for index in ("ix_events_oldest", "ix_lanes_parked", *covering):
        assert any(index in plan for plan in found), (index, found)
    assert not [plan for plan in found for scan in ("SCAN events\n", "Seq Scan on events") if scan in f"{plan}\n"]

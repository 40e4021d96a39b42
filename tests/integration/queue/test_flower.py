"""What Flower tells of events is what became of them, and no more than that."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import httpx
import pytest

from tests.integration.cli.local.test_up import within
from tests.integration.conftest import Databases
from tests.integration.queue.flower_stage import LOGIN, PATIENCE, Stage
from tests.integration.serving import served, url_of
from web.sandbox import SandboxKey, SandboxOptions, create_sandbox
from worker.app import build
from worker.cli.local.network import free_port
from worker.queue.singletons import PROBE, RECHECK, SWEEP, TIDY
from worker.queue.watchdog import waiting_in
from worker.store.lanes import connections
from worker.upsales.budget import connect

KEYS = {
    "butik": "nyckel-butik-4711",
    "natt": "nyckel-natt-4711",
    "vila": "nyckel-vila-4711",
    "full": "nyckel-full-4711",
    "krasch": "nyckel-krasch",
}
ANNA = "anna.svensson@okand.example"
CONFIG = """
[upsales]
search_lag = 0
commit_horizon = 0
call_timeout = 20
[delivery]
threads = 4
lease = 30
retry_first = 4
ring_again = 5
breaker_lanes = 100
"""


@pytest.fixture(scope="module")
def stage(sqlite_databases: Databases, valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    home = tmp_path_factory.mktemp("flower")
    options = SandboxOptions(keys={key: SandboxKey(name) for name, key in KEYS.items()}, search_lag=0.0, faults=True)
    app = create_sandbox(options)
    with served(app) as server:
        config = home / "relay.toml"
        config.write_text(CONFIG + "".join(f'[connections.{name}]\nconnector = "generic"\n' for name in KEYS))
        environ = {
            "PATH": os.environ["PATH"],
            "RELAY_CONFIG": str(config),
            "DATABASE_URL": sqlite_databases.migrated(),
            "REDIS_URL": valkey_url,
            "UPSALES_BASE_URL": f"{url_of(server)}/api/v2",
            "FLOWER_PORT": str(free_port()),
            "FLOWER_BASIC_AUTH": ":".join(LOGIN),
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
            **{f"RELAY_{name.upper()}_API_KEY": key for name, key in KEYS.items()},
        }
        made = Stage(environ, app.test_client(), home)
        connect(valkey_url).flushall()
        try:
            made.start("flower")
            made.start("worker")
            made.start("beat")
            assert within(PATIENCE, lambda: status(made, "/healthcheck", LOGIN) == 200), made.log("flower").read_text()
            assert within(PATIENCE, lambda: bool(made.workers())), made.log("worker").read_text()
            yield made
        finally:
            made.stop()


def status(stage: Stage, path: str, auth: tuple[str, str] | None = None) -> int:
    try:
        return httpx.get(f"http://127.0.0.1:{stage.settings.flower_port}{path}", auth=auth, trust_env=False).status_code
    except httpx.TransportError:
        return 0


def test_no_page_is_open(stage: Stage) -> None:
    paths = ("/", "/tasks", "/workers", "/broker", "/api/tasks", "/api/workers", "/metrics", "/healthcheck")
    assert {path: status(stage, path) for path in paths} == dict.fromkeys(paths, 401)
    assert {path: status(stage, path, LOGIN) for path in paths} == dict.fromkeys(paths, 200)


def test_a_delivered_event_succeeded_and_says_what_was_made(stage: Stage) -> None:
    event = stage.company("butik", 1)
    row = stage.row(event, "SUCCESS")
    assert re.fullmatch(r"delivered · account \d+, \d+ calls", row["result"]), row["result"]
    assert (row["name"], row["args"]) == ("butik: account.upsert", f"account:K-1 · order-1-1 · {event}")

    stage.ring(event)
    assert within(PATIENCE, lambda: str(stage.rows()[event]["result"]).endswith("· by another message's task"))
    assert stage.rows()[event]["state"] == "SUCCESS"


def test_every_event_of_a_lane_has_its_fate_whoever_delivered_it(stage: Stage) -> None:
    older = stage.company("butik", 2, version=1, ring=False)
    newer = stage.company("butik", 2, version=2, phone="08-1234567")
    assert stage.row(newer, "SUCCESS")["result"].startswith("delivered")
    row = stage.row(older, "SUCCESS")
    assert row["name"] == "butik: account.upsert"
    assert row["received"] is not None


def test_a_dead_letter_failed_and_names_nobody(stage: Stage) -> None:
    event = stage.company("butik", 3, users=[ANNA])
    row = stage.row(event, "FAILURE")
    assert row["result"] == "dead · no active user in Upsales has the e-mail address '…'; near it: …"
    assert row["traceback"] is None


def test_a_review_failed_and_says_what_is_asked(stage: Stage) -> None:
    for name in ("Ett AB", "Ett Åkeri AB"):
        stage.sandbox("POST", f"/api/v2/accounts?token={KEYS['butik']}", {"name": name, "orgNo": "599999-8891"})
    event = stage.company("butik", 4, orgNo="599999-8891")
    assert stage.row(event, "FAILURE")["result"].startswith("review · ")


def test_during_an_outage_an_event_is_tried_again_and_its_row_goes_on(stage: Stage) -> None:
    stage.sandbox("POST", "/sandbox/faults", {"kind": "html_502", "key": "natt"})
    event = stage.company("natt", 5)
    row = stage.row(event, "RETRY")
    assert re.search(r"waiting · .*502.* · again at \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$", row["result"]), row["result"]
    stage.sandbox("DELETE", "/sandbox/faults")
    assert stage.row(event, "SUCCESS")["result"].startswith("delivered")


def test_a_backlog_waits_in_the_database_and_flower_says_of_what_was_taken_that_it_waits(stage: Stage) -> None:
    stage.sandbox("POST", "/sandbox/faults", {"kind": "throttle", "key": "full"})
    waiting = [stage.company("full", number) for number in range(100, 130)]
    line = re.compile(r"waiting · (Upsales throttles|the key's call windows are full).* · again at .*Z")

    def said() -> bool:
        rows = [row for event, row in stage.rows().items() if event in waiting and row["state"] == "RETRY"]
        return len(rows) >= 5 and all(line.fullmatch(row["result"]) for row in rows)

    assert within(PATIENCE, said), stage.rows()
    queues = stage.flower.get("/api/queues/length").json()["active_queues"]
    assert sum(queue["messages"] for queue in queues) <= stage.settings.delivery.queue_bound
    stage.sandbox("DELETE", "/sandbox/faults")
    # Of what a worker that is killed had just ended, the message comes back after Redis's visibility timeout, five minutes.
    assert within(PATIENCE, lambda: stage.states(waiting) == {"SUCCESS"}), stage.rows()


def test_of_a_paused_connection_it_says_so(stage: Stage) -> None:
    connections.pause(stage.store, "vila", "Upsales does not accept the API key (GET /self)", probe_in=None)
    row = stage.row(stage.company("vila", 6), "RETRY")
    assert row["result"] == "waiting · the connection is paused: Upsales does not accept the API key (GET /self)"


def test_when_a_worker_is_killed_the_next_one_takes_the_row_over(stage: Stage) -> None:
    stage.sandbox("POST", "/sandbox/faults", {"kind": "delay_before_commit", "key": "krasch", "seconds": 5.0})
    event = stage.company("krasch", 7)
    stage.row(event, "STARTED")
    stage.kill("worker")
    stage.sandbox("DELETE", "/sandbox/faults")
    stage.lease_ends()
    stage.start("worker")
    stage.ring(event)
    assert stage.row(event, "SUCCESS", "RETRY")["name"] == "krasch: account.upsert"


def test_upkeep_is_not_listed(stage: Stage) -> None:
    with build(stage.settings) as app:
        for name in (SWEEP, TIDY):
            app.send_task(name, queue="priority")
        for name in (PROBE, RECHECK):
            app.send_task(name, ("butik",), queue="priority")
        stage.row(stage.company("butik", 8), "SUCCESS")
        assert within(PATIENCE, lambda: waiting_in(app) == 0)
    assert {row["name"].partition(":")[0] for row in stage.rows().values()} <= set(KEYS)


def test_nothing_is_nameless_nobody_is_named_and_the_log_is_quiet(stage: Stage) -> None:
    (worker,) = stage.workers()
    assert re.fullmatch(r"worker-\d+@.+", worker)
    assert [row for row in stage.rows().values() if not row["name"] or not row["worker"]] == []
    assert within(PATIENCE, lambda: "STARTED" not in {row["state"] for row in stage.rows().values()})
    pages = ("/api/tasks?limit=5000", "/tasks", "/workers", f"/worker/{worker}", "/metrics", "/broker")
    shown = "".join(stage.flower.get(page).text for page in pages)
    shown += "".join(stage.flower.get(f"/task/{event}").text for event in stage.rows())
    assert [secret for secret in (*KEYS.values(), LOGIN[1], ANNA, "svensson", "Åkeri") if secret in shown] == []
    log = stage.log("worker").read_text("utf-8")
    assert "Traceback" not in log

"""The Procfile, as a platform runs it: with a PostgreSQL and a Redis of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chaos.proofs import signed
from tests.integration.cli.local.test_up import within
from tests.integration.conftest import Databases
from tests.integration.serving import served, url_of
from web.sandbox import SandboxKey, SandboxOptions, create_sandbox
from worker.cli.local.network import free_port

PROCFILE = Path(__file__).parents[4] / "Procfile"
KEY, SECRET = "plattform-nyckel", "whsec_cGxhdHRmb3JtLXBsYXR0Zm9ybS1wbGF0dGZvcm0="
FLOWER = ("drift", "losenord-4711")
STOP_SECONDS = 10
"""What README asks a platform for."""


def processes() -> dict[str, str]:
    lines = PROCFILE.read_text("utf-8").splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines)}


def run(name: str, environ: Mapping[str, str], directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", processes()[name]],
        cwd=directory,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def running(name: str, environ: Mapping[str, str], directory: Path) -> Iterator[Path]:
    """Answers its log, which is what it writes to standard error. A TERM ends it in time, and with success."""
    log, other = directory / f"{name}.log", directory / f"{name}.out"
    with log.open("wb") as errors, other.open("wb") as output:
        process = subprocess.Popen(
            ["sh", "-c", processes()[name]], cwd=directory, env=environ, stdout=output, stderr=errors
        )
    try:
        yield log
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0, f"{name}: {log.read_text()}"
        assert time.monotonic() - began < STOP_SECONDS
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def upsales() -> Iterator[str]:
    with served(create_sandbox(SandboxOptions(keys={KEY: SandboxKey("generic")}, search_lag=0.1))) as server:
        yield f"{url_of(server)}/api/v2"


@pytest.fixture
def environ(postgresql_databases: Databases, valkey_url: str, upsales: str, tmp_path: Path) -> Mapping[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "TMPDIR": str(tmp_path),
        "DATABASE_URL": postgresql_databases.empty(),
        "REDIS_URL": valkey_url,
        "UPSALES_BASE_URL": upsales,
        "RELAY_GENERIC_API_KEY": KEY,
        "RELAY_GENERIC_SECRET": SECRET,
        "PORT": str(free_port()),
        "FLOWER_PORT": str(free_port()),
        "CONSOLE_PORT": str(free_port()),
        "FLOWER_BASIC_AUTH": ":".join(FLOWER),
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
    }


def test_every_process_is_there() -> None:
    assert set(processes()) == {"release", "web", "worker", "listener", "beat", "console", "flower"}


def test_flower_does_not_start_without_a_password(tmp_path: Path) -> None:
    done = run("flower", {"PATH": os.environ["PATH"]}, tmp_path)
    line = "relay: FLOWER_BASIC_AUTH is not set; Flower does not start without user:password\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


def test_before_the_release_it_is_not_ready_and_after_it_a_webhook_becomes_a_company(
    environ: Mapping[str, str], tmp_path: Path
) -> None:
    web, flower, console = (f"http://127.0.0.1:{environ[name]}" for name in ("PORT", "FLOWER_PORT", "CONSOLE_PORT"))
    body = json.dumps({"type": "account.upsert", "data": {"id": "K-1", "name": "Ängs Bageri"}}).encode()
    with ExitStack() as stack, httpx.Client(trust_env=False, timeout=10) as client:

        def status(url: str) -> int:
            try:
                return client.get(url).status_code
            except httpx.TransportError:
                return 0

        web_log = stack.enter_context(running("web", environ, tmp_path))
        assert within(60, lambda: status(f"{web}/readyz") == 503)
        assert "relay release" in client.get(f"{web}/readyz").json()["database"]
        assert run("release", environ, tmp_path).returncode == 0
        assert within(20, lambda: status(f"{web}/readyz") == 200)
        logs = [
            stack.enter_context(running(name, environ, tmp_path)) for name in ("worker", "beat", "flower", "console")
        ]
        headers = signed("meddelande-1", body, SECRET)
        assert client.post(f"{web}/webhooks/generic", content=body, headers=headers).status_code == 202
        made = f"{environ['UPSALES_BASE_URL']}/accounts?token={KEY}&name=%C3%84ngs+Bageri"
        assert within(90, lambda: len(client.get(made).json().get("data") or ()) == 1), [
            log.read_text() for log in logs
        ]
        assert within(20, lambda: status(flower) == 401)
        assert client.get(flower, auth=FLOWER).status_code == 200
        # Good and bad ones: what any process counted, any scrape tells.
        bad = {**headers, "webhook-signature": "v1,AAAA"}
        assert [client.post(f"{web}/webhooks/generic", content=body, headers=bad).status_code for _ in range(6)] == [
            401
        ] * 6
        assert client.post(f"{web}/webhooks/finns-inte", content=body).status_code == 404
        assert client.post(f"{web}/webhooks/generic", content=body, headers=headers).status_code == 200
        wanted = {
            'relay_webhooks_total{connection="generic",outcome="accepted"}': 1,
            'relay_webhooks_total{connection="generic",outcome="duplicate"}': 1,
            'relay_webhooks_total{connection="generic",outcome="unauthorized"}': 6,
            'relay_webhooks_total{connection="",outcome="unknown"}': 1,
            'relay_events_received_total{connection="generic"}': 1,
            'relay_events_ended_total{connection="generic",fate="delivered"}': 1,
            'relay_events_waiting{connection="generic"}': 0,
            'relay_delivery_seconds_count{connection="generic"}': 1,
            'relay_call_seconds_count{connection="generic",method="POST",outcome="done",resource="account"}': 1,
            'relay_processes{kind="receiver"}': 2,
            'relay_processes{kind="worker"}': 1,
            'relay_processes{kind="beat"}': 1,
            'relay_threads{kind="worker"}': 8,
            "relay_database_up": 1,
            "relay_redis_up": 1,
        }

        assert within(60, lambda: status(f"{console}/healthz") == 200)

        def told() -> dict[str, float]:
            lines = [line for line in client.get(f"{console}/metrics").text.splitlines() if not line.startswith("#")]
            return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

        assert within(20, lambda: wanted.items() <= told().items()), {name: told().get(name) for name in wanted}
        swept = 'relay_chore_last_run_timestamp_seconds{chore="sweep"}'
        assert within(20, lambda: time.time() - told()[swept] < 20)
        assert KEY not in client.get(f"{console}/metrics").text
        assert client.get(f"{web}/metrics").status_code == 404
        assert [status(f"{flower}{path}") for path in ("/metrics", "/healthcheck")] == [401, 401]

        def workers() -> list[str]:
            return list(client.get(f"{flower}/api/workers?refresh=true", auth=FLOWER).json())

        assert within(20, lambda: bool(workers()))
        assert re.fullmatch(r"worker-\d+@.+", ",".join(workers()))
    assert [log.name for log in logs if "Traceback" in log.read_text("utf-8")] == []
    lines = {log.stem: told_in(log) for log in (web_log, *logs)}
    # Celery writes this itself, from within a signal handler.
    said = {log.stem: log.with_suffix(".out").read_text("utf-8").strip() for log in (web_log, *logs)}
    assert said == {"web": "", "worker": "worker: Warm shutdown (MainProcess)", "beat": "", "console": "", "flower": ""}
    assert {"Listening at: http://0.0.0.0:" + environ["PORT"], "webhook"} <= {line["event"] for line in lines["web"]}
    received = next(line for line in lines["web"] if line["event"] == "webhook" and line["outcome"] == "accepted")
    (ended,) = (line for line in lines["worker"] if line["event"] == "event ended")
    assert (ended["id"], ended["fate"], ended["trace_id"]) == (*received["events"], "delivered", received["trace_id"])
    assert {"celery.apps.worker", "relay.events"} <= {line["logger"] for line in lines["worker"]}


def told_in(log: Path) -> Sequence[Mapping[str, Any]]:
    """Each line is one thing that happened, whoever says it."""
    text = log.read_text("utf-8").splitlines()
    assert [line for line in text if not line.startswith("{")] == []
    lines = [json.loads(line) for line in text]
    assert [line for line in lines if not line.keys() >= {"event", "level", "logger", "timestamp"}] == []
    return lines


def test_flower_says_in_lines_like_all_others_that_redis_is_away(environ: Mapping[str, str], tmp_path: Path) -> None:
    away = {**environ, "REDIS_URL": f"redis://:hemligt@127.0.0.1:{free_port()}/0"}
    with running("flower", away, tmp_path) as log:
        assert within(30, lambda: "Failed to capture events" in log.read_text("utf-8"))
    assert [line for line in told_in(log) if "hemligt" in json.dumps(line)] == []


@pytest.mark.parametrize(
    ("name", "variables", "told"),
    [
        ("worker", {"RELAY_LOG": "yaml"}, "relay: RELAY_LOG: 'yaml' is neither json nor console\n"),
        ("web", {"RELAY_LOG": "yaml"}, "relay: RELAY_LOG: 'yaml' is neither json nor console\n"),
        (
            "worker",
            {"OTEL_TRACES_EXPORTER": "zipkin"},
            "relay: OTEL_TRACES_EXPORTER: 'zipkin' is none of otlp, console, none\n",
        ),
    ],
)
def test_what_keeps_a_process_from_starting_is_one_line(
    name: str, variables: Mapping[str, str], told: str, tmp_path: Path
) -> None:
    environ = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "REDIS_URL": "redis://127.0.0.1:1/0"}
    quiet = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}

    done = run(name, {**environ, **quiet, **variables}, tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)

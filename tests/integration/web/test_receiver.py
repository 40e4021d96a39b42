"""The receiver as it runs: granian, a real database, a real Valkey, real HTTP."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import delete, func, select

from tests.integration.conftest import Databases
from tests.senders import SECRET, deal, signed
from worker.cli.local import receiver
from worker.store import Store, open_store
from worker.store.db.tables import events, lanes, requests

ROOT = Path(__file__).parents[3]
DEADLINE = 4.0
PROCESSES = 2
NOBODY = "redis://127.0.0.1:1/0"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Web:
    """A running receiver."""

    port: int
    process: subprocess.Popen[bytes]

    def call(self, method: str, path: str, body: Any = b"", headers: dict[str, str] | None = None) -> Reply:
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read(), time.monotonic() - began)
        finally:
            connection.close()

    def post(self, body: bytes) -> Reply:
        return self.call("POST", "/webhooks/acme", body, signed(body))

    def raw(self, data: bytes) -> bytes:
        """The first line of the answer to these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as connection:
            connection.sendall(data)
            return connection.recv(65536).partition(b"\r\n")[0]


@contextmanager
def serving(database_url: str, redis_url: str) -> Iterator[Web]:
    """Both processes are there when it begins: granian forgets to stop one that was told so while it was still loading."""
    port = free_port()
    command = receiver.command("127.0.0.1", port, PROCESSES, "tests.integration.web.receiver_app:front")
    with tempfile.TemporaryDirectory() as loaded:
        environ = os.environ | {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "LOADED": loaded}
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
        try:
            web = Web(port, process)
            eventually(
                lambda: len(list(Path(loaded).iterdir())) == PROCESSES and answers(web), "granian did not start", 60
            )
            yield web
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def answers(web: Web) -> bool:
    try:
        return web.call("GET", "/healthz").status == 200
    except OSError:
        return False


def eventually(true: Callable[[], bool], otherwise: str, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, otherwise
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, valkey_url: str) -> Iterator[tuple[Web, Store]]:
    """One receiver for all tests that stop nothing and break nothing, and its database."""
    databases: Databases = request.getfixturevalue(f"{request.param}_databases")
    url = databases.migrated()
    opened = open_store(url)
    with serving(url, valkey_url) as running:
        yield running, opened
    opened.close()
    databases.drop(url)


@pytest.fixture
def web(place: tuple[Web, Store], redis: Redis) -> Web:
    """Nothing has come in yet."""
    running, store = place
    with store.write() as conn:
        for table in (events, lanes, requests):
            conn.execute(delete(table))
    return running


@pytest.fixture
def store(place: tuple[Web, Store]) -> Store:
    return place[1]


@pytest.fixture
def sqlite_url(sqlite_databases: Databases) -> str:
    return sqlite_databases.migrated()


def stored(store: Store) -> Sequence[tuple[str, str]]:
    with store.read() as conn:
        return [(row.event_id, row.status) for row in conn.execute(select(events).order_by(events.c.seq))]


def chunked(body: bytes, size: int, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(body[start : start + size]), body[start : start + size])
        for start in range(0, len(body), size)
    )
    head = f"POST /webhooks/acme HTTP/1.1\r\nHost: relay\r\nTransfer-Encoding: chunked\r\n{lines}\r\n"
    return head.encode() + chunks + b"0\r\n\r\n"


def test_answers_over_http(web: Web, store: Store, redis: Redis) -> None:
    nul = deal("nul\0nul")
    large = deal("large", padding="x" * 10_000)
    found = {
        "accepted": web.post(deal("a-å")).status,
        "seen before": web.post(deal("a-å")).status,
        "NUL in the id": web.post(nul).status,
        "NUL in the id, again": web.post(nul).status,
        "ignored": web.post(deal("p", "ping")).status,
        "names nothing": web.post(b"{}").status,
        "not JSON": web.post(b"no").status,
        "not signed": web.call("POST", "/webhooks/acme", deal("b")).status,
        "unknown": web.call("POST", "/webhooks/nobody", deal("b")).status,
        "no handshake": web.call("GET", "/webhooks/acme").status,
        "handshake": web.call("HEAD", "/webhooks/tokens/x").status,
        "a token": web.call("POST", "/webhooks/tokens/wrong", deal("b")).status,
        "too large": web.post(large).status,
        "too large, chunked": web.raw(chunked(large, 1000, signed(large))),
        "chunked": web.raw(chunked(deal("c"), 50, signed(deal("c")))),
        "any bytes": web.raw(b"POST /webhooks/tokens/%ff%00 HTTP/1.1\r\nHost: \xff\r\nContent-Length: 1\r\n\r\n\xff"),
    }

    assert found == {
        "accepted": 202,
        "seen before": 200,
        "NUL in the id": 202,
        "NUL in the id, again": 200,
        "ignored": 202,
        "names nothing": 202,
        "not JSON": 400,
        "not signed": 401,
        "unknown": 404,
        "no handshake": 405,
        "handshake": 200,
        "a token": 401,
        "too large": 413,
        "too large, chunked": b"HTTP/1.1 413 Payload Too Large",
        "chunked": b"HTTP/1.1 202 Accepted",
        "any bytes": b"HTTP/1.1 401 Unauthorized",
    }
    statuses = dict(stored(store))
    assert (statuses["a-å"], statuses["p"], statuses["c"]) == ("pending", "ignored", "pending")
    assert sorted(statuses.values()) == ["dead", "ignored", "pending", "pending", "pending"]
    assert web.call("GET", "/readyz").json["status"] == "ready"


def test_what_is_accepted_wakes_a_worker_under_a_name_that_reads_well(web: Web, redis: Redis) -> None:
    accepted = web.post(deal("a")).json["events"]
    urgent = web.post(deal("b", "deal.urgent")).json["events"]

    def rung(queue: str, event: str) -> list[Any]:
        """Wake-ups of other tests' events may come yet: the receiver is the same."""
        messages: Any = redis.lrange(queue, 0, -1)
        heads = [json.loads(message)["headers"] for message in messages]
        return [head for head in heads if event in head["argsrepr"]]

    eventually(lambda: len(rung("default", accepted[0])) == len(rung("priority", urgent[0])) == 1, "no wake-up came")
    (told,), (pressing,) = rung("default", accepted[0]), rung("priority", urgent[0])
    assert (told["task"], pressing["task"]) == ("relay.deliver", "relay.deliver")
    assert told["shadow"] == "acme: deal.won"


def test_fifty_at_once_with_the_same_id_are_one_event(web: Web, store: Store) -> None:
    with ThreadPoolExecutor(50) as pool:
        replies = list(pool.map(lambda _: web.post(deal("same")), range(50)))

    assert sorted(reply.status for reply in replies) == [200] * 49 + [202]
    assert len({tuple(reply.json["events"]) for reply in replies}) == 1
    assert stored(store) == [("same", "pending")]


def test_many_at_once_are_all_on_disk_when_they_are_answered(web: Web, store: Store) -> None:
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda n: web.post(deal(f"event {n}", deal={"id": f"d{n % 7}"})), range(200)))

    assert {reply.status for reply in replies} == {202}
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(requests)).scalar_one() == 200
        ids = set(conn.execute(select(events.c.id)).scalars())
    assert ids == {event for reply in replies for event in reply.json["events"]}


def test_without_redis_webhooks_are_accepted_all_the_same(sqlite_url: str) -> None:
    with serving(sqlite_url, NOBODY) as web:
        replies = [web.post(deal(f"event {n}")) for n in range(20)]
        readiness = web.call("GET", "/readyz")

    assert {reply.status for reply in replies} == {202}
    assert max(reply.seconds for reply in replies) < 1
    assert (readiness.status, readiness.json["status"]) == (200, "degraded")


HOLDER = """
import sys, time
from worker.store import open_store
with open_store(sys.argv[1]).write():
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def lock_held_by_a_stopped_process(url: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, url], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        process.send_signal(signal.SIGSTOP)
        yield
    finally:
        process.kill()
        process.communicate()


def test_a_stuck_writer_makes_it_say_come_again_in_time(sqlite_url: str, valkey_url: str) -> None:
    with serving(sqlite_url, valkey_url) as web:
        with lock_held_by_a_stopped_process(sqlite_url), ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda n: web.post(deal(f"event {n}")), range(8)))
        after = [web.post(deal(f"event {n}")) for n in range(8)]

    assert {(reply.status, reply.headers["retry-after"]) for reply in replies} == {(503, "5")}
    assert max(reply.seconds for reply in replies) < DEADLINE + 0.5
    assert {reply.status for reply in after} <= {200, 202}
    store = open_store(sqlite_url)
    assert {event_id for event_id, _ in stored(store)} == {f"event {n}" for n in range(8)}
    store.close()


def test_without_a_database_it_says_come_again_and_is_not_ready(valkey_url: str) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/relay"
    with serving(nowhere, valkey_url) as web:
        reply, readiness = web.post(deal()), web.call("GET", "/readyz")

    assert (reply.status, reply.headers["retry-after"]) == (503, "5")
    assert reply.headers["content-type"] == "application/problem+json"
    assert (readiness.status, readiness.json["status"]) == (503, "not ready")
    assert readiness.json["database"] == "not available"


def test_a_stop_finishes_what_is_in_hand(sqlite_url: str, valkey_url: str) -> None:
    store = open_store(sqlite_url)
    with serving(sqlite_url, valkey_url) as web, ThreadPoolExecutor(4) as pool:
        with store.write():
            waiting = [pool.submit(web.post, deal(f"event {n}")) for n in range(4)]
            time.sleep(0.5)
            web.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        assert {each.result().status for each in waiting} == {202}
        assert web.process.wait(10) == 0

    assert len(stored(store)) == 4
    store.close()


def test_a_secret_is_nowhere_in_the_database(web: Web, store: Store) -> None:
    sent = web.call("POST", "/webhooks/fields", deal("f", google_key=SECRET), {"Authorization": f"Bearer {SECRET}"})

    assert sent.status == 202
    with store.read() as conn:
        (row,) = conn.execute(select(requests)).all()
    assert SECRET not in repr(row)
    assert SECRET.encode() not in row.body

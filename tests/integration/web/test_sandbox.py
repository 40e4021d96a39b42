"""The sandbox over real sockets: connections that stay open, bodies in chunks, answers that never come."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from werkzeug.serving import BaseWSGIServer

from tests.integration.serving import served
from web.sandbox import SandboxKey, SandboxOptions, create_sandbox

KEY = "k-shöp".encode().hex()


@pytest.fixture(scope="module")
def server() -> Iterator[BaseWSGIServer]:
    options = SandboxOptions(keys={KEY: SandboxKey("shop")}, faults=True, calls=((10_000, 10),), search_lag=0)
    with served(create_sandbox(options)) as server:
        yield server


@pytest.fixture
def http_client(server: BaseWSGIServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", params={"token": KEY}) as client:
        client.post("/sandbox/reset")
        yield client


def accounts(client: httpx.Client) -> list[str]:
    state = client.get("/sandbox/state", params={"resource": "accounts"}).json()
    return [row["name"] for row in state["accounts"]["1"]["records"].get("accounts", [])]


def test_a_connection_is_kept_over_many_calls_of_every_kind(server: BaseWSGIServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.connect()
    used = connection.sock
    asked: list[tuple[str, str, bytes | None]] = [
        ("GET", "/api/v2/self", None),
        ("POST", "/api/v2/accounts", '{"name":"Åre"}'.encode()),
        ("POST", "/api/v2/nothing", b"x" * 100_000),
        ("POST", "/", b"x" * 100_000),
        ("GET", "/api/v2/self", None),
    ]
    statuses = []
    for method, path, body in asked:
        connection.request(method, f"{path}?token={KEY}", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    assert statuses == [200, 200, 400, 405, 200]
    assert connection.sock is used
    connection.close()


def test_a_body_in_chunks_is_read_and_leaves_the_connection_usable(http_client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"name": "I bitar, '
        yield 'ÅÄÖ"}'.encode()

    made = http_client.post("/api/v2/accounts", content=chunks(), headers={"Content-Type": "application/json"})
    assert made.request.headers["Transfer-Encoding"] == "chunked"
    assert made.json()["data"]["name"] == "I bitar, ÅÄÖ"
    assert http_client.get("/api/v2/self").status_code == 200


def test_a_client_that_waits_for_100_continue_gets_it(server: BaseWSGIServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    body = b'{"name": "Vant"}'
    headers = {"Expect": "100-continue", "Content-Type": "application/json", "Content-Length": str(len(body))}
    connection.request("POST", f"/api/v2/accounts?token={KEY}", None, headers)
    assert connection.sock.recv(25).startswith(b"HTTP/1.1 100 Continue\r\n")
    connection.send(body)
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize(("kind", "stored"), [("drop_before_commit", []), ("drop_after_commit", ["Ovisst"])])
def test_a_dropped_connection_leaves_the_client_without_an_answer(
    http_client: httpx.Client, kind: str, stored: list[str]
) -> None:
    http_client.post("/sandbox/faults", json={"kind": kind, "method": "POST", "count": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        http_client.post("/api/v2/accounts", json={"name": "Ovisst"})
    assert accounts(http_client) == stored
    assert http_client.post("/api/v2/accounts", json={"name": "Nästa"}).status_code == 200


def test_a_call_that_outlasts_its_client_takes_effect(http_client: httpx.Client) -> None:
    http_client.post("/sandbox/faults", json={"kind": "delay_before_commit", "seconds": 0.4, "count": 1})
    with pytest.raises(httpx.ReadTimeout):
        http_client.post("/api/v2/accounts", json={"name": "Långsam"}, timeout=0.1)
    assert accounts(http_client) == []
    deadline = time.monotonic() + 10
    while accounts(http_client) != ["Långsam"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert accounts(http_client) == ["Långsam"]


def test_calls_at_the_same_time_get_ids_of_their_own(http_client: httpx.Client) -> None:
    def create(number: int) -> Any:
        return http_client.post("/api/v2/accounts", json={"name": f"Nr {number}"}).json()["data"]["id"]

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(create, range(64)))
    assert sorted(ids) == list(range(1, 65))
    assert len(http_client.get("/api/v2/accounts").json()["data"]) == 64


def test_the_command_serves_and_prints_where_but_never_a_key() -> None:
    environment = {**os.environ, "SANDBOX_KEYS": f"shop={KEY}@5"}
    command = [sys.executable, "-m", "web.sandbox", "--port", "0", "--no-tickets"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+/api/v2", line)
        assert found, line
        mine = httpx.get(f"{found[0]}/self", params={"token": KEY})
        tickets = httpx.get(f"{found[0]}/tickets", params={"token": KEY})
        process.terminate()
        said = line + process.stdout.read()
    assert mine.json()["data"]["client"]["id"] == 5
    assert tickets.status_code == 404
    assert KEY not in said

"""The console as its process serves it: strangers hold nobody up, and no header is taken for a proxy's."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.integration.web.console.stage import CONFIG, ENVIRON
from tests.integration.web.test_receiver import eventually
from tests.siege.receiver import ROOT, line
from worker.cli.local.network import HOST, free_port

SLOW = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 100\r\n\r\n"
STRANGERS = 40
VIEWER = "viewer-token-4711-longer"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    directory = tmp_path_factory.mktemp("console")
    (directory / "relay.toml").write_text('[console]\noperators = ["anna@example.com"]\n' + CONFIG, "utf-8")
    found = free_port()
    environ = {
        **ENVIRON,
        "RELAY_VIEWER_TOKEN": f"vera:{VIEWER}",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RELAY_CONFIG": str(directory / "relay.toml"),
        "DATABASE_URL": f"sqlite:///{directory}/relay.db",
        "RELAY_CONSOLE_PROXY": f"X-Forwarded-Email@{HOST}",
        "CONSOLE_PORT": str(found),
    }
    subprocess.run(["sh", "-c", "exec relay release"], cwd=directory, env=environ, check=True, capture_output=True)
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(["sh", "-c", line("console")], cwd=directory, env=environ, stdout=log, stderr=log)
    try:
        eventually(lambda: _listens(found), "the console does not listen", seconds=60)
        asked(found, "GET", "/healthz", timeout=60)
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex((HOST, port)) == 0


def asked(
    port: int, method: str, path: str, body: object = None, timeout: float = 8, **headers: str
) -> tuple[int, str]:
    connection = HTTPConnection(HOST, port, timeout=timeout)
    told = {name.replace("__", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, told, encode_chunked="Transfer-Encoding" in told)  # type: ignore[arg-type]
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def test_slow_bodies_hold_nobody_up(port: int) -> None:
    with ExitStack() as held:
        for _ in range(STRANGERS):
            held.enter_context(socket.create_connection((HOST, port))).sendall(SLOW)
        assert asked(port, "GET", "/healthz")[0] == 200


@pytest.mark.parametrize("pieces", [False, True])
def test_a_body_is_read_however_it_comes(port: int, *, pieces: bool) -> None:
    body = b'{"value": "anna@example.com"}'
    headers: dict[str, Any] = {"Authorization": f"Bearer {VIEWER}", "Content__Type": "application/json"}
    headers |= {"Transfer__Encoding": "chunked"} if pieces else {}
    status, text = asked(port, "POST", "/api/v1/searches", iter([body]) if pieces else body, **headers)
    assert (status, "e-mail" in text) == (200, True), text


def test_a_large_body_is_refused_unread(port: int) -> None:
    status, text = asked(port, "POST", "/sign-in", b"token=" + b"a" * 2_000_000, Sec__Fetch__Site="same-origin")
    assert (status, "<h1" in text) == (413, True)


def test_only_the_header_that_the_proxy_writes_says_who_it_is(port: int) -> None:
    assert asked(port, "GET", "/sign-in", X__Forwarded__Email="anna@example.com")[0] == 303
    # As an environ spells it, a browser could send it past a proxy that removes the other one.
    assert asked(port, "GET", "/sign-in", X_Forwarded_Email="anna@example.com")[0] == 200
    with socket.create_connection((HOST, port)) as sent:
        sent.sendall(
            b"GET /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"X-Forwarded-Email: anna@example.com\r\nX-Forwarded-Email: vera@example.com\r\n\r\n"
        )
        assert sent.recv(12) == b"HTTP/1.1 200"

"""The receiver changes over, to new settings or to a new release, while senders call: nobody is refused."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.chaos.proofs import signed
from worker.cli.local.network import free_port

SECRET = "whsec_cGxhdHRmb3JtLXBsYXR0Zm9ybS1wbGF0dGZvcm0="
ONE = '[connections.a]\nconnector = "generic"\n'
TWO = f'{ONE}[connections.b]\nconnector = "generic"\n'
BODY = b'{"type": "account.upsert", "data": {"id": "K-1", "name": "\xc3\x84ngs Bageri"}}'
TRUST = ssl.create_default_context()
"""Nothing here is encrypted; httpx would read it anew for each call."""
PAUSE = 0.02
"""Seconds between the calls of one sender: the receiver is to have a core for itself."""


def eventually(holds: Callable[[], bool], seconds: float = 30) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


class Receiver:
    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port, self.number = home, port, count()
        self.config = home / "relay.toml"
        self.config.write_text(ONE, "utf-8")
        self.environ: Mapping[str, str] = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "TMPDIR": str(home),
            "RELAY_CONFIG": str(self.config),
            "DATABASE_URL": f"sqlite:///{home}/relay.db",
            "RELAY_A_SECRET": SECRET,
            "PORT": str(port),
            "WEB_CONCURRENCY": "1",
            "GRANIAN_RESPAWN_INTERVAL": "1",
        }
        subprocess.run(["relay", "release"], env=self.environ, check=True, capture_output=True)

    def post(self, connection: str = "a") -> int | str:
        headers = signed(f"m-{next(self.number)}", BODY, SECRET)
        try:
            url = f"http://127.0.0.1:{self.port}/webhooks/{connection}"
            return httpx.post(url, content=BODY, headers=headers, trust_env=False, timeout=20, verify=TRUST).status_code
        except httpx.TransportError as error:
            return repr(error)

    @contextmanager
    def calling(self, callers: int = 6) -> Iterator[list[int | str]]:
        """Calls one after the other, each on a connection of its own; what was answered."""
        answers: list[int | str] = []
        over = threading.Event()

        def call() -> None:
            while not over.wait(PAUSE):
                answers.append(self.post())

        threads = [threading.Thread(target=call) for _ in range(callers)]
        for thread in threads:
            thread.start()
        try:
            yield answers
        finally:
            over.set()
            for thread in threads:
                thread.join()

    @contextmanager
    def running(
        self, command: str = "exec relay serve", files: tuple[int, ...] = ()
    ) -> Iterator[subprocess.Popen[bytes]]:
        with (self.home / "log").open("ab") as log:
            process = subprocess.Popen(
                ["bash", "-c", command], env=self.environ, stderr=log, stdout=log, pass_fds=files
            )
        try:
            yield process
            process.terminate()
            assert process.wait(10) == 0, self.log()
        finally:
            process.kill()
            process.wait()

    def log(self) -> str:
        return (self.home / "log").read_text("utf-8")


def children(of: int) -> set[str]:
    return set(Path(f"/proc/{of}/task/{of}/children").read_text("ascii").split())


@pytest.fixture
def receiver(tmp_path: Path) -> Receiver:
    return Receiver(tmp_path, free_port())


def test_hup_takes_over_new_settings_and_refuses_nobody(receiver: Receiver) -> None:
    with receiver.running() as process:
        assert eventually(lambda: receiver.post() == 202), receiver.log()
        before = children(process.pid)
        receiver.config.write_text(f"{ONE}[delivery]\nlease = 1\n", "utf-8")
        with receiver.calling() as answers:
            process.send_signal(signal.SIGHUP)
            assert eventually(lambda: "relay.toml [delivery] lease" in receiver.log()), receiver.log()
            assert eventually(lambda: children(process.pid) == before), receiver.log()
            receiver.config.write_text(TWO, "utf-8")
            assert receiver.post("b") == 404
            process.send_signal(signal.SIGHUP)
            assert eventually(lambda: not before & children(process.pid)), receiver.log()
            assert len(children(process.pid)) == len(before)
        assert receiver.post("b") == 503, "it is there, without a secret"
    assert set(answers) == {202}
    assert len(answers) > 50


def test_a_restart_on_a_socket_of_systemd_lets_senders_wait_and_refuses_nobody(receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", receiver.port), backlog=128) as held:
        # As systemd hands it over: as file 3, to the process of this number.
        command = f"exec 3<&{held.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec relay serve"
        files = (held.fileno(),)
        with receiver.calling() as answers:
            with receiver.running(command, files):
                assert eventually(lambda: len(answers) > 20), receiver.log()
            with receiver.running(command, files):
                seen = len(answers)
                assert eventually(lambda: len(answers) > seen + 20), receiver.log()
                held.close()
                over = len(answers)
        assert over > 40
        assert set(answers[:over]) == {202}

"""`relay up` as a person uses it: processes, ports and signals."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from worker.cli.local import demo_report
from worker.cli.local.network import free_port
from worker.store import open_store
from worker.store.events.replay import replay
from worker.store.lanes import connections

RELAY = (sys.executable, "-m", "worker.cli")
API_KEY, SECRET = "upp-nyckel-4711", "upp-hemlighet-4711"
PROC = Path("/proc")
CONFIG = """
[connections.butik]
connector = "shopify"
owner = "asa.oberg@example.com"
fallback_product = "ÖVRIGT"
"""


@dataclass
class Up:
    process: subprocess.Popen[str]
    home: Path
    environ: Mapping[str, str]

    def relay(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*RELAY, *arguments],
            cwd=self.home,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def output_until(self, text: str) -> str:
        assert self.process.stdout is not None
        seen = ""
        for line in self.process.stdout:
            seen += line
            if text in line:
                return seen
        raise AssertionError(f"{text!r} never came:\n{seen}")

    def left(self) -> list[str]:
        """Commands of processes that still run for this directory."""
        return list(self._left().values())

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """These processes end no sooner than the block does: on a busy machine a command starts later than they end."""
        pids = list(self._left())
        _tell(pids, signal.SIGSTOP)
        try:
            yield
        finally:
            _tell(pids, signal.SIGCONT)

    def _left(self) -> dict[int, str]:
        numbers = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
        found = {pid: _command(PROC / str(pid)) for pid in numbers if pid != os.getpid()}
        ours = (str(self.home), f"--port {self.environ['PORT']}")
        return {pid: command for pid, command in found.items() if any(mark in command for mark in ours)}


def _tell(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _command(entry: Path) -> str:
    try:
        return (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def within(seconds: float, done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@contextmanager
def sandbox_up(home: Path, environ: Mapping[str, str], *options: str) -> Iterator[tuple[Up, str]]:
    """And what it says when all of it runs."""
    command = [*RELAY, "up", "--sandbox", *options]
    with subprocess.Popen(
        command, cwd=home, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        up = Up(process, home, environ)
        try:
            yield up, up.output_until("Ctrl-C stops everything")
        finally:
            process.kill()


def test_everything_runs_one_signal_ends_it_and_a_new_sandbox_is_another_account(tmp_path: Path) -> None:
    """First with keys, then without any. What was made in the first sandbox is made again in the second, which is killed."""
    home = tmp_path / "hem åäö"
    home.mkdir()
    (home / "relay.toml").write_text(CONFIG, "utf-8")
    ports = {name: str(free_port()) for name in ("PORT", "FLOWER_PORT", "CONSOLE_PORT", "RELAY_SANDBOX_PORT")}
    environ = {"PATH": os.environ["PATH"], **ports}
    store = open_store(f"sqlite:///{home}/var/relay.db")

    def made() -> int | None:
        """The account in which the order was made, once."""
        assert within(30, lambda: not demo_report.unfinished(store))
        page = httpx.get(f"http://127.0.0.1:{ports['RELAY_SANDBOX_PORT']}/").text
        assert page.count("Shopify #1002") == 1
        with store.read() as conn:
            return connections.get(conn, "butik").account

    keys = {"RELAY_BUTIK_API_KEY": API_KEY, "RELAY_BUTIK_SECRET": SECRET}
    with sandbox_up(home, {**environ, **keys}) as (up, first):
        _everything_runs(up, first)
        sent = up.relay("send", "butik", "order_paid")
        assert (sent.returncode, sent.stderr) == (0, "")
        assert within(30, lambda: '"delivered"' in up.relay("events", "list", "--json").stdout)
        budget = up.relay("budget", "--json")
        assert '"left"' in budget.stdout, budget.stderr
        account = made()

        up.process.send_signal(signal.SIGTERM)
        assert up.process.wait(15) == 0
        assert up.left() == []
    assert "Made up   RELAY_BUTIK_TOKEN: for the sandbox only" in first
    assert "Forgotten" not in first

    replay(store, sent.stdout.split()[1])
    with sandbox_up(home, environ, "--quiet") as (up, second):
        assert "Made up   RELAY_BUTIK_API_KEY, RELAY_BUTIK_SECRET, RELAY_BUTIK_TOKEN: for the sandbox only" in second
        assert "Forgotten what butik made in an earlier sandbox" in second
        assert made() != account
        again = up.relay("send", "butik", "order_paid")
        assert (again.returncode, again.stderr) == (0, "")
        _nothing_outlives_it(replace(up, environ={**environ, **keys}))
    store.close()


def _everything_runs(up: Up, summary: str) -> None:
    password = re.search(r"password (\S+)\)", summary)
    token = re.search(r"^Console   (\S+) \(token (\S+)\)", summary, re.MULTILINE)
    assert password
    assert token
    web, flower = f"http://127.0.0.1:{up.environ['PORT']}", f"http://127.0.0.1:{up.environ['FLOWER_PORT']}"
    assert httpx.get(f"{web}/readyz").json() == {"status": "ready", "database": "ok", "redis": "ok"}
    assert httpx.get(flower).status_code == 401
    assert httpx.get(flower, auth=("relay", password[1])).status_code == 200

    with httpx.Client(base_url=token[1], headers={"Sec-Fetch-Site": "same-origin"}) as browser:
        assert browser.get("/events").headers["Location"] == "/sign-in?next=/events"
        assert browser.post("/sign-in", data={"token": token[2]}).status_code == 303
        assert "relay · operator" in browser.get("/events").text

    again = up.relay("up")
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == f"relay: `relay up` runs here already: process {up.process.pid}, {web}\n"

    config = (up.home / "var" / "up" / "supervisord.conf").read_text("utf-8")
    logs = [path.read_text("utf-8") for path in (up.home / "var" / "up").glob("*.log")]
    assert logs
    for text in (config, *up.left(), *logs):
        for secret in (API_KEY, SECRET, password[1], token[2]):
            assert secret not in text


def _nothing_outlives_it(up: Up) -> None:
    """Once it is killed; and meanwhile the next one says so."""
    up.process.kill()
    up.process.wait()
    with up.frozen():
        again = up.relay("up")
    assert again.returncode == 2
    assert again.stderr.startswith(f"relay: what an earlier `relay up` (process {up.process.pid}, killed) left running")
    assert within(20, lambda: up.left() == [])

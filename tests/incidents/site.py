"""An installation as the Procfile starts it, which can be broken part by part."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet

from tests.chaos.databases import opened
from tests.chaos.place import new_port
from tests.chaos.supervision import Supervised, Supervision, wait_until
from worker.cli.local import valkey
from worker.sdk.request import Request
from worker.sdk.signatures import StandardWebhooks
from worker.store import open_store
from worker.store.events import events

ROOT = Path(__file__).resolve().parents[2]
SHOP, FORM = "shop", "form"
KEYS = {SHOP: "nyckel-shop", FORM: "nyckel-form"}
SECRET = "whsec_" + base64.b64encode(b"s" * 24).decode()
SIGNING_KEY = "whsec_" + base64.b64encode(b"a" * 24).decode()
STARTED = 60.0
CONFIG = """
[upsales]
search_lag = 0.2
calls = ["100000/10s"]
writes = ["100000/10s"]

[delivery]
retry_first = 0.5
breaker_lanes = 2
breaker_pause = 2

[alerts]
late = 20
settle = 5

[connections.shop]
connector = "generic"

[connections.form]
connector = "generic"
"""


def procfile() -> Mapping[str, str]:
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines)}


@dataclass
class Told:
    """What a listener of alerts heard: kind, connection, act, and when."""

    heard: list[tuple[str, str | None, str, float]] = field(default_factory=list)

    def when(self, kind: str, connection: str | None, act: str, since: float) -> float | None:
        return next((at for k, c, a, at in self.heard if (k, c, a) == (kind, connection, act) and at >= since), None)


@contextmanager
def listening() -> Iterator[tuple[str, Told]]:
    told = Told()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            act = body["type"].removeprefix("alert.")
            told.heard.append((body["data"]["kind"], body["data"]["connection"], act, time.monotonic()))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", told
        server.shutdown()


class Site:
    """Two connections of the generic format, `shop` and `form`, each with its own key in one sandbox."""

    def __init__(self, home: Path, supervision: Supervision, alerts: str) -> None:
        self.home, self.supervision = home, supervision
        self.web, self.console, self.sandbox = (f"http://127.0.0.1:{new_port()}" for _ in range(3))
        (home / "relay.toml").write_text(CONFIG, "utf-8")
        redis = valkey.prepare(home / "valkey")
        self.environ = {
            **{name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
            "RELAY_CONFIG": str(home / "relay.toml"),
            "RELAY_LOG": "json",
            "RELAY_MASTER_KEY": Fernet.generate_key().decode(),
            "RELAY_ALERTS_WEBHOOK_URL": alerts,
            "RELAY_ALERTS_SIGNING_KEY": SIGNING_KEY,
            "RELAY_SHOP_API_KEY_FILE": self._file("shop.key", KEYS[SHOP]),
            "RELAY_FORM_API_KEY_FILE": self._file("form.key", KEYS[FORM]),
            "RELAY_SHOP_SECRET_FILE": self._file("shop.secret", SECRET),
            "RELAY_FORM_SECRET_FILE": self._file("form.secret", SECRET),
            "DATABASE_URL": opened("postgresql", home, supervision),
            "REDIS_URL": redis.url,
            "UPSALES_BASE_URL": f"{self.sandbox}/api/v2",
            "SANDBOX_KEYS": ",".join(f"{name}={key}@1" for name, key in KEYS.items()),
            "PORT": self.web.rpartition(":")[2],
            "CONSOLE_PORT": self.console.rpartition(":")[2],
            "FLOWER_BASIC_AUTH": "drift:losenord",
        }
        self.store = open_store(self.environ["DATABASE_URL"])
        self.client = httpx.Client(trust_env=False, timeout=10)
        self._sent = 0
        self.accepted: list[str] = []
        self.there_before: list[str] = []
        options = ("--faults", "--calls", "1000000/10", "--writes", "1000000/10", "--search-lag", "0.1")
        port = self.sandbox.rpartition(":")[2]
        self._start("redis", redis.command)
        self._start("sandbox", (sys.executable, "-m", "web.sandbox", "--port", port, *options))

    def open(self) -> None:
        lines = procfile()
        self.line("release")
        for name in ("web", "worker", "beat", "console"):
            self._start(name, ("sh", "-c", lines[name]))
        wait_until(lambda: self.status(f"{self.web}/readyz") == 200, STARTED, "the receiver is ready")
        wait_until(lambda: self.status(f"{self.console}/healthz") == 200, STARTED, "the console answers")
        for name in KEYS:
            self.send(name, 1)
        self.settled()

    def close(self) -> None:
        self.store.close()
        self.client.close()

    def status(self, url: str) -> int:
        try:
            return self.client.get(url).status_code
        except httpx.TransportError:
            return 0

    def line(self, name: str) -> None:
        command = ("sh", "-c", procfile()[name])
        subprocess.run(command, cwd=self.home, env=self.environ, check=True, capture_output=True)

    def relay(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, "-m", "worker.cli", *arguments)
        return subprocess.run(command, cwd=self.home, env=self.environ, capture_output=True, text=True, check=False)

    def send(self, connection: str, number: int = 1, *, secret: str = SECRET, **data: Any) -> Sequence[int]:
        """Events about new companies; answers the status codes."""
        statuses = []
        for _ in range(number):
            self._sent += 1
            told = {"id": f"K-{self._sent}", "name": f"Åkeri {self._sent} AB", **data}
            company = str(told["name"])
            body = json.dumps({"id": f"e{self._sent}", "type": "account.upsert", "data": told}).encode()
            made = Request("POST", f"{self.web}/webhooks/{connection}", (), body)
            signed = StandardWebhooks().sign(made, secret, datetime.now(UTC))
            try:
                status = self.client.post(signed.url, content=signed.body, headers=list(signed.headers)).status_code
            except httpx.TransportError:
                status = 0
            if status == 202:
                self.accepted.append(company)
            statuses.append(status)
        return statuses

    def faults(self, *rules: Mapping[str, Any]) -> None:
        """Instead of those that were in force."""
        self.client.delete(f"{self.sandbox}/sandbox/faults").raise_for_status()
        if rules:
            self.client.post(f"{self.sandbox}/sandbox/faults", json=list(rules)).raise_for_status()

    def sandbox_post(self, path: str, body: Mapping[str, Any]) -> None:
        self.client.post(f"{self.sandbox}/sandbox{path}", json=dict(body)).raise_for_status()

    def waiting(self) -> Mapping[str, int]:
        with self.store.read() as conn:
            return {
                status: number
                for (_, status), number in events.counts(conn).items()
                if status not in {"delivered", "superseded", "ignored"}
            }

    def settled(self, seconds: float = 90.0) -> None:
        wait_until(lambda: not self.waiting(), seconds, f"everything is delivered: {self.waiting()}")

    def told_of(self) -> Sequence[str]:
        """The names of the companies that stand in Upsales by our doing."""
        query: Mapping[str, str | int] = {"account": 1, "resource": "accounts"}
        accounts = self.client.get(f"{self.sandbox}/sandbox/state", params=query).json()["accounts"]
        found = accounts["1"]["records"].get("accounts", ())
        return [str(each["name"]) for each in found if str(each["name"]) in set(self.accepted)]

    def write_file(self, name: str, text: str) -> None:
        (self.home / name).write_text(text, "utf-8")

    def _file(self, name: str, text: str) -> str:
        path = self.home / name
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")
        return str(path)

    def _start(self, name: str, command: Sequence[str]) -> None:
        self.supervision.start(Supervised(name, command, self.environ, self.home))


@contextmanager
def standing(home: Path) -> Iterator[tuple[Site, Told]]:
    with ExitStack() as stack:
        alerts, told = stack.enter_context(listening())
        supervision = stack.enter_context(Supervision())
        site = Site(home, supervision, alerts)
        stack.callback(site.close)
        site.open()
        yield site, told

"""Makes a place of its own for a run, and leaves nothing of it at the end."""

from __future__ import annotations

import re
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import redis

from tests.chaos import databases
from tests.chaos.clock import Clock
from tests.chaos.contestant import Contestant, Enter
from tests.chaos.databases import Kind
from tests.chaos.place import Place, drawn_keys, new_port, thin_secret
from tests.chaos.scaled import Times
from tests.chaos.supervision import Supervised, Supervision, wait_until
from tests.chaos.thin.api import Api
from tests.chaos.upsales import Sandbox
from tests.fakes.ledger_sender import LedgerSender, serving
from worker.cli.local import valkey

START_SECONDS = 60.0
MOST_ERRORS = 5
LOGGED = re.compile(r'^\{"event": "(.*?)(?<!\\)"')
IDS = re.compile(r"\[[0-9a-f-]{36}\]")


@dataclass(frozen=True, slots=True)
class Arena:
    """All of it runs."""

    contestant: Contestant
    place: Place
    supervision: Supervision
    sandbox: Sandbox
    api: Api
    heard: LedgerSender

    def complaints(self, about: str = "") -> Iterator[str]:
        """What the processes logged as errors, each kind once."""
        for name in self.supervision.names:
            errors = Counter(text for text in _errors(self.supervision[name].log) if about in text)
            yield from (f"{name} logged {number} times: {text}" for text, number in errors.most_common(MOST_ERRORS))


def _errors(log: Path) -> Iterator[str]:
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            found = LOGGED.search(line)
            if found and '"level": "warning"' not in line and '"level": "info"' not in line:
                yield IDS.sub("…", found[1])[:300]


@contextmanager
def opened(enter: Enter, seed: int, database: Kind, times: Times, *, keep: bool = False) -> Iterator[Arena]:
    """`keep`: the directory with the logs stays."""
    directory = Path(tempfile.mkdtemp(prefix="chaos-"))
    if keep:
        say(f"logs: {directory}")
    try:
        with (
            _interrupts(),
            Supervision() as supervision,
            closing(Sandbox(new_port())) as sandbox,
            closing(Api(new_port(), f"klient:{thin_secret(seed)}")) as api,
            serving(heard := LedgerSender()) as heard_url,
        ):
            place = _place(directory, supervision, sandbox, (api, heard_url), seed, database, times)
            _start_sandbox(place, supervision, sandbox, seed)
            with closing(enter(place)) as contestant:
                _start(contestant, place, supervision)
                yield Arena(contestant, place, supervision, sandbox, api, heard)
    finally:
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)


def _place(
    directory: Path,
    supervision: Supervision,
    sandbox: Sandbox,
    beside: tuple[Api, str],
    seed: int,
    database: Kind,
    times: Times,
) -> Place:
    """`beside`: the API of the thin sender, and where the sender is that is listened to."""
    api, heard_url = beside
    secrets, keys = drawn_keys(seed)
    server = valkey.prepare(directory / "valkey")
    supervision.start(Supervised("valkey", server.command, {}, directory))
    with redis.Redis.from_url(server.url, protocol=2) as client:
        wait_until(lambda: _pings(client), START_SECONDS, "Valkey answers")
    return Place(
        directory=directory,
        clock=Clock(directory),
        times=times,
        sandbox_port=sandbox.port,
        web_port=new_port(),
        redis_url=server.url,
        database_url=databases.opened(database, directory, supervision),
        secrets=secrets,
        keys=keys,
        thin_url=api.url,
        thin_token=f"klient:{thin_secret(seed)}",
        heard_url=heard_url,
    )


def _start_sandbox(place: Place, supervision: Supervision, sandbox: Sandbox, seed: int) -> None:
    supervision.start(sandbox.process(place.directory, place.environ, seed, place.times))
    wait_until(sandbox.ready, START_SECONDS, "the sandbox answers")
    sandbox.furnish()


def _start(contestant: Contestant, place: Place, supervision: Supervision) -> None:
    environ = contestant.environ()
    for name, command in contestant.commands().items():
        supervision.start(Supervised(name, command, environ, place.directory))
    wait_until(lambda: _ready(place), START_SECONDS, "the receiver answers")


def _ready(place: Place) -> bool:
    try:
        return httpx.get(f"{place.web}/readyz", trust_env=False, timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def _pings(client: Any) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


@contextmanager
def _interrupts() -> Iterator[None]:
    """A platform's TERM cleans up like Ctrl-C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the progress of a long run

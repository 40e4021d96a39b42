"""`relay demo` runs everything against the sandbox, with samples of every connector."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.local import demo_report, demo_setup
from worker.cli.local.demo_report import Ended
from worker.cli.local.demo_setup import DemoConnection, Letter, letters, ready_letter
from worker.cli.local.samples import post, signed
from worker.cli.local.signals import interruptible
from worker.cli.local.stack import Stack, started
from worker.cli.output import say, say_text, show
from worker.connectors import all_connectors
from worker.errors import ConfigError, RelayError, did_you_mean
from worker.sdk.connector import Connector
from worker.settings import load
from worker.store import Store, open_store

DIRECTORY = Path("var", "demo")
PATIENCE = 60.0
LOOK = 0.2
KEY_WIDTH = 32


class NotDelivered(RelayError):
    """Something of the demo did not get through."""


@click.command()
@click.option("--once", is_flag=True, help="Stop after the table. Fails unless everything sent was delivered.")
@click.option("--only", metavar="NAME", help="Send the samples of one connector.")
@pass_installation
def demo(installation: Installation, *, once: bool, only: str | None) -> None:
    """Run everything against the sandbox, send samples of every connector, and show the records that they made."""
    home = Path.cwd() / DIRECTORY
    found = demo_setup.demo_connections(_chosen(only))
    try:
        with interruptible():
            _run(home, installation, found, once=once)
    except KeyboardInterrupt:
        say("Stopped.")


def _chosen(only: str | None) -> Sequence[Connector]:
    known = {connector.name: connector for connector in all_connectors()}
    if only is not None and only not in known:
        raise ConfigError(f"there is no connector {only}; {did_you_mean(only, known)}")
    return list(known.values()) if only is None else [known[only]]


def _run(home: Path, installation: Installation, found: Sequence[DemoConnection], *, once: bool) -> None:
    say("Starting receiver, worker, scheduler, Flower, Redis and the sandbox …")
    environ = demo_setup.environment(home, installation.environ, found)
    demo_setup.install(home, found, environ)
    settings = load(environ)
    with started(settings, environ, with_sandbox=True) as stack:
        store = open_store(settings.database_url)
        sent = _deliver(store, stack, letters(found))
        _show(store, stack, found, sent)
        problem = _missing(demo_report.fates(store), sent)
        store.close()
        if once and problem:
            raise NotDelivered(problem)
        if not once:
            say_text(_addresses(stack))
            say(problem or "Everything got through.")
            _stay(stack)


def _deliver(store: Store, stack: Stack, waiting: Sequence[Letter]) -> int:
    """Until every event has ended. Answers how many were sent."""
    deadline, sent = time.monotonic() + PATIENCE, 0
    while time.monotonic() < deadline:
        stack.supervisor.check()
        busy = demo_report.unfinished(store)
        now = ready_letter(waiting, busy)
        sent += sum(_post(letter, stack) for letter in now)
        waiting = [letter for letter in waiting if letter not in now]
        if not now and not busy:
            break
        time.sleep(LOOK)
    return sent


def _post(letter: Letter, stack: Stack) -> int:
    url = f"{stack.web}/webhooks/{letter.demo_connection.connection}"
    request = signed(
        letter.case, letter.demo_connection.connector, url, letter.demo_connection.secret, datetime.now(UTC)
    )
    return len(post(request).events)


def _show(store: Store, stack: Stack, found: Sequence[DemoConnection], sent: int) -> None:
    keys = {each.connection: each.api_key for each in found}
    records = demo_report.made(store, f"{stack.sandbox}/api/v2", keys.__getitem__)
    fates = demo_report.fates(store)
    rows = [
        {"in Upsales": f"{record.resource} {record.id}", "which is": record.tells, "of": _short(record.keys)}
        for record in records
    ]
    show(rows, ("in Upsales", "which is", "of"), as_json=False)
    counts = ", ".join(f"{count} {status}" for status, count in sorted(Counter(each.status for each in fates).items()))
    say()
    say(f"{sent} events sent: {counts}.")


def _short(keys: Sequence[str]) -> str:
    return ", ".join(key if len(key) <= KEY_WIDTH else f"{key[: KEY_WIDTH - 1]}…" for key in keys)


def _missing(fates: Sequence[Ended], sent: int) -> str | None:
    """Why not everything got through, in one line."""
    wrong = [each for each in fates if each.status not in demo_report.GOOD]
    if wrong:
        first = f"{wrong[0].connection} {wrong[0].type} is {wrong[0].status}: {wrong[0].reason or 'no reason yet'}"
        return f"{len(wrong)} of {sent} events did not get through; the first: {first}"
    return f"{sent - len(fates)} of {sent} events are missing" if len(fates) < sent else None


def _addresses(stack: Stack) -> str:
    return "\n".join(
        (
            f"Sandbox   {stack.sandbox}",
            f"Receiver  {stack.web}",
            f"Flower    {stack.flower}   user relay, password {stack.flower_password}"
            if stack.flower_password
            else f"Flower    {stack.flower}",
            f"Metrics   {stack.console}/metrics",
            f"Look around in another terminal: RELAY_CONFIG={stack.settings.config} {_command()} events list",
            f"Send one of your own with the same RELAY_CONFIG: {_command()} send NAME my_case.json",
        )
    )


def _stay(stack: Stack) -> None:
    say("Ctrl-C stops everything.")
    sys.stdout.flush()
    while True:
        stack.supervisor.check()
        time.sleep(LOOK)


def _command() -> str:
    """`relay` as it was called: .venv/bin/relay where no environment is activated."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "relay" and called.parent.name else "relay"

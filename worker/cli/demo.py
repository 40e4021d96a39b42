"""`relay demo` runs everything against the sandbox, with samples of every connector."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.local import demo_report, demo_setup
from worker.cli.local.demo_comparison import compared, problem
from worker.cli.local.demo_mishaps import SCRIPT, Contest, Script, script_key
from worker.cli.local.demo_report import Ended, Made
from worker.cli.local.demo_setup import DemoConnection, Letter, letters, ready_letter
from worker.cli.local.demo_story import ACCOUNT, COMPANY, PERSON, SCRIPT_ACCOUNT, story
from worker.cli.local.sample_fields import custom_fields
from worker.cli.local.samples import post, signed
from worker.cli.local.sandbox_control import SandboxControl
from worker.cli.local.signals import interruptible
from worker.cli.local.stack import Stack, sandbox_api, started
from worker.cli.output import say, say_text, show
from worker.connectors import all_connectors
from worker.errors import ConfigError, RelayError, did_you_mean
from worker.sdk.connector import Connector
from worker.settings import load
from worker.store import Store, open_store
from worker.store.db.statuses import WELL

DIRECTORY = Path("var", "demo")
PATIENCE = 60.0
LOOK = 0.2


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
            _run(home, installation, found, once=once, whole=only is None)
    except KeyboardInterrupt:
        say("Stopped.")


def _chosen(only: str | None) -> Sequence[Connector]:
    known = {connector.name: connector for connector in all_connectors()}
    if only is not None and only not in known:
        raise ConfigError(f"there is no connector {only}; {did_you_mean(only, known)}")
    return list(known.values()) if only is None else [known[only]]


def _run(home: Path, installation: Installation, found: Sequence[DemoConnection], *, once: bool, whole: bool) -> None:
    """`whole`: with the story of one customer, and what goes wrong in it."""
    say("Starting receiver, worker, scheduler, console, Flower, Redis and the sandbox …")
    told = story() if whole else None
    everything = [*found, *(told.connections if told else ())]
    environ = demo_setup.environment(home, installation.environ, everything)
    key = script_key()
    environ["SANDBOX_KEYS"] += f",{SCRIPT}={key}@{SCRIPT_ACCOUNT}"
    demo_setup.install(home, everything, environ)
    settings = load(environ)
    with started(settings, environ, with_sandbox=True, sandbox_options=["--faults"]) as stack:
        store = open_store(settings.database_url)
        script = Script(sandbox_api(stack.settings), key)
        sandbox = SandboxControl(stack.sandbox)
        sandbox.add_fields(demo_setup.SAMPLES_ACCOUNT, custom_fields(each.connector for each in found))
        contest = Contest(stack, store, told, script, sandbox) if told else None
        if contest:
            _tell(contest)
        sent = _deliver(store, stack, letters(found))
        samples, all_of_them = ([each.connection for each in some] for some in (found, everything))
        wrong = _ended_badly(demo_report.fates(store, all_of_them)) or _missing(demo_report.fates(store, samples), sent)
        _show(store, stack, found, sent)
        if contest:
            wrong = _compare(contest) or wrong
        store.close()
        if once and wrong:
            raise NotDelivered(wrong)
        if not once:
            say_text(_addresses(stack))
            say(wrong or "Everything got through.")
            _stay(stack)


def _tell(contest: Contest) -> None:
    say()
    say(f"One customer, told by four systems: {PERSON} of {COMPANY}. What Upsales has after each webhook:")
    contest.tell()
    say()
    say(
        "Then three things go wrong, each with an order of its own. A script that searches, then writes, gets the same:"
    )
    contest.twice()
    contest.cut()
    contest.killed()
    say()
    say("While the relay finds out what became of that order, the samples of every connector:")


def _compare(contest: Contest) -> str | None:
    """Counted in the sandbox, in the account of each. Answers what is wrong with the relay's."""
    relay, script = (contest.sandbox.holding(account) for account in (ACCOUNT, SCRIPT_ACCOUNT))
    rows = compared(relay, script)
    say()
    say("The same minute, by the relay and by the script. One of each is right:")
    columns = ("of one customer", "upsales-relay", "the script")
    show([dict(zip(columns, astuple(row), strict=True)) for row in rows], columns, as_json=False)
    say()
    return problem(relay, rows)


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
    records = demo_report.made(store, f"{stack.sandbox}/api/v2", keys)
    fates = demo_report.fates(store, list(keys))
    show_records(records)
    counts = ", ".join(f"{count} {status}" for status, count in sorted(Counter(each.status for each in fates).items()))
    say()
    say(f"{sent} events sent: {counts}.")


def show_records(records: Iterable[Made]) -> None:
    rows = [
        {"in Upsales": f"{each.resource} {each.id}", "which is": each.tells, "told by": each.connections}
        for each in records
    ]
    show(rows, ("in Upsales", "which is", "told by"), as_json=False)


def _ended_badly(fates: Sequence[Ended]) -> str | None:
    """Why not everything got through, in one line."""
    wrong = [each for each in fates if each.status not in WELL]
    if wrong:
        first = f"{wrong[0].connection} {wrong[0].type} is {wrong[0].status}: {wrong[0].reason or 'no reason yet'}"
        return f"{len(wrong)} of {len(fates)} events did not get through; the first: {first}"
    return None


def _missing(fates: Sequence[Ended], sent: int) -> str | None:
    return f"{sent - len(fates)} of {sent} events are missing" if len(fates) < sent else None


def _addresses(stack: Stack) -> str:
    return "\n".join(
        (
            f"Sandbox   {stack.sandbox}",
            f"Receiver  {stack.web}",
            f"Flower    {stack.flower}   user relay, password {stack.flower_password}"
            if stack.flower_password
            else f"Flower    {stack.flower}",
            f"Console   {stack.console}   token {stack.console_token}; metrics: /metrics",
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

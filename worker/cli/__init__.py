"""Defines the `relay` command, which loads each of its commands when it is asked for."""

from __future__ import annotations

import os

import click

from worker.cli.context import Installation
from worker.cli.group import Lazy, RelayGroup

COMMANDS = {
    "up": Lazy("worker.cli.up:up", "Run everything on this machine, until Ctrl-C."),
    "demo": Lazy("worker.cli.demo:demo", "Run everything against the sandbox, with samples of every connector."),
    "release": Lazy("worker.cli.release:release", "Bring the database's tables up to date."),
    "serve": Lazy("worker.cli.serve:serve", "Run the receiver alone, as the Procfile does."),
    "listen": Lazy("worker.cli.listen:listen", "Listen to senders that post nothing, as the Procfile does."),
    "console": Lazy("worker.cli.console:console", "Run the console alone: metrics of all processes."),
    "check": Lazy("worker.cli.check:check", "Check the settings, and nothing else."),
    "doctor": Lazy("worker.cli.doctor.command:doctor", "Look for what is missing or wrong."),
    "send": Lazy("worker.cli.send:send", "Sign a sample and post it to a running receiver."),
    "explain": Lazy(
        "worker.cli.explain:explain", "Show the exact calls that an event would make, without making them."
    ),
    "replay": Lazy("worker.cli.replay:replay", "Deliver ended events again."),
    "events": Lazy("worker.cli.events:events", "List events and show what became of them."),
    "dead": Lazy("worker.cli.dead:dead", "List, show, replay and drop dead letters."),
    "backfill": Lazy("worker.cli.backfill:backfill", "Bring in what a sender had before, from its API or a file."),
    "reconcile": Lazy(
        "worker.cli.reconcile:reconcile", "Compare what a sender has with Upsales, and repair what differs."
    ),
    "review": Lazy("worker.cli.review:review", "Decide about events that wait for a person."),
    "alerts": Lazy("worker.cli.alerts:alerts", "Show what is wrong and was; try whether people are told."),
    "connections": Lazy("worker.cli.connections:connections", "List, pause, resume and rebind connections."),
    "connectors": Lazy("worker.cli.connectors:connectors", "List connectors, make one, check them."),
    "capture": Lazy("worker.cli.capture:capture", "Write what a sender really posted into case files."),
    "calls": Lazy("worker.cli.calls:calls", "List the calls to Upsales."),
    "made": Lazy("worker.cli.made:made", "List the records that the relay made in Upsales."),
    "budget": Lazy("worker.cli.budget:budget", "Show how much of each key's call windows is used."),
    "forget": Lazy("worker.cli.forget:forget", "Show what is kept of a person, and erase it."),
    "audit": Lazy("worker.cli.audit:audit", "List what people did."),
    "compact": Lazy("worker.cli.compact:compact", "Give the disk back that an older SQLite file keeps."),
    "keys": Lazy("worker.cli.keys:keys", "Store, rotate and list API keys and signing secrets."),
}


@click.group(cls=RelayGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="upsales-relay", prog_name="relay")
def relay() -> None:
    """Webhooks in, Upsales records out: exactly once, in order, one API key per connection."""


OWNER_ONLY = 0o077
"""What is written by any command holds customers' data or secrets."""


def main() -> None:
    os.umask(OWNER_ONLY)
    relay(obj=Installation(os.environ))

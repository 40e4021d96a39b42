"""The `relay` command: its commands, each loaded when it is asked for, and errors as one line."""

from __future__ import annotations

import os

import click

from worker.commands.installation import Installation
from worker.commands.lazy import Lazy, RelayGroup

COMMANDS = {
    "up": Lazy("worker.commands.up:up", "Run everything on this machine, until Ctrl-C."),
    "demo": Lazy(
        "worker.commands.demo:demo", "Run everything against a simulated Upsales, with samples of every connector."
    ),
    "release": Lazy("worker.commands.release:release", "Bring the database's tables up to date."),
    "check": Lazy("worker.commands.check:check", "Read the settings, and nothing else."),
    "doctor": Lazy("worker.commands.doctor:doctor", "Look for what is missing or wrong."),
    "send": Lazy("worker.commands.send:send", "Sign a sample and post it to a running receiver."),
    "explain": Lazy("worker.commands.explain:explain", "Show the exact calls an event would make, making none."),
    "replay": Lazy("worker.commands.replay:replay", "Deliver ended events again."),
    "events": Lazy("worker.commands.events:events", "What came in, and what became of it."),
    "dead": Lazy("worker.commands.dead:dead", "Events that will not succeed without a person."),
    "review": Lazy("worker.commands.review:review", "Events that a person must decide."),
    "connections": Lazy("worker.commands.connections:connections", "Connections, and what keeps them from delivering."),
    "connectors": Lazy(
        "worker.commands.connectors:connectors", "The kinds of sender that are understood; how to add one."
    ),
    "capture": Lazy("worker.commands.capture:capture", "Write what a sender really posted as case files."),
    "calls": Lazy("worker.commands.calls:calls", "The journal of calls to Upsales."),
    "budget": Lazy("worker.commands.budget:budget", "How much of each key's call windows is used."),
    "keys": Lazy("worker.commands.keys:keys", "API keys and signing secrets."),
}


@click.group(cls=RelayGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="upsales-relay", prog_name="relay")
def relay() -> None:
    """Webhooks in, Upsales records out: exactly once, in order, one API key per connection."""


def main() -> None:
    relay(obj=Installation(os.environ))


if __name__ == "__main__":
    main()

"""Reads a file into a running backfill, for as long as it lasts."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from worker.cli.context import Installation
from worker.cli.output import say

if TYPE_CHECKING:
    from worker.delivery.backfill.files import FileReader
    from worker.settings import Connection

Command = TypeVar("Command", bound=Callable[..., Any])
BETWEEN = 0.25
"""Seconds between two looks whether it is some thing's turn."""


def file_options(command: Command) -> Command:
    """The command gets them as `file` and `columns`."""
    of_path = click.Path(exists=True, dir_okay=False, path_type=Path)
    columned: Any = click.option(
        "--columns",
        multiple=True,
        metavar="NAME=PATH",
        help="Of CSV: where in a payload a column belongs, such as E-mail=customer.email; can be repeated.",
    )(command)
    found: Command = click.option(
        "--file", type=of_path, metavar="FILE", help="An export: JSON lines, or CSV with a line of names."
    )(columned)
    return found


def carry_on(installation: Installation, connection: Connection, seq: int, reader: FileReader) -> None:
    """Until all of the file was taken, or somebody pauses or cancels it. Raises ConfigError for a line that can't be read."""
    from worker.delivery.backfill.feed import Feed
    from worker.store.batches import backfills, rows

    store, feed = installation.store, Feed(installation.store)

    def state() -> tuple[str, int, int]:
        with store.read() as conn:
            batch, found = rows.get(conn, seq), backfills.get(conn, seq)
        return ("cancelled", 0, 0) if batch is None or found is None else (batch.state, batch.counted, found.seen)

    name = f"b-{seq}"
    try:
        with click.progressbar(length=max(state()[1], 1), label="Reading", file=sys.stderr) as progress:
            while (stands := state())[0] == "running":
                progress.update(stands[2] - progress.pos)
                if not feed.step(connection, seq, reader):
                    time.sleep(BETWEEN)
    except KeyboardInterrupt:
        say(f"Interrupted. `relay backfill resume {name} --file {reader.path}` goes on.", err=True)
        raise
    ended, _, seen = state()
    say(f"{name} is {ended}: {seen} things were read, and workers deliver them.")

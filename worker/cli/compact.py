"""`relay compact` gives the disk back that an older SQLite file keeps for ever."""

from __future__ import annotations

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.output import say
from worker.cli.selection import agreed, yes_option
from worker.store.db import space

MEGABYTE = 1_000_000
SECONDS_A_GIGABYTE = 25
"""415 MB took 10 s on two shared cores; a slow disk takes longer."""


@click.command()
@yes_option
@pass_installation
def compact(installation: Installation, *, yes: bool) -> None:
    """Write a SQLite file anew without what is free in it; from then on it shrinks by itself."""
    before = space.room(installation.store)
    if before is None:
        say(
            "PostgreSQL does this by itself (autovacuum). VACUUM FULL, by its administrator, gives the disk back at once."
        )
        return
    held = before.size - before.free
    say(f"{installation.store.name}: {_megabytes(before.size)}, of which {_megabytes(before.free)} hold nothing.")
    if before.gives_back and not before.free:
        say("There is nothing to give back, and it shrinks by itself.")
        return
    seconds = max(1, round(held / 1e9 * SECONDS_A_GIGABYTE))
    say(
        f"It takes about {seconds} s and up to {_megabytes(2 * held)} of disk ({_megabytes(before.disk)} are left)."
        " Meanwhile webhooks are answered 503 after five seconds, which senders send again, and workers wait."
    )
    if not yes and not agreed("Compact it?"):
        return
    done = space.compact(installation.store)
    if done is not None:
        say(
            f"Done: {_megabytes(done[0].size)} before, {_megabytes(done[1].size)} now. It shrinks by itself from now on."
        )


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB"

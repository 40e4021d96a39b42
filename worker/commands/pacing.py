"""`--rate`: many events are delivered again one after the other, behind what comes in."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import click

from worker.store import Store, pacing
from worker.store.events import Event

USUAL = "20/min"
"""1 200 an hour, where a key may write 5 000 times (https://api.upsales.com)."""
RATE = re.compile(r"([1-9]\d{0,4})(/min)?")
TOGETHER = 500


def _a_minute(_ctx: click.Context, _param: click.Parameter, text: str) -> int:
    found = RATE.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text}: say how many a minute, such as {USUAL}.")
    return int(found[1])


rate_option = click.option(
    "--rate",
    "a_minute",
    metavar="N/min",
    default=USUAL,
    show_default=True,
    callback=_a_minute,
    help="At most so many of a connection, and none while something else waits.",
)


def one_after_the_other(store: Store, events: Sequence[Event], a_minute: int) -> int:
    """Answers how many; one that somebody else revived meanwhile is left as it is."""
    done = 0
    try:
        with click.progressbar(length=len(events), label="Replaying", file=sys.stderr) as progress:
            for start in range(0, len(events), TOGETHER):
                some = events[start : start + TOGETHER]
                done += pacing.again(store, [event.id for event in some], a_minute)
                progress.update(len(some))
    except KeyboardInterrupt:
        click.echo(f"Interrupted: {done} of {len(events)} were done.", err=True)
        raise
    return done

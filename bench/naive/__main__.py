"""Runs the same chaos on the naive integration and on the product, side by side.

`python -m bench.naive`.
"""

from __future__ import annotations

from collections.abc import Mapping

import click

from bench.naive.contestant import Naive
from tests.chaos.contestant import Enter
from tests.chaos.ordeal import Ordeal, Outcome
from tests.chaos.relay import Relay
from tests.chaos.report import table
from tests.chaos.run import run


@click.command()
@click.option("--seeds", default=1, show_default=True, help="How many, from 1.")
@click.option("--events", default=1000, show_default=True)
@click.option("--kills", default=10, show_default=True)
@click.option("--calm", is_flag=True, help="No kills and no wipes: only what goes wrong on an ordinary day.")
def main(seeds: int, events: int, kills: int, calm: bool) -> None:  # noqa: FBT001 - click's flags
    """Count what is lost, doubled or wrong."""
    contestants: Mapping[str, Enter] = {"naive": Naive, "upsales-relay": Relay}
    for name, contestant in contestants.items():
        outcomes: list[Outcome] = []
        for seed in range(1, seeds + 1):
            ordeal = Ordeal(
                seed=seed,
                events=events,
                kills=kills,
                database="sqlite",
                seconds=max(events / 25, 15.0),
                drain=180.0,
                calm=calm,
                bare=True,
            )
            click.echo(f"{name}: seed {seed}, {events} events, {0 if calm else kills} kills", err=True)
            outcomes.append(run(contestant, ordeal))
        click.echo(f"{name}\n" + "\n".join(table(outcomes)) + "\n")


if __name__ == "__main__":
    main()

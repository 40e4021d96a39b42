"""`python -m tests.chaos`: seed after seed, a line each. Exit code 1 when anything was lost, doubled or wrong."""

from __future__ import annotations

import sys

import click

from tests.chaos.databases import Kind
from tests.chaos.late import beyond_the_horizon
from tests.chaos.ordeal import Ordeal
from tests.chaos.relay import Relay
from tests.chaos.report import details, heading, row, total
from tests.chaos.run import run


class Seeds(click.ParamType[range]):
    """`5` for 1 to 5, or `6-12`."""

    name = "NUMBER|FROM-TO"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> range:
        first, dash, last = str(value).partition("-")
        if not (first.isdecimal() and (last.isdecimal() or not dash)):
            self.fail(f"{value!r} is neither a number, such as 5, nor a span, such as 6-12", param, ctx)
        return range(int(first), int(last) + 1) if dash else range(1, int(first) + 1)


@click.command()
@click.option("--seeds", type=Seeds(), default="5", show_default=True, help="How many, from 1, or which: 6-12.")
@click.option("--seed", "only", type=int, help="This one only.")
@click.option("--events", default=2000, show_default=True)
@click.option("--kills", default=20, show_default=True)
@click.option("--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--seconds", type=float, help="Over which events are sent and things are killed. [default: by events]")
@click.option("--drain", default=180.0, show_default=True, help="Seconds by which nothing may be left.")
@click.option("--keep", is_flag=True, help="Keep the logs of runs that fail.")
def main(
    seeds: range,
    only: int | None,
    events: int,
    kills: int,
    database: Kind,
    seconds: float | None,
    drain: float,
    keep: bool,  # noqa: FBT001 - click's flag
) -> None:
    """Kill everything, and count what is lost, doubled or wrong."""
    outcomes = []
    click.echo("\n".join(heading()))
    for seed in [only] if only is not None else seeds:
        ordeal = Ordeal(
            seed=seed,
            events=events,
            kills=kills,
            database=database,
            seconds=seconds or max(events / 25, 15.0),
            drain=drain,
        )
        click.echo(f"seed {seed}: {events} events, {kills} kills, {database}", err=True)
        outcome = run(Relay, ordeal, keep=keep)
        outcomes.append(outcome)
        click.echo(row(outcome))
        if not outcome.passed:
            click.echo("\n".join(details(outcome)), err=True)
    if len(outcomes) > 1:
        click.echo(total(outcomes))
    told = only is not None or _reported(database)
    sys.exit(0 if told and all(outcome.passed for outcome in outcomes) else 1)


def _reported(database: Kind) -> bool:
    click.echo("one create that Upsales carries out beyond the horizon", err=True)
    report = beyond_the_horizon(Relay, database)
    ids = " and ".join(map(str, report.records))
    click.echo(f"beyond the horizon: records {ids}; the event is in {report.status}: {report.reason}")
    return report.told


if __name__ == "__main__":
    main()

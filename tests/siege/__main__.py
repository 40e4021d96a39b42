"""`python -m tests.siege`: attack after attack, a line each. Exit code 1 when an honest request was not accepted."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from tests.siege.attacks import ATTACKS, Attack
from tests.siege.receiver import serving
from tests.siege.run import Outcome, besiege
from worker.cli.local.receiver import raise_file_limit

NOBODY = Attack("nobody", lambda _port, _answers: iter([None]), 5)


@click.command()
@click.option("--only", default="", help="Attacks whose name has this in it.")
def main(only: str) -> None:
    """Attack the receiver as the Procfile starts it, with a fresh SQLite database, and send honest requests beside."""
    raise_file_limit()
    chosen = [NOBODY, *(attack for attack in ATTACKS if only in attack.name)]
    click.echo("| attack | honest: accepted | p50 ms | p99 ms | its own requests, by answer | MB more | log lines |")
    click.echo("|---|---|---|---|---|---|---|")
    outcomes = []
    for attack in chosen:
        with tempfile.TemporaryDirectory(prefix="relay-siege-") as name, serving(Path(name)) as receiver:
            outcome = besiege(receiver, attack)
        click.echo(row(outcome))
        outcomes.append(outcome)
    sys.exit(0 if all(outcome.accepted for outcome in outcomes) else 1)


def row(outcome: Outcome) -> str:
    replies = [*outcome.honest, *outcome.after]
    accepted = sum(reply.status == "202" for reply in replies)
    cells = (
        outcome.attack, f"{accepted} of {len(replies)}", f"{outcome.percentile(0.5):.0f}", f"{outcome.percentile(0.99):.0f}",
        _counted(outcome.answers.items()), f"{outcome.grown:.0f}", str(max(outcome.lines, 0)),
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _counted(answers: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{status}: {count}" for status, count in Counter(dict(answers)).most_common()) or "none"


if __name__ == "__main__":
    main()

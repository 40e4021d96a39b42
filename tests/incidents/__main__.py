"""`python -m tests.incidents`: incident after incident, a line each. Exit code 1 when one was not told, or cost an event."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from tests.incidents.incidents import incidents
from tests.incidents.play import Played, play
from tests.incidents.site import standing


@click.command()
@click.option("--only", default="", help="Incidents whose name has this in it.")
def main(only: str) -> None:
    """Play the incidents of docs/operations.md against the Procfile's processes, on PostgreSQL."""
    click.echo(
        "| incident | /metrics after, s | relay doctor after, s | alert after, s | mended by | delivered again after, s | lost | twice |"
    )
    click.echo("|---|---|---|---|---|---|---|---|")
    played = []
    for incident in incidents():
        if only in incident.name:
            # PostgreSQL runs as another user.
            with tempfile.TemporaryDirectory(prefix="relay-incident-", ignore_cleanup_errors=True) as name:
                Path(name).chmod(0o755)
                with standing(Path(name)) as (site, told):
                    outcome = play(incident, site, told)
            click.echo(row(outcome))
            played.append(outcome)
    for outcome in played:
        for line in outcome.wrong:
            click.echo(f"{outcome.incident.name}: {line}", err=True)
    sys.exit(1 if any(outcome.wrong for outcome in played) else 0)


def row(outcome: Played) -> str:
    incident = outcome.incident
    cells = (
        incident.name, _seconds(outcome.metric), _seconds(outcome.doctor),
        _seconds(outcome.alert) if incident.alert else f"none can be stored; `/readyz` after {_seconds(outcome.unready)}", incident.mend, _seconds(outcome.mended),
        str(outcome.lost), str(outcome.twice),
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _seconds(found: float | None) -> str:
    return "not told" if found is None else f"{found:.0f}"


if __name__ == "__main__":
    main()

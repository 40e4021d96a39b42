"""`relay release` brings the database's tables up to date before the new program starts."""

from __future__ import annotations

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.output import say


@click.command()
@pass_installation
def release(installation: Installation) -> None:
    """Bring the database's tables up to date. Safe to run again, and by several at once."""
    from worker.store.db.migrate import migrate

    name, upgrade = installation.opened_store.name, migrate(installation.opened_store)
    if upgrade.before == upgrade.after:
        say(f"{name} is at revision {upgrade.after}: nothing to do.")
    else:
        say(f"{name}: revision {upgrade.before or 'none, no tables yet'} -> {upgrade.after}.")

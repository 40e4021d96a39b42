"""`relay connectors accept` writes the plans that cases give now as the expected ones."""

from __future__ import annotations

from pathlib import Path

import click

from worker.cli.output import say, say_text
from worker.devkit.accept import accept as accepted
from worker.devkit.accept import add_case
from worker.devkit.capture.capture import read_capture
from worker.devkit.conformance.paths import is_fixed, subject_of
from worker.devkit.load import found
from worker.errors import ConfigError

File = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("connector", required=False, metavar="[NAME|DIRECTORY]")
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@click.option("--from", "files", type=File, multiple=True, help="A captured request that becomes a case.")
def accept(connector: str | None, cases: tuple[str, ...], files: tuple[Path, ...]) -> None:
    """Write the expected plans anew, and show what changes; review it as you would any change of code."""
    if files and connector is None:
        raise ConfigError("name the connector that the captured requests are for")
    changes = 0
    for each, paths in found([connector] if connector else []):
        if is_fixed(each):
            raise ConfigError(f"{each.name} belongs to the installed relay: change its cases in the source tree")
        subject = subject_of(each, paths)
        added = [add_case(read_capture(file), subject, paths) for file in files]
        for one in accepted(subject_of(each, paths), paths, [*cases, *added]):
            if one.difference:
                changes += 1
                say_text(f"{one.path}\n{one.difference}\n")
    say(f"{changes} changed." if changes else "Nothing changed.")

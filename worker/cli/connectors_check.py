"""`relay connectors check` runs the cases of connectors, and the rules that all keep."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click

from worker.cli.output import json_option, print_json, say
from worker.devkit.conformance import RULES, Problem, check_subject
from worker.devkit.conformance.paths import Paths, subject_of
from worker.devkit.load import found
from worker.sdk.connector import Connector


@dataclass(frozen=True, slots=True)
class Checked:
    name: str
    cases: int
    seconds: float
    problems: Sequence[Problem]


@click.command()
@click.argument("connectors", nargs=-1, metavar="[NAME|DIRECTORY]...")
@json_option
def check(connectors: tuple[str, ...], *, as_json: bool) -> None:
    """Run the cases of connectors, and the rules that all keep. If none is named, all connectors are checked.

    A DIRECTORY is that of a package with a pyproject.toml; it need not be installed.
    """
    checked = [_checked(connector, paths) for connector, paths in found(connectors)]
    if as_json:
        print_json([asdict(each) | {"rules": len(RULES)} for each in checked])
    else:
        for each in checked:
            tell(each)
    if any(each.problems for each in checked):
        raise click.exceptions.Exit(1)


def _checked(connector: Connector, paths: Paths) -> Checked:
    started = time.perf_counter()
    subject = subject_of(connector, paths)
    problems = check_subject(subject)
    return Checked(connector.name, len(subject.cases), time.perf_counter() - started, problems)


def tell(checked: Checked) -> None:
    count = len(checked.problems)
    cases = "1 case" if checked.cases == 1 else f"{checked.cases} cases"
    say(f"{checked.name}: {cases}, {len(RULES)} rules, {checked.seconds:.2f} s: ", nl=False)
    if count:
        say("1 problem" if count == 1 else f"{count} problems", fg="red")
    else:
        say("all well", fg="green")
    for problem in checked.problems:
        say()
        say(f"  {problem.where}", nl=False, bold=True)
        say(f"  {problem.rule.replace('_', ' ')}")
        for line in problem.what.splitlines():
            say(f"    {line}", fg={"+": "green", "-": "red"}.get(line[:1]))
        say(f"    → {problem.mend}")
    if count:
        say()

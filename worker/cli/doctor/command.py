"""`relay doctor` names what is missing or wrong, each with what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.doctor.account import account, upsales
from worker.cli.doctor.connection import connection
from worker.cli.doctor.facts import Facts
from worker.cli.doctor.findings import EXIT_CODES, Finding, sorted_by_level, worst
from worker.cli.doctor.gather import gather
from worker.cli.doctor.installation import installation as shared
from worker.cli.options import by_option
from worker.cli.output import json_option, show
from worker.errors import ConfigError
from worker.store.people.audit import Actor

COLUMNS = ("what", "level", "says")


@click.command()
@click.option("--offline", is_flag=True, help="Don't ask Upsales: nothing is said about keys, accounts and names.")
@click.option(
    "--fix",
    is_flag=True,
    help="Make the custom fields for the marker that are missing in Upsales. Needs settings and keys, nothing else.",
)
@click.option(
    "--matching",
    is_flag=True,
    help="Also count the companies that differ in their legal form only. Reads all of them, a thousand a call.",
)
@by_option
@json_option
@pass_installation
def doctor(installation: Installation, *, offline: bool, fix: bool, matching: bool, by: str, as_json: bool) -> None:
    """Look for what is missing or wrong: settings, database, Redis, processes, keys, secrets, and settings that do not fit Upsales.

    The exit code is 0 if all is fine, 1 if something is wrong, and 3 if there is something to look at, or something could not be checked.
    """
    for option in ("--fix",) * fix + ("--matching",) * matching:
        if offline:
            raise ConfigError(f"{option} asks Upsales: leave --offline out")
    facts = gather(installation, offline=offline, fix=Actor(by, "command") if fix else None)
    findings = sorted_by_level((*judged(facts), *(_matching(installation, facts) if matching else ())))
    rows = [{"what": each.what, "level": each.level, "says": each.says} for each in findings]
    show(rows, COLUMNS, as_json=as_json)
    _end(EXIT_CODES[worst(findings)])


def judged(facts: Facts) -> Iterator[Finding]:
    yield from shared(facts)
    yield from upsales(facts)
    for found in facts.connections:
        yield from connection(facts, found)
        yield from account(facts, found)


def _matching(installation: Installation, facts: Facts) -> Iterator[Finding]:
    from worker.cli.doctor.matching import matching

    yield from matching(installation, facts)


def _end(code: int) -> None:
    if code:
        sys.exit(code)

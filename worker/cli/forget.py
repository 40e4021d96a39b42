"""`relay forget` shows what is kept of a person, and erases it."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.output import json_option, print_json, say, show
from worker.cli.selection import number
from worker.errors import ConfigError
from worker.store.privacy import erasures
from worker.store.privacy.erasures import Erasure
from worker.store.privacy.forget import ForgetPlan, Forgotten, execute, plan
from worker.store.privacy.traces import RecordId

WORD = "ERASE"
SHOWN = 20
TOLD_EVERY = 10_000
LISTED = 100
COLUMNS = ("id", "begun", "done", "by", "why", "rows")


def _by(_ctx: click.Context, _param: click.Parameter, name: str | None) -> str:
    if name and name.strip():
        return name.strip()
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user may have no name.
        return f"uid {os.getuid()}"


@click.command()
@click.argument("whom", required=False)
@click.option("--why", help="Why; kept as proof, so it must not name the person.")
@click.option("--by", callback=_by, help="Who has it done; kept as proof. Without it: the user of this machine.")
@click.option("--yes", is_flag=True, help="Erase without asking.")
@click.option("--list", "as_list", is_flag=True, help="Show what was erased so far: when, by whom and why.")
@json_option
@pass_installation
def forget(
    installation: Installation,
    /,
    whom: str | None,
    *,
    why: str | None,
    by: str,
    yes: bool,
    as_list: bool,
    as_json: bool,
) -> None:
    """Show what is kept of a person, and erase it after asking.

    WHOM is an e-mail address, or a subject as `relay events list` shows it; - reads it from standard input. Upsales is left to people.
    """
    if as_list:
        _list(installation, as_json=as_json)
        return
    if not whom or not (why or "").strip():
        raise click.UsageError("say whom to forget, and --why (or --list).")
    told = sys.stdin.readline().strip() if whom == "-" else whom
    lag = installation.settings.upsales.search_lag
    planned = plan(installation.store, told, _Told(quiet=as_json), search_lag=lag)
    if not as_json:
        _show(planned)
    if planned.empty or planned.obstacles:
        _nothing_erased(planned, as_json=as_json)
        return
    if not yes and not _agreed():
        raise ConfigError("nothing was erased")
    done = execute(installation.store, planned, by=by, why=str(why).strip(), progress=_Told(quiet=as_json))
    if as_json:
        print_json({**_facts(planned), "erasure": _proof(done.proof), "wiped": done.wiped})
    else:
        _tell(planned, done)


def _nothing_erased(planned: ForgetPlan, *, as_json: bool) -> None:
    """Exit code 2 where something has to end first."""
    if as_json:
        print_json({**_facts(planned), "erasure": None})
    if planned.obstacles:
        more = len(planned.obstacles) - SHOWN
        for each in () if as_json else planned.obstacles[:SHOWN]:
            say(f"In the way: {each.what}; {each.ends}.", err=True)
        if more > 0 and not as_json:
            say(f"And {more} more.", err=True)
        raise ConfigError(f"nothing was erased: {number(len(planned.obstacles), 'thing')} must end first")


def _agreed() -> bool:
    """Raises ConfigError where nobody can be asked."""
    try:
        typed = click.prompt(f"This can't be undone. Type {WORD} to erase it", default="", show_default=False, err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise ConfigError("nobody is there to be asked, and nothing was erased: give --yes") from None
    return bool(typed == WORD)


def _show(planned: ForgetPlan) -> None:
    for each in planned.before:
        if each.done_at is None:
            say(f"An erasure was begun at {each.begun_at:%Y-%m-%d %H:%M:%SZ} and did not end: it goes on.")
        else:
            say(f"Erased before, at {each.done_at:%Y-%m-%d %H:%M:%SZ} by {each.by}.")
    if planned.empty:
        say("Nothing is kept of this person.")
        return
    others = len(planned.found.person.addresses) - 1
    if others > 0:
        say(
            f"The subject's records have {number(others + 1, 'address')}; all of them are looked for.".replace(
                "addresss", "addresses"
            )
        )
    show(
        [{"table": table, "rows": rows} for table, rows in planned.counts.items() if rows],
        ("table", "rows"),
        as_json=False,
        empty="Only an interrupted erasure is left to be ended.",
    )
    if planned.events:
        rows = [{"event": e.id, "connection": e.connection, "type": e.type, "status": e.status} for e in planned.events]
        say()
        show(rows[:SHOWN], ("event", "connection", "type", "status"), as_json=False)
        if len(rows) > SHOWN:
            say(f"And {len(rows) - SHOWN} more events; --json shows all.")
    say()
    _show_upsales(planned)


def _show_upsales(planned: ForgetPlan) -> None:
    if planned.own:
        say(f"Records of this person in Upsales: {_named(planned.own)}")
    if planned.mentioning:
        say(f"Records in Upsales that name this person: {_named(planned.mentioning)}")
    if planned.own or planned.mentioning:
        say("The relay changes nothing in Upsales. People erase or keep these records there.")


def _named(records: Sequence[RecordId]) -> str:
    several = len({each.account for each in records}) > 1
    shown = [f"{each.resource} {each.id}" + (f" (account {each.account})" if several else "") for each in records]
    return ", ".join(shown)


def _tell(planned: ForgetPlan, done: Forgotten) -> None:
    rows = sum(done.proof.counts.values())
    say(f"Erased: {number(rows, 'row')}. Proof: erasure {done.proof.id}, by {done.proof.by}.")
    if not done.wiped:
        say("A reader kept the SQLite log open: its old pages go with the next upkeep, within minutes.")
    if planned.own or planned.mentioning:
        say("Still there: the records in Upsales that are named above.")
    say("Not reached: backups, logs of a proxy, the sender. See docs/privacy.md.")


def _facts(planned: ForgetPlan) -> dict[str, Any]:
    return {
        "counts": dict(planned.counts),
        "events": [
            {"id": e.id, "connection": e.connection, "type": e.type, "status": e.status} for e in planned.events
        ],
        "upsales": {"own": _records(planned.own), "mentioning": _records(planned.mentioning)},
        "obstacles": [
            {"kind": each.kind, "id": each.id, "what": each.what, "ends": each.ends} for each in planned.obstacles
        ],
        "before": [_proof(each) for each in planned.before],
    }


def _records(records: Sequence[RecordId]) -> list[dict[str, Any]]:
    return [each._asdict() for each in records]


def _proof(erasure: Erasure) -> Mapping[str, Any]:
    return {
        "id": erasure.id,
        "begun": erasure.begun_at,
        "done": erasure.done_at,
        "by": erasure.by,
        "why": erasure.why,
        "counts": dict(erasure.counts),
    }


def _list(installation: Installation, *, as_json: bool) -> None:
    with installation.store.read() as conn:
        found = [_proof(each) for each in erasures.listed(conn, LISTED)]
    rows = [{**each, "rows": sum(each["counts"].values())} for each in found]
    show(rows, COLUMNS, as_json=as_json, empty="Nobody was erased yet.")


class _Told:
    """Says now and then how far a long search is."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._said = 0

    def __call__(self, table: str, rows: int) -> None:
        step = rows // TOLD_EVERY
        if not self._quiet and step and step != self._said:
            say(f"{table}: {rows} rows looked through", err=True)
        self._said = step

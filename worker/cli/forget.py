"""`relay forget` shows what is kept of a person, and erases it."""

from __future__ import annotations

import sys

import click

from worker.admin.forget import erase
from worker.admin.forgetting import WORD
from worker.cli.context import Installation, pass_installation
from worker.cli.forget_report import SHOWN, Progress, plan_facts, proof_facts, show_plan, tell
from worker.cli.options import by_option
from worker.cli.output import json_option, print_json, say, show
from worker.cli.selection import number
from worker.errors import ConfigError
from worker.store.people.audit import Actor
from worker.store.privacy import erasures
from worker.store.privacy.forget import ForgetPlan, plan

LISTED = 100
COLUMNS = ("id", "begun", "done", "by", "why", "rows")


@click.command()
@click.argument("whom", required=False)
@click.option("--why", help="Why; kept as proof, so it must not name the person.")
@by_option
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

    WHOM is an e-mail address, a phone number (`+46…`), or a subject as `relay events list` shows it; - reads it from standard input. Upsales is left to people.
    """
    if as_list:
        _list(installation, as_json=as_json)
        return
    if not whom or not (why or "").strip():
        raise click.UsageError("say whom to forget, and --why (or --list).")
    told = sys.stdin.readline().strip() if whom == "-" else whom
    lag = installation.settings.upsales.search_lag
    planned = plan(installation.store, told, Progress(quiet=as_json), search_lag=lag)
    if not as_json:
        show_plan(planned)
    if planned.empty or planned.obstacles:
        _nothing_erased(planned, as_json=as_json)
        return
    if not yes and not _agreed():
        raise ConfigError("nothing was erased")
    actor, progress = Actor(by, "command"), Progress(quiet=as_json)
    done = erase(installation.store, planned, actor, str(why).strip(), progress=progress)
    if as_json:
        print_json({**plan_facts(planned), "erasure": proof_facts(done.proof), "wiped": done.wiped})
    else:
        tell(planned, done)


def _nothing_erased(planned: ForgetPlan, *, as_json: bool) -> None:
    """Exit code 2 where something has to end first."""
    if as_json:
        print_json({**plan_facts(planned), "erasure": None})
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


def _list(installation: Installation, *, as_json: bool) -> None:
    with installation.store.read() as conn:
        found = [proof_facts(each) for each in erasures.listed(conn, LISTED)]
    rows = [{**each, "rows": sum(each["counts"].values())} for each in found]
    show(rows, COLUMNS, as_json=as_json, empty="Nobody was erased yet.")

"""`relay backfill` brings in what a sender had before, from its API or from a file."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli.backfill_file import carry_on, file_options
from worker.cli.backfill_shown import show_foreseen, show_status
from worker.cli.context import Installation, pass_installation
from worker.cli.options import RATE, by_option, since_option, why_option
from worker.cli.output import json_option, say
from worker.cli.selection import agreed, yes_option
from worker.errors import ConfigError

if TYPE_CHECKING:
    from worker.delivery.backfill.files import FileReader
    from worker.delivery.backfill.foresee import Foreseen
    from worker.settings import Connection
    from worker.sources.ports import Reader

USUAL = "300/min"
"""More than a key may write in an hour: the budget, of which live events have the first part, is what slows it down."""
ACTS = ("pause", "resume", "cancel")


class WithStart(click.Group):
    """What is no command of it is a connection to start with."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["start", *args]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or self.commands["start"]


def _a_minute(_ctx: click.Context, _param: click.Parameter, text: str) -> int:
    found = RATE.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text}: say how many a minute, such as {USUAL}.")
    return int(found[1])


@dataclass(frozen=True, slots=True)
class What:
    """What is to be read, and by whom."""

    connection: Connection
    reader: Reader
    kinds: Sequence[str]
    since: datetime | None
    file: FileReader | None


@click.group(cls=WithStart)
def backfill() -> None:
    """Bring in what a sender had before: `relay backfill CONNECTION`. See `relay backfill start --help`."""


@backfill.command()
@click.argument("connection")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only these kinds of things; can be repeated.")
@since_option
@file_options
@click.option("--dry-run", is_flag=True, help="Say exactly what it would do, and do nothing.")
@click.option("--no-plan", is_flag=True, help="Begin without counting what it will do.")
@click.option(
    "--one-by-one",
    is_flag=True,
    help="For the plan, look each thing up; else all companies, contacts and orders are read, 1000 a call.",
)
@click.option(
    "--rate",
    "a_minute",
    metavar="N/min",
    default=USUAL,
    show_default=True,
    callback=_a_minute,
    help="At most so many things, and none while a live event waits.",
)
@json_option
@why_option
@by_option
@yes_option
@pass_installation
def start(
    installation: Installation,
    connection: str,
    *,
    kinds: tuple[str, ...],
    since: datetime | None,
    file: Path | None,
    columns: tuple[str, ...],
    dry_run: bool,
    no_plan: bool,
    one_by_one: bool,
    a_minute: int,
    as_json: bool,
    why: str | None,
    by: str,
    yes: bool,
) -> None:
    """Read everything that a sender has, or a file of it, through the same mapping as its webhooks.

    It is counted and planned first, and nothing is done before you agree. What runs goes on in the workers; a file is read here.
    """
    if dry_run and no_plan:
        raise ConfigError("--dry-run is the plan, and --no-plan leaves it out: give one of them")
    what = _what(installation, connection, kinds, since, file, columns)
    foreseen = None if no_plan else _foreseen(installation, what, all_at_once=not one_by_one, tell=not as_json)
    if foreseen is not None:
        show_foreseen(foreseen, installation.settings.upsales, a_minute, as_json=as_json)
    if dry_run or (foreseen is not None and not foreseen.events and _nothing(foreseen)):
        return
    if not (yes or agreed("Go on?")):
        return
    seq = _begin(installation, what, foreseen, a_minute, by, why)
    if what.file is not None:
        carry_on(installation, what.connection, seq, what.file)


@backfill.command()
@click.argument("batch", required=False)
@json_option
@pass_installation
def status(installation: Installation, batch: str | None, *, as_json: bool) -> None:
    """How far backfills are: those that go on, or one."""
    show_status(installation, batch, as_json=as_json)


def _act(name: str, told: str) -> click.Command:
    @click.argument("batch")
    @why_option
    @by_option
    @pass_installation
    def act(installation: Installation, batch: str, *, why: str | None, by: str) -> None:
        from worker.admin import batches
        from worker.admin.batch_views import seq_of
        from worker.store.people.audit import Actor

        done = getattr(batches, name)(installation.store, Actor(by, "command"), seq_of(batch), why=why)
        say(f"{done.batch.id} is {done.batch.state}.")

    act.__doc__ = told
    return backfill.command(name)(act)


_act("pause", "Take nothing more for now. What was taken goes on.")
_act("cancel", "End it. What nobody has begun is taken back; what was done stays.")


@backfill.command()
@click.argument("batch")
@file_options
@why_option
@by_option
@pass_installation
def resume(
    installation: Installation, batch: str, *, file: Path | None, columns: tuple[str, ...], why: str | None, by: str
) -> None:
    """Go on after a pause. One that reads a file, after whatever stopped it, with the same file."""
    from worker.admin import batches
    from worker.admin.batch_views import seq_of
    from worker.delivery.backfill.files import reader_of
    from worker.store.batches import backfills
    from worker.store.people.audit import Actor

    seq = seq_of(batch)
    with installation.store.read() as conn:
        found = backfills.get(conn, seq)
    if found is None:
        raise ConfigError(f"there is no backfill {batch}; see `relay backfill status`")
    if found.file is not None and file is None:
        raise ConfigError(f"{batch} reads {found.file}: give it again with --file, and its --columns")
    connection = installation.connection(found.connection)
    reader = None if file is None else reader_of(connection.connector, file, found.kinds[0], columns)
    if reader is not None and reader.digest != found.digest:
        raise ConfigError(
            f"{file} is not the file with which {batch} began: begin another one, which leaves out what is done"
        )
    done = batches.resume(installation.store, Actor(by, "command"), seq, why=why)
    say(f"{done.batch.id} is {done.batch.state}.")
    if reader is not None:
        carry_on(installation, connection, seq, reader)


def _what(
    installation: Installation,
    name: str,
    kinds: Sequence[str],
    since: datetime | None,
    file: Path | None,
    columns: Sequence[str],
) -> What:
    from worker.delivery.backfill import items
    from worker.delivery.backfill.files import reader_of

    connection = installation.connection(name)
    if file is None:
        if columns:
            raise ConfigError("--columns is for a file: name it by --file")
        read = items.kinds_to_read(connection.connector, kinds)
        return What(connection, installation.runtime.readers(connection), read, since, None)
    if since is not None:
        raise ConfigError("--since is for the sender's API; a file is read whole")
    kind = items.kind_of_file(connection.connector, kinds)
    reader = reader_of(connection.connector, file, kind, columns)
    if connection.connector.source is not None:
        reader.source = installation.runtime.readers(connection)
    return What(connection, reader, [kind], None, reader)


def _foreseen(installation: Installation, what: What, *, all_at_once: bool, tell: bool) -> Foreseen:
    from worker.delivery.backfill.foresee import foresight
    from worker.upsales.copied import CopiedUpsales

    begun = time.monotonic()

    def told(number: int) -> None:
        nonlocal begun
        if tell and time.monotonic() - begun > 2:
            begun = time.monotonic()
            say(f"{number} things looked at.", err=True)

    upsales = installation.runtime.binding.clients.of(what.connection).on_behalf(None, behind=True)
    crm = CopiedUpsales(upsales) if all_at_once else upsales
    made = foresight(installation.store, installation.live_settings, what.connection, crm)
    return made.of(what.reader, what.kinds, what.since, told)


def _nothing(_foreseen: Foreseen) -> bool:
    say("Nothing is left to bring in.", err=True)
    return True


def _begin(
    installation: Installation, what: What, foreseen: Foreseen | None, a_minute: int, by: str, why: str | None
) -> int:
    from ulid import ULID

    from worker.admin.batch_views import name_of
    from worker.store.batches import backfills
    from worker.store.people import audit
    from worker.store.people.audit import Actor

    asked = backfills.Asked(
        connection=what.connection.name,
        kinds=what.kinds,
        since=what.since,
        file=None if what.file is None else what.file.path.name,
        digest=None if what.file is None else what.file.digest,
        counted=0 if foreseen is None else foreseen.total,
        a_minute=a_minute,
        by=by,
        why=why or "by command",
        key=str(ULID()),
    )
    with installation.store.write() as conn:
        seq = backfills.start(conn, asked)
        told = f"backfill of {what.connection.name}, {asked.counted} things, {a_minute}/min"
        audit.record(conn, Actor(by, "command"), "start", f"batch/{name_of(seq)}", why=asked.why, outcome=told)
    name = name_of(seq)
    say(f"{name} runs. `relay backfill status {name}` says how far it is; pause, resume and cancel take {name}, too.")
    return seq

"""Shows what a backfill would do, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from worker.cli.context import Installation
from worker.cli.output import print_json, say, show
from worker.cli.selection import number

if TYPE_CHECKING:
    from worker.delivery.backfill.foresee import Foreseen
    from worker.settings import Upsales

COLUMNS = ("record", "made", "adopted", "changed", "left")
STATUS = (
    "id",
    "connection",
    "state",
    "kind",
    "seen",
    "of",
    "known",
    "left_out",
    "delivered",
    "waiting",
    "review",
    "dead",
    "trouble",
)
SHOWN = 10
CALLED = {"account": "company", "phoneCall": "phone call", "agreement": "subscription"}


def show_foreseen(foreseen: Foreseen, settings: Upsales, a_minute: int, *, as_json: bool) -> None:
    minutes = foreseen.minutes(settings, a_minute)
    if as_json:
        print_json({**{each.name: getattr(foreseen, each.name) for each in fields(foreseen)}, "minutes": minutes})
        return
    things = ", ".join(f"{count} {kind}" for kind, count in foreseen.things.items()) or "nothing"
    say(f"There is: {things}.")
    tables = {name: getattr(foreseen, name) for name in COLUMNS[1:]}
    resources = sorted({resource for table in tables.values() for resource in table})
    rows = [
        {"record": CALLED.get(resource, resource), **{name: table.get(resource, 0) for name, table in tables.items()}}
        for resource in resources
    ]
    if rows:
        show(rows, COLUMNS, as_json=False)
    _told("already brought by an event", foreseen.known)
    _told("that concern nobody", foreseen.nobody)
    _told("ignored by a rule", foreseen.ended["ignored"])
    _reasons("would wait for a person (review)", foreseen.review)
    _reasons("would be dead letters", foreseen.dead)
    _reasons("can't be read", foreseen.faulty)
    calls = foreseen.reads + foreseen.writes
    say(f"It takes about {number(calls, 'call')}, {foreseen.writes} of them writes: about {number(minutes, 'minute')}.")


def show_status(installation: Installation, batch: str | None, *, as_json: bool) -> None:
    from worker.admin import batch_views
    from worker.errors import ConfigError
    from worker.store.batches import backfills

    with installation.store.read() as conn:
        going = backfills.going_on(conn)
        wanted = None if batch is None else backfills.get(conn, batch_views.seq_of(batch))
    if batch is not None and wanted is None:
        raise ConfigError(f"there is no backfill {batch}; `relay backfill status` lists those that go on")
    rows = [_row(installation, each) for each in (going if wanted is None else [wanted])]
    show(rows, STATUS, as_json=as_json, empty="No backfill goes on.")


def _row(installation: Installation, found: Any) -> dict[str, Any]:
    from worker.admin.batch_views import shown

    view = shown(installation.store, found.batch)
    progress = view.progress
    kind = found.kinds[found.at.kind] if found.at.kind < len(found.kinds) else None
    return {
        "id": view.id,
        "connection": found.connection,
        "state": view.state,
        "kind": kind,
        "seen": found.seen,
        "of": view.count or None,
        "known": found.known,
        "left_out": found.left_out,
        **{
            name: 0 if progress is None else getattr(progress, name)
            for name in ("delivered", "waiting", "review", "dead")
        },
        "trouble": found.trouble,
    }


def _told(what: str, count: int) -> None:
    if count:
        say(f"{count} {what}.")


def _reasons(what: str, reasons: Sequence[str]) -> None:
    if not reasons:
        return
    say(f"{len(reasons)} {what}:")
    for reason in reasons[:SHOWN]:
        say(f"  {reason}")
    if len(reasons) > SHOWN:
        say(f"  and {len(reasons) - SHOWN} more; --json shows all")

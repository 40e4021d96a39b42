"""Tells what is kept of a person, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worker.cli.output import say, show
from worker.cli.selection import number
from worker.store.privacy.erasures import Erasure
from worker.store.privacy.forget import ForgetPlan, Forgotten
from worker.store.privacy.traces import RecordId

SHOWN = 20
TOLD_EVERY = 10_000


def show_plan(planned: ForgetPlan) -> None:
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
        say(f"The subject's records have {number(others + 1, 'address', 'addresses')}; all of them are looked for.")
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


def tell(planned: ForgetPlan, done: Forgotten) -> None:
    rows = sum(done.proof.counts.values())
    say(f"Erased: {number(rows, 'row')}. Proof: erasure {done.proof.id}, by {done.proof.by}.")
    if not done.wiped:
        say("A reader kept the SQLite log open: its old pages go with the next upkeep, within minutes.")
    if planned.own or planned.mentioning:
        say("Still there: the records in Upsales that are named above.")
    say("Not reached: backups, logs of a proxy, the sender. See docs/privacy.md.")


def plan_facts(planned: ForgetPlan) -> dict[str, Any]:
    return {
        "counts": dict(planned.counts),
        "events": [
            {"id": e.id, "connection": e.connection, "type": e.type, "status": e.status} for e in planned.events
        ],
        "upsales": {"own": _records(planned.own), "mentioning": _records(planned.mentioning)},
        "obstacles": [
            {"kind": each.kind, "id": each.id, "what": each.what, "ends": each.ends} for each in planned.obstacles
        ],
        "before": [proof_facts(each) for each in planned.before],
    }


def _records(records: Sequence[RecordId]) -> list[dict[str, Any]]:
    return [each._asdict() for each in records]


def proof_facts(erasure: Erasure) -> Mapping[str, Any]:
    return {
        "id": erasure.id,
        "begun": erasure.begun_at,
        "done": erasure.done_at,
        "by": erasure.by,
        "why": erasure.why,
        "counts": dict(erasure.counts),
    }


class Progress:
    """Says now and then how far a long search is."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._said = 0

    def __call__(self, table: str, rows: int) -> None:
        step = rows // TOLD_EVERY
        if not self._quiet and step and step != self._said:
            say(f"{table}: {rows} rows looked through", err=True)
        self._said = step

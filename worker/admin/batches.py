"""Does one thing to many events: counts them first, and freezes the set."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from worker.admin import batch_views
from worker.admin import filters as grammar
from worker.admin.batch_views import BatchView, name_of, stamp
from worker.admin.filters import Fault, Filters, InvalidParameters
from worker.admin.known import MOST_PATIENCE
from worker.admin.refusals import Conflict, NotThere, TooMany, Unfit
from worker.store import Store
from worker.store.batches import cancel as cancelling
from worker.store.batches import members, rows, steps
from worker.store.batches.rows import KINDS, REPLAYS, Batch, Kind
from worker.store.db.clock import now
from worker.store.db.tables import events
from worker.store.events.chosen import Chosen
from worker.store.people import audit
from worker.store.people.audit import Actor

MOST: Final = 100_000
USUAL_RATE: Final = 20
"""1 200 an hour, where a key may write 5 000 times (https://api.upsales.com)."""
HIGHEST_RATE: Final = 99_999
LONGEST_KEY: Final = 255


class OtherRequest(Unfit):
    """The key was used for something else."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What an act came to. `audit`: None if it was so already."""

    batch: BatchView
    audit: int | None


def kinds_for(wanted: Filters) -> Sequence[Kind]:
    """What can be done to all that these filters leave."""
    return [kind for kind in KINDS if not _fate_faults(kind, wanted)]


def create(
    store: Store,
    actor: Actor,
    kind: str,
    wanted: Filters,
    *,
    rate: int = USUAL_RATE,
    why: str | None = None,
    key: str,
    patience: float = MOST_PATIENCE,
    most: int = MOST,
) -> Deed:
    """Count, and freeze the set: nothing is done to it. The same person's same `key` finds the batch that was made with it.

    Raises InvalidParameters, TooMany, OtherRequest, StoreUnavailable.
    """
    of_kind = _kind(kind)
    _check(of_kind, wanted, rate, key)
    digest = hashlib.sha256(json.dumps([kind, [*wanted.pairs()], rate]).encode()).hexdigest()
    with store.read_within(patience) as conn:
        before = rows.of_request(conn, actor.name, key)
        counted = None if before is not None else _count(conn, of_kind, wanted, most)
    if counted is None:
        return _made_before(store, actor, key, digest)
    with store.write() as conn:
        asked = rows.Asked(of_kind, counted.wanted, rate, why, actor.name, key, digest)
        seq = rows.draft(conn, asked, counted.upto, counted.counted_at, counted.counted)
        if seq is not None:
            told = f"{kind}, {counted.counted} events"
            number = audit.record(conn, actor, "preview", f"batch/{name_of(seq)}", why=why, outcome=told)
    if seq is None:
        # The other of two clicks was faster.
        return _made_before(store, actor, key, digest)
    return Deed(batch_views.shown(store, seq), number)


@dataclass(frozen=True, slots=True)
class _Counted:
    wanted: Chosen
    upto: int
    counted_at: datetime
    counted: int


def _count(conn: Connection, kind: Kind, wanted: Filters, most: int) -> _Counted:
    at = now(conn)
    narrowed = grammar.chosen(wanted, at)
    upto = conn.execute(select(func.coalesce(func.max(events.c.seq), 0))).scalar_one()
    inside = members.members(kind, narrowed, upto, at)
    number = members.number(conn, inside, most)
    if number > most:
        told = f"More than {most} events match, and no batch takes more. Narrow the time."
        raise TooMany(told, _narrower(conn, wanted, inside, at))
    return _Counted(narrowed, upto, at, number)


def _narrower(
    conn: Connection, wanted: Filters, inside: Sequence[ColumnElement[bool]], at: datetime
) -> Sequence[tuple[str, Filters]]:
    """Each day of it on its own."""
    since, until = grammar.within(wanted, at)
    found = []
    for day, number in members.by_day(conn, inside).items():
        first = datetime.combine(day, time(), UTC)
        last = min(first + timedelta(days=1), until or at)
        of_day = replace(wanted, since=stamp(max(first, since or first)), until=stamp(last))
        found.append((f"{day}: {number}", of_day))
    return found


def _made_before(store: Store, actor: Actor, key: str, digest: str) -> Deed:
    with store.read() as conn:
        made = rows.of_request(conn, actor.name, key)
    assert made is not None, "its key is taken"
    if made.digest != digest:
        raise OtherRequest(f"This key made batch {name_of(made.seq)}, of something else: take a new key.")
    return Deed(batch_views.shown(store, made.seq), None)


def _kind(kind: str) -> Kind:
    if kind not in KINDS:
        raise InvalidParameters([Fault("kind", f"{kind!r} is none; there are: {', '.join(KINDS)}")])
    return kind


def _check(kind: Kind, wanted: Filters, rate: int, key: str) -> None:
    faults = _rate_faults(rate)
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        faults.append(Fault("Idempotency-Key", f"must be there, and have at most {LONGEST_KEY} characters"))
    if not wanted:
        faults.append(Fault("filter", "names nothing: all events of all connections are not meant"))
    faults += _fate_faults(kind, wanted)
    known = {each.name for each in fields(Chosen)} | {"fate"}
    faults += [
        Fault(each.name, "does not narrow a batch")
        for each in fields(wanted)
        if each.name not in known and getattr(wanted, each.name)
    ]
    if faults:
        raise InvalidParameters(faults)


def _fate_faults(kind: Kind, wanted: Filters) -> list[Fault]:
    may = [grammar.fate_of(status) for status in members.MAY[kind]]
    may += [grammar.HELD] if grammar.WAITING in may else []
    told = f"can't be taken for {kind}; {', '.join(may)} can"
    return [Fault("fate", f"what is {fate} {told}") for fate in wanted.fate if fate not in may]


def _rate_faults(rate: int) -> list[Fault]:
    good = 1 <= rate <= HIGHEST_RATE
    return [] if good else [Fault("rate", f"must be a number a minute, from 1 to {HIGHEST_RATE}")]


def start(store: Store, actor: Actor, seq: int, *, why: str | None = None, rate: int | None = None) -> Deed:
    """Of one that was started nothing more. Raises NotThere, Conflict, InvalidParameters."""
    if rate is not None and (faults := _rate_faults(rate)):
        raise InvalidParameters(faults)
    with store.write() as conn:
        batch, number = _locked(conn, seq), None
        if batch.state == "cancelled":
            raise Conflict(f"Batch {name_of(seq)} was cancelled: make it again.")
        if batch.state == "draft":
            number = _start(conn, actor, batch, why or batch.why, rate or batch.a_minute)
    return Deed(batch_views.shown(store, seq), number)


def _start(conn: Connection, actor: Actor, batch: Batch, why: str | None, a_minute: int) -> int:
    at, name = now(conn), name_of(batch.seq)
    if batch.expires_at <= at:
        counted, expired = (stamp(moment.replace(microsecond=0)) for moment in (batch.counted_at, batch.expires_at))
        raise Conflict(
            f"Batch {name} was counted at {counted} and expired at {expired}. Make it again: the set may have changed."
        )
    if not why:
        raise InvalidParameters([Fault("why", "say why, in a few words")])
    rows.change(conn, batch.seq, state="running", why=why, a_minute=a_minute, started_at=at, next_at=at)
    outcome = f"{batch.kind}, {batch.counted} events" + (f", {a_minute}/min" if batch.kind in REPLAYS else "")
    return audit.record(conn, actor, "start", f"batch/{name}", why=why, outcome=outcome)


def finish(store: Store, seq: int) -> None:
    """Take all of it now, and not when the sweep does. For kinds that are not paced."""
    while (batch := batch_of(store, seq)).state == "running" and batch.kind not in REPLAYS:
        steps.step(store, seq)


def batch_of(store: Store, seq: int) -> Batch:
    """Raises NotThere."""
    with store.read() as conn:
        found = rows.get(conn, seq)
    if found is None:
        raise NotThere(f"There is no batch {name_of(seq)}.")
    return found


def connections_of(store: Store, kind: Kind, wanted: Filters) -> Sequence[str]:
    """Those that have events to which it could be done now."""
    with store.read() as conn:
        at = now(conn)
        upto = conn.execute(select(func.coalesce(func.max(events.c.seq), 0))).scalar_one()
        return members.connections(conn, members.members(kind, grammar.chosen(wanted, at), upto, at))


def replays_of(store: Store, connection: str | None) -> Sequence[int]:
    """Replays that run or are paused: all, or those of nothing but this connection."""
    with store.read() as conn:
        found = rows.going_on(conn)
    only = (connection,)
    return [
        batch.seq
        for batch in found
        if batch.kind in REPLAYS and (connection is None or batch.chosen.connection == only)
    ]


def pause(store: Store, actor: Actor, seq: int, *, why: str | None = None) -> Deed:
    """What it took goes on. Raises NotThere, Conflict."""
    return _turn(store, actor, seq, "pause", why)


def resume(store: Store, actor: Actor, seq: int, *, why: str | None = None) -> Deed:
    """Raises NotThere, Conflict."""
    return _turn(store, actor, seq, "resume", why)


def _turn(store: Store, actor: Actor, seq: int, act: str, why: str | None) -> Deed:
    before, then = ("running", "paused") if act == "pause" else ("paused", "running")
    with store.write() as conn:
        batch, number = _locked(conn, seq), None
        if batch.state not in (before, then):
            raise Conflict(f"Batch {name_of(seq)} is {batch.state}: {act} is for one that is {before}.")
        if batch.state == before:
            rows.change(conn, seq, state=then, next_at=now(conn))
            number = audit.record(conn, actor, act, f"batch/{name_of(seq)}", why=why)
    return Deed(batch_views.shown(store, seq), number)


def cancel(store: Store, actor: Actor, seq: int, *, why: str | None = None) -> Deed:
    """Stop it, and take back what has not begun. Of one that is over: nothing. Raises NotThere."""
    with store.write() as conn:
        batch, number = _locked(conn, seq), None
        if batch.state not in rows.OVER:
            done, back = cancelling.cancel(conn, batch)
            outcome = "thrown away" if batch.state == "draft" else f"{done} done, {back} taken back"
            number = audit.record(conn, actor, "cancel", f"batch/{name_of(seq)}", why=why, outcome=outcome)
    return Deed(batch_views.shown(store, seq), number)


def _locked(conn: Connection, seq: int) -> Batch:
    batch = rows.locked(conn, seq)
    if batch is None:
        raise NotThere(f"There is no batch {name_of(seq)}.")
    return batch

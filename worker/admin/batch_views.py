"""Shows batches: what a draft would take, and what became of what others took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from worker.admin.events import Row, row_of
from worker.admin.filters import BATCH, fate_of
from worker.admin.known import PATIENCE, Known, ask
from worker.admin.refusals import NotThere
from worker.store import Store
from worker.store.batches import members, rows
from worker.store.batches.backfills import left_of
from worker.store.batches.rows import REPLAYS, Batch, Kind
from worker.store.db.clock import now
from worker.store.events.chosen import Chosen
from worker.store.events.events import by_seq
from worker.store.terms.keys import hexadecimal

SHOWN: Final = 20
PACED: Final = (*REPLAYS, "backfill")
MARKED: Final = (*PACED, "drop")
"""Kinds whose events know the batch that took them."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of those that it took, by fate. `skipped`: did not stand any more as they were counted. `left`: it has not come to.

    `moved`: taken by a later batch since, tried again by a person, or no longer kept. `paces_until`: about when the last is taken.
    """

    taken: int
    delivered: int
    superseded: int
    ignored: int
    dead: int
    review: int
    waiting: int
    moved: int
    skipped: int
    left: int
    paces_until: datetime | None


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch as it stands. `filters`: what it was narrowed by, as in an address, times fixed.

    `days`, by receipt, and `sample`: of a draft. `progress`: once it was started.
    """

    id: str
    kind: Kind
    state: str
    filters: Mapping[str, Sequence[str]]
    upto: int
    counted_at: datetime
    count: int
    rate: int
    why: str | None
    by: str
    expires_at: datetime | None
    expired: bool
    started_at: datetime | None
    ended_at: datetime | None
    taken_back: int
    days: Mapping[str, int] | None
    sample: Sequence[Row] | None
    progress: Progress | None

    @property
    def pairs(self) -> Sequence[tuple[str, str]]:
        """The filters as they stand in an address."""
        return [(name, value) for name, values in self.filters.items() for value in values]

    @property
    def marks(self) -> bool:
        """Whether its events are found by it."""
        return self.kind in MARKED


@dataclass(frozen=True, slots=True)
class BatchPage:
    """The newest first. `next`: where older ones begin."""

    data: Sequence[BatchView]
    next: str | None


def name_of(seq: int) -> str:
    return f"b-{seq}"


def seq_of(name: str) -> int:
    """Raises NotThere."""
    found = BATCH.fullmatch(name)
    if found is None:
        raise NotThere(f"There is no batch {name}: they are called b-42.")
    return int(found[1])


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def view(store: Store, seq: int, patience: float = PATIENCE) -> Known[BatchView | None]:
    return ask(store, lambda conn: _view(conn, rows.get(conn, seq)), patience)


def shown(store: Store, seq: int) -> BatchView:
    """Raises NotThere, StoreUnavailable."""
    with store.read() as conn:
        found = _view(conn, rows.get(conn, seq))
    if found is None:
        raise NotThere(f"There is no batch {name_of(seq)}.")
    return found


def page(store: Store, before: int | None = None, limit: int = 50) -> Known[BatchPage]:
    """Without what takes a count each."""
    return ask(store, lambda conn: _page(conn, before, limit))


def _page(conn: Connection, before: int | None, limit: int) -> BatchPage:
    found, at = rows.listed(conn, before=before, limit=limit + 1), now(conn)
    last = name_of(found[limit - 1].seq) if len(found) > limit else None
    return BatchPage([_told(batch, at) for batch in found[:limit]], last)


def _view(conn: Connection, batch: Batch | None) -> BatchView | None:
    if batch is None:
        return None
    at, inside = now(conn), members.of_batch(batch)
    if batch.state != "draft":
        return _told(batch, at, progress=_progress(conn, batch, at))
    sample = [row_of(event) for event in by_seq(conn, members.first(conn, inside, SHOWN))]
    return _told(batch, at, days={str(day): n for day, n in members.by_day(conn, inside).items()}, sample=sample)


def _told(
    batch: Batch,
    at: datetime,
    *,
    days: Mapping[str, int] | None = None,
    sample: Sequence[Row] | None = None,
    progress: Progress | None = None,
) -> BatchView:
    draft = batch.state == "draft"
    return BatchView(
        id=name_of(batch.seq),
        kind=batch.kind,
        state=batch.state,
        filters=as_filters(batch.chosen),
        upto=batch.upto,
        counted_at=batch.counted_at,
        count=batch.counted,
        rate=batch.a_minute,
        why=batch.why,
        by=batch.by,
        expires_at=batch.expires_at if draft else None,
        expired=draft and batch.expires_at <= at,
        started_at=batch.started_at,
        ended_at=batch.ended_at,
        taken_back=batch.taken_back,
        days=days,
        sample=sample,
        progress=progress,
    )


def _progress(conn: Connection, batch: Batch, at: datetime) -> Progress:
    of_fate = members.outcomes(conn, batch.seq)
    left = left_of(conn, batch) if batch.state in ("running", "paused") else 0
    paced = batch.state == "running" and batch.kind in PACED
    return Progress(
        taken=batch.taken,
        delivered=of_fate.get("delivered", 0),
        superseded=of_fate.get("superseded", 0),
        ignored=of_fate.get("ignored", 0),
        dead=of_fate.get("dead", 0),
        review=of_fate.get("review", 0),
        waiting=of_fate.get("pending", 0),
        moved=max(batch.taken - sum(of_fate.values()), 0) if batch.kind in MARKED else 0,
        skipped=max(batch.counted - batch.taken - left - batch.taken_back, 0),
        left=left,
        paces_until=at + timedelta(minutes=left / batch.a_minute) if paced and left else None,
    )


def as_filters(wanted: Chosen) -> Mapping[str, Sequence[str]]:
    """As they stand in an address."""
    times = {"since": wanted.since, "until": wanted.until}
    found: dict[str, Sequence[str]] = {
        "connection": wanted.connection,
        "fate": [fate_of(status) for status in wanted.status],
        "type": wanted.type,
        "subject": wanted.subject,
        "reason": wanted.reason,
        "batch": [name_of(each) for each in wanted.batch],
        "term": [f"text:{hexadecimal(each)}" for each in wanted.term],
        **{name: [stamp(at)] for name, at in times.items() if at},
    }
    return {name: values for name, values in found.items() if values}

"""Keeps the signs of life of all processes, and when chores ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from sqlalchemy import Connection, delete, exists, select, update

from worker.store.db.clock import after, db_now
from worker.store.db.engine import Store
from worker.store.db.sql import insert_in
from worker.store.db.tables import chores, processes

Kind: TypeAlias = Literal["receiver", "worker", "beat", "console", "listener"]
NEEDED: Final[tuple[Kind, ...]] = ("receiver", "worker", "beat", "console")
"""The kinds without which something is missing in every installation."""
KINDS: Final[tuple[Kind, ...]] = (*NEEDED, "listener")
ALIVE: Final = 20.0
"""Seconds without a sign of life after which a process counts as gone; it gives one every `worker.instruments.heartbeat.EVERY`."""
SECOND = timedelta(seconds=1)
NOTED_EVERY = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process. `slot`: the shard in which it counts. `quiet_for`: seconds since its last sign of life."""

    id: str
    kind: str
    host: str
    pid: int
    version: str
    slot: int
    threads: int
    busy: int
    started_at: datetime
    seen_at: datetime
    quiet_for: float

    @property
    def alive(self) -> bool:
        return self.quiet_for < ALIVE


def begin(store: Store, *, id: str, kind: Kind, host: str, pid: int, version: str, threads: int) -> int:  # noqa: A002 - the column's name
    """A process is there. Answers its slot: the lowest that no living process has, from 1.

    Two that begin at once may get the same one. Then they wait for each other now and then, no more.
    """
    with store.write() as conn:
        living = select(processes.c.slot).where(processes.c.seen_at > after(-ALIVE))
        taken = set(conn.execute(living).scalars())
        slot = next(number for number in range(1, len(taken) + 2) if number not in taken)
        named = {"id": id, "kind": kind, "host": host, "pid": pid, "version": version, "slot": slot}
        conn.execute(processes.insert().values(**named, threads=threads, busy=0, started_at=db_now(), seen_at=db_now()))
        return slot


def sign_of_life(store: Store, id: str, *, busy: int, wait: float) -> bool:  # noqa: A002 - as above
    """False when its row is gone: it was silent for long, and begins again. Raises StoreUnavailable after `wait` seconds."""
    with store.write(wait) as conn:
        statement = update(processes).where(processes.c.id == id).values(busy=busy, seen_at=db_now())
        return conn.execute(statement).rowcount == 1


def end(store: Store, id: str, *, wait: float) -> None:  # noqa: A002 - as above
    with store.write(wait) as conn:
        conn.execute(delete(processes).where(processes.c.id == id))


def every(conn: Connection) -> Sequence[Process]:
    """Those that live, and those that ended within a day without a word; by kind, host and pid."""
    ordered = select(processes, db_now().label("now")).order_by(processes.c.kind, processes.c.host, processes.c.pid)
    return [
        Process(
            **{name: getattr(row, name) for name in Process.__dataclass_fields__ if name != "quiet_for"},
            quiet_for=max((row.now - row.seen_at) / SECOND, 0.0),
        )
        for row in conn.execute(ordered)
    ]


def ran(store: Store, chore: str) -> None:
    """A chore was done just now: `sweep`, `tidy`. Not written down again before `NOTED_EVERY` is over."""
    with store.read() as conn:
        lately = select(exists().where(chores.c.name == chore, chores.c.ran_at > after(-NOTED_EVERY)))
        if conn.execute(lately).scalar_one():
            return
    with store.write() as conn:
        new = insert_in(conn.dialect.name, chores).values(name=chore, ran_at=db_now())
        conn.execute(new.on_conflict_do_update(index_elements=["name"], set_={"ran_at": new.excluded.ran_at}))


def last_runs(conn: Connection) -> Mapping[str, datetime]:
    """When each chore was last done; one that never was is left out."""
    return {row.name: row.ran_at for row in conn.execute(select(chores))}


def alive_by_kind(found: Sequence[Process]) -> Mapping[str, Sequence[Process]]:
    """Living processes; every kind is there."""
    return {kind: [process for process in found if process.kind == kind and process.alive] for kind in KINDS}

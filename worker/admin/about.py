"""Tells which programs run, with which settings, and what is wrong with that."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Final

from sqlalchemy import Connection, text

from worker.admin.known import PATIENCE, Known, ask
from worker.admin.parts import Parts
from worker.admin.settings_shown import SettingShown, shown
from worker.store import Store
from worker.store.db import migrate
from worker.store.db.clock import now
from worker.store.instruments import processes

CHORES: Final[dict[str, float]] = {"sweep": 60.0, "tidy": 600.0}
"""Seconds after which a chore of beat is late: both run far more often."""


@dataclass(frozen=True, slots=True)
class Database:
    """`schema`: its revision, None without tables. `fault`: what is wrong with that."""

    kind: str
    name: str
    schema: str | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class ProcessShown:
    """`other`: it runs another version than this one."""

    kind: str
    host: str
    pid: int
    version: str
    started_at: datetime
    seen_at: datetime
    alive: bool
    threads: int
    busy: int
    other: bool


@dataclass(frozen=True, slots=True)
class ChoreShown:
    """`ran_at`: None if it never ran."""

    name: str
    ran_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class Running:
    """`mixed`: the versions of living processes, where they differ from each other or from this one."""

    processes: Sequence[ProcessShown]
    chores: Sequence[ChoreShown]
    missing: Sequence[str]
    mixed: Sequence[str]


@dataclass(frozen=True, slots=True)
class About:
    """`schema`: the revision that this program makes; `oldest`: the oldest one whose program can work with its tables."""

    version: str
    python: str
    schema: str
    oldest: str
    database: Known[Database]
    running: Known[Running]
    settings: Sequence[SettingShown]
    misconfigured: Sequence[str]


def about(parts: Parts, patience: float = PATIENCE) -> About:
    store, settings = parts.store, parts.settings
    return About(
        version=version("upsales-relay"),
        python=platform.python_version(),
        schema=migrate.newest(),
        oldest=migrate.oldest(),
        database=ask(store, lambda conn: _database(conn, store), patience),
        running=ask(store, _running, patience),
        settings=shown(settings, parts.environ, store.name),
        misconfigured=[*settings.misconfigured.values(), *settings.strays.values()],
    )


def _database(conn: Connection, store: Store) -> Database:
    postgresql = conn.dialect.name == "postgresql"
    asked = "SHOW server_version" if postgresql else "SELECT sqlite_version()"
    number = str(conn.execute(text(asked)).scalar_one()).partition(" ")[0]
    present = migrate.revision(conn)
    return Database(
        f"{'PostgreSQL' if postgresql else 'SQLite'} {number}", store.name, present, _fault(present, migrate.newest())
    )


def _fault(present: str | None, own: str) -> str | None:
    if present == own:
        return None
    if present is None:
        return "it has no tables: run `relay release`"
    older = present < own
    return (
        f"its tables are older than this program, which needs {own}: run `relay release`"
        if older
        else f"its tables are newer than this program, which knows {own}: install the release that made them here, too"
    )


def _running(conn: Connection) -> Running:
    own, at = version("upsales-relay"), now(conn)
    found = [
        ProcessShown(
            kind=each.kind,
            host=each.host,
            pid=each.pid,
            version=each.version,
            started_at=each.started_at,
            seen_at=each.seen_at,
            alive=each.alive,
            threads=each.threads,
            busy=each.busy,
            other=each.version != own,
        )
        for each in processes.every(conn)
    ]
    living = [each for each in found if each.alive]
    versions = {own, *(each.version for each in living)}
    kinds = {each.kind for each in living}
    begun = min((each.started_at for each in living if each.kind == "beat"), default=None)
    return Running(
        processes=found,
        chores=list(_chores(conn, at, begun)),
        missing=[kind for kind in processes.NEEDED if kind not in kinds],
        mixed=sorted(versions) if len(versions) > 1 else [],
    )


def _chores(conn: Connection, at: datetime, begun: datetime | None) -> Iterator[ChoreShown]:
    """`begun`: since when there is a beat. What it had no time to do yet is not late."""
    ran = processes.last_runs(conn)
    for name in dict.fromkeys([*CHORES, *sorted(ran)]):
        last = ran.get(name)
        limit, since = CHORES.get(name), last or begun
        late = since is None or (limit is not None and (at - since).total_seconds() > limit)
        yield ChoreShown(name, last, late)

"""Gives the disk back what a SQLite file no longer needs, in short steps.

What was erased is then gone from the file and its log. PostgreSQL does that by itself: https://www.postgresql.org/docs/current/routine-vacuuming.html
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from worker.errors import ConfigError
from worker.store.db.engine import Store
from worker.store.db.sqlite import BUSY_SECONDS

INCREMENTAL = 2
PAGES = 500
"""Of one step: two megabytes, a few milliseconds of everybody's turn."""
PATIENCE = 5.0
PAUSE = 0.05
SHORT = 100
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Room:
    """Of a SQLite file, in bytes. `free`: pages that hold nothing. `gives_back`: whether these leave the file by themselves. `disk`: what is left on it."""

    size: int
    free: int
    gives_back: bool
    disk: int


def room(store: Store) -> Room | None:
    """None for PostgreSQL."""
    file = store.file
    if file is None:
        return None
    with store.read() as conn:
        page, free, mode = (
            conn.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("page_size", "freelist_count", "auto_vacuum")
        )
    return Room(_size(file), page * free, mode == INCREMENTAL, shutil.disk_usage(file.parent).free)


def give_back(store: Store, steps: int, pages: int = PAGES) -> int:
    """Up to so many steps, between which others write. Answers how many pages left the file; none of one that does not give back."""
    found = room(store)
    if found is None or not found.gives_back or not found.free:
        return 0
    given = 0
    for _ in range(steps):
        with store.alone() as cursor:
            before = _free(cursor)
            # It answers a page at a time, of which `execute` asks for the first only.
            cursor.executescript(f"PRAGMA incremental_vacuum({pages})")
            after = _free(cursor)
        given += before - after
        if not after or after == before:
            break
    return given


def truncate_log(store: Store, patience: float = PATIENCE) -> bool:
    """Write what the WAL holds into the file, and empty the WAL. False when somebody read from it all the time: the next one does it."""
    if store.file is None:
        return True
    deadline = time.monotonic() + patience
    while True:
        with store.alone() as cursor:
            # Writers wait for as long as it waits for readers.
            cursor.execute(f"PRAGMA busy_timeout = {SHORT}")
            try:
                busy = _number(cursor, "PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")
        if not busy:
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(PAUSE)


def wipe(store: Store) -> bool:
    """Nothing that was erased is in the file or its WAL any more. False when a reader kept it there: see `truncate_log`."""
    if store.file is None:
        return True
    while give_back(store, 1):
        pass
    return truncate_log(store)


def compact(store: Store, disk: int | None = None) -> tuple[Room, Room] | None:
    """Write the whole file anew, without what is free; from then on it gives back by itself. Nobody else writes meanwhile.

    Answers how it was and how it is; None for PostgreSQL. `disk`: what is left on it, in the place of what the system says. Raises ConfigError when the disk has no room for the copy.
    """
    before = room(store)
    if before is None:
        return None
    needed = 2 * (before.size - before.free)
    left = before.disk if disk is None else disk
    if left < needed:
        raise ConfigError(
            f"compacting needs {needed} bytes of disk, and {left} are left: make room, or use a larger disk"
        )
    with store.alone() as cursor:
        cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
        cursor.execute("VACUUM")
    truncate_log(store)
    after = room(store)
    assert after is not None
    return before, after


def _free(cursor: sqlite3.Cursor) -> int:
    return _number(cursor, "PRAGMA freelist_count")


def _number(cursor: sqlite3.Cursor, pragma: str) -> int:
    """The first figure of what it answers."""
    cursor.execute(pragma)
    return int(cursor.fetchall()[0][0])


def _size(file: Path) -> int:
    """With the WAL beside it."""
    wal = file.with_name(f"{file.name}-wal")
    return file.stat().st_size + (wal.stat().st_size if wal.exists() else 0)

"""Finds files with secrets or customers' data that others on this machine can read."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from worker.cli.local.demo_setup import FILE
from worker.settings import Settings

BESIDE_A_DATABASE = ("", "-wal", "-shm")


def open_to_others(environ: Mapping[str, str], settings: Settings) -> list[Path]:
    return [path for path in dict.fromkeys(_kept(environ, settings)) if _open_to_others(path)]


def _kept(environ: Mapping[str, str], settings: Settings) -> Iterator[Path]:
    for name, value in environ.items():
        if name.startswith("RELAY_") and name.endswith("_FILE") and value:
            yield Path(value)
    if settings.config and (made_up := settings.config.parent / FILE).is_file():
        yield from (settings.config, made_up)
    if database := settings.database_file:
        yield from (database.with_name(database.name + ending) for ending in BESIDE_A_DATABASE)


def _open_to_others(path: Path) -> bool:
    """Who may not enter a directory above it can't read it either."""
    try:
        file = path.resolve(strict=True)
        mode, above = file.stat().st_mode, [directory.stat().st_mode for directory in file.parents]
    except OSError:
        return False
    return any(
        mode & read and all(directory & enter for directory in above)
        for read, enter in ((stat.S_IRGRP, stat.S_IXGRP), (stat.S_IROTH, stat.S_IXOTH))
    )

"""Which `relay up` runs in a directory: a lock that ends with its processes, and a note for other commands."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from worker.errors import ConfigError
from worker.settings import Settings

DIRECTORY = "up"


@dataclass(frozen=True, slots=True)
class Running:
    """What other commands on this machine may know of it. The note is readable by its owner only."""

    pid: int
    web: str
    redis_url: str | None = field(default=None, repr=False)


def directory_of(settings: Settings) -> Path:
    """Beside the database where that is a file, else var/ beside the settings."""
    prefix = "sqlite:///"
    if settings.database_url.startswith(prefix):
        return Path(settings.database_url.removeprefix(prefix).partition("?")[0]).parent / DIRECTORY
    return (settings.config.parent if settings.config else Path.cwd()) / "var" / DIRECTORY


def running(settings: Settings) -> Running | None:
    directory = directory_of(settings)
    try:
        lock = os.open(directory / "lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return _noted(directory) if not _locked(lock) else None
    finally:
        os.close(lock)


@contextmanager
def only_one(directory: Path) -> Iterator[int]:
    """The lock's descriptor; supervisord gets it too, so that the lock lasts as long as anything runs."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _locked(lock):
            raise ConfigError(_refusal(_noted(directory), directory))
        yield lock
    finally:
        os.close(lock)


def note(directory: Path, running: Running) -> None:
    path = directory / "running.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(running)), "utf-8")


def forget(directory: Path) -> None:
    (directory / "running.json").unlink(missing_ok=True)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _noted(directory: Path) -> Running | None:
    try:
        return Running(**json.loads((directory / "running.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _refusal(found: Running | None, directory: Path) -> str:
    if found is None:
        return f"another `relay up` is starting or stopping in {directory}; try again in a few seconds"
    if not _lives(found.pid):
        return f"what an earlier `relay up` (process {found.pid}, killed) left running in {directory} is stopping; try again in a few seconds"
    return f"`relay up` runs here already: process {found.pid}, {found.web}"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

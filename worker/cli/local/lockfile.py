"""Lets one `relay up` run in a directory, and tells other commands which one it is."""

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
LOCK = "lock"
OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Running:
    """What other commands on this machine may know of it. The note is readable by its owner only."""

    pid: int
    web: str
    upsales: str
    redis_url: str | None = field(default=None, repr=False)
    sandbox: bool = False


def directory_of(settings: Settings) -> Path:
    """Beside the database where that is a file, else var/ beside the settings."""
    if settings.database_file:
        return settings.database_file.parent / DIRECTORY
    return (settings.config.parent if settings.config else Path.cwd()) / "var" / DIRECTORY


def running(settings: Settings) -> Running | None:
    directory = directory_of(settings)
    return _noted(directory) if _held(directory / OWNER) else None


@contextmanager
def only_one(directory: Path) -> Iterator[int]:
    """The lock's descriptor; supervisord gets it too, so that the lock lasts as long as anything runs. Another lock is ours alone."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _opened(directory / LOCK) as lock, _opened(directory / OWNER) as owner:
        if not _locked(lock):
            raise ConfigError(_refusal(_noted(directory), directory))
        _locked(owner)
        yield lock


def note(directory: Path, running: Running) -> None:
    path = directory / "running.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(running)), "utf-8")


def forget(directory: Path) -> None:
    (directory / "running.json").unlink(missing_ok=True)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield file
    finally:
        os.close(file)


def _held(path: Path) -> bool:
    """Whether some process has it locked."""
    if not path.exists():
        return False
    with _opened(path) as file:
        return not _locked(file)


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
    if not _held(directory / OWNER):
        return f"what an earlier `relay up` (process {found.pid}, killed) left running in {directory} is stopping; try again in a few seconds"
    return f"`relay up` runs here already: process {found.pid}, {found.web}"

"""Lets the processes of one server count together, so that a scrape sees all of them.

Counts could be kept in the database, but then a burst of bad signatures would write to it; https://prometheus.github.io/client_python/multiprocess/.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = "relay-metrics-"


def count_together(folder: Path | None = None) -> None:
    """Processes with one parent share a directory. To be called before prometheus_client is imported, which reads the variable then."""
    if os.environ.get(DIRECTORY):
        return
    ours = (folder or Path(tempfile.gettempdir())) / f"{PREFIX}{os.getuid()}"
    ours.mkdir(mode=0o700, exist_ok=True)
    if ours.lstat().st_uid != os.getuid():
        return
    _forget_the_dead(ours)
    place = ours / str(os.getppid())
    place.mkdir(exist_ok=True)
    os.environ[DIRECTORY] = str(place)


def _forget_the_dead(ours: Path) -> None:
    for place in ours.iterdir():
        if place.name.isdigit() and not _lives(int(place.name)):
            shutil.rmtree(place, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

"""Loads a connector as its files say now, from a directory that Python may not know."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from worker.connector import Connector
from worker.errors import ConfigError


def load(module: str, root: Path) -> Connector:
    """Raises ConfigError with one line."""
    for name in [each for each in sys.modules if f"{each}.".startswith(f"{module}.")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    with _importable(root):
        try:
            loaded = importlib.import_module(module)
        except Exception as error:
            raise ConfigError(f"{module} can't be loaded: {type(error).__name__}: {error}") from error
    found = getattr(loaded, "connector", None)
    if not isinstance(found, Connector):
        raise ConfigError(f"{module} has no Connector called `connector`")
    return found


@contextmanager
def _importable(root: Path) -> Iterator[None]:
    added = [str(root), str(root / "src")]
    sys.path[:0] = added
    try:
        yield
    finally:
        for each in added:
            sys.path.remove(each)

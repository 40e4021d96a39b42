"""Loads a connector as its files are now, also from outside of Python's path."""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from worker.connectors import GROUP, all_connectors
from worker.devkit.conformance.paths import Paths, packaged, paths_of
from worker.errors import ConfigError, did_you_mean
from worker.sdk.connector import Connector


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


def found(wanted: Sequence[str]) -> list[tuple[Connector, Paths]]:
    """All connectors if none is named. Raises ConfigError."""
    if not wanted:
        return [(connector, paths_of(connector)) for connector in all_connectors()]
    return [each for name in wanted for each in _of(name)]


def _of(wanted: str) -> list[tuple[Connector, Paths]]:
    project = Path(wanted) / "pyproject.toml"
    if project.is_file():
        return _in_directory(project)
    known = {connector.name: connector for connector in all_connectors()}
    if wanted not in known:
        raise ConfigError(f"{wanted} is neither a connector nor a package's directory; {did_you_mean(wanted, known)}")
    return [(known[wanted], paths_of(known[wanted]))]


def _in_directory(project: Path) -> list[tuple[Connector, Paths]]:
    try:
        document = tomllib.loads(project.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{project}: {error}") from None
    entries = document.get("project", {}).get("entry-points", {}).get(GROUP, {})
    if not entries:
        raise ConfigError(f'{project} has no [project.entry-points."{GROUP}"], so it brings no connector')
    modules = [value.partition(":")[0] for value in entries.values()]
    return [(load(module, project.parent), packaged(_folder(project.parent, module))) for module in modules]


def _folder(root: Path, module: str) -> Path:
    """Beside pyproject.toml, or in src/."""
    inside = Path(*module.split("."))
    return root / inside if (root / inside).is_dir() else root / "src" / inside

"""A connector by its name, or by the directory of a package that need not be installed."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from worker.conformance.shelves import Shelf, checkable, packaged, shelf_of
from worker.connector import Connector
from worker.connectors import GROUP, all_connectors
from worker.devkit.loading import load
from worker.errors import ConfigError
from worker.settings.tables import near


def found(wanted: Sequence[str]) -> list[tuple[Connector, Shelf]]:
    """All connectors if none is named. Raises ConfigError."""
    if not wanted:
        return [(connector, shelf_of(connector)) for connector in checkable()]
    return [each for name in wanted for each in _of(name)]


def _of(wanted: str) -> list[tuple[Connector, Shelf]]:
    project = Path(wanted) / "pyproject.toml"
    if project.is_file():
        return _in_directory(project)
    known = {connector.name: connector for connector in all_connectors()}
    if wanted not in known:
        raise ConfigError(f"{wanted} is neither a connector nor a package's directory; {near(wanted, known)}")
    return [(known[wanted], shelf_of(known[wanted]))]


def _in_directory(project: Path) -> list[tuple[Connector, Shelf]]:
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

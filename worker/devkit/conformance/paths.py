"""Where the files of a connector lie: its cases, its samples and its page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any

from worker.connectors import GROUP, OURS, all_connectors
from worker.devkit import cases
from worker.devkit.conformance.rules import check_exhibit
from worker.devkit.conformance.subject import Filed, Subject
from worker.errors import ConfigError
from worker.sdk.connector import Connector

ROOT = Path(__file__).parents[3]
REQUEST = "request.json"
PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Paths:
    """A case is a folder with `request.json` and `plan.json`; the request of one that is a sample lies among the samples."""

    cases: Path
    samples: Path
    page: Path


def ours(name: str, root: Path = ROOT) -> Paths:
    return Paths(
        cases=root / "tests" / "connectors" / name,
        samples=root / "worker" / "connectors" / "samples" / name,
        page=root / "docs" / "connectors" / f"{name}.md",
    )


def packaged(folder: Path) -> Paths:
    """Of a connector that is a package of its own: all of it inside the package."""
    return Paths(cases=folder / "cases", samples=folder / "samples", page=folder / "README.md")


def checkable() -> list[Connector]:
    """Those whose cases are here: of an installed relay only the connectors of other packages."""
    return [each for each in all_connectors() if not _is_ours(each) or _in_source_tree()]


def paths_of(connector: Connector) -> Paths:
    if not _is_ours(connector):
        return packaged(_folder(connector))
    if not _in_source_tree():
        raise ConfigError(f"the cases of {connector.name} are in the source tree, which is not installed here")
    return ours(connector.name)


def samples_of(connector: Connector) -> Path:
    """The folder of the samples that ship with a connector."""
    return ours(connector.name).samples if _is_ours(connector) else packaged(_folder(connector)).samples


def subject_of(connector: Connector, paths: Paths | None = None) -> Subject:
    """Raises ConfigError for a file that can't be read."""
    found = paths or paths_of(connector)
    page = found.page.read_text("utf-8") if found.page.is_file() else None
    return Subject(connector, tuple(_filed(connector, found)), page)


def request_of(paths: Paths, name: str) -> Path:
    """The file that holds a case's request; it need not be there."""
    own = paths.cases / name / REQUEST
    return own if own.exists() else paths.samples / f"{name}.json"


def names(paths: Paths) -> list[str]:
    folders = {each.name for each in _within(paths.cases) if each.is_dir() and not each.name.startswith(("_", "."))}
    return sorted(folders | {each.stem for each in _within(paths.samples) if each.suffix == ".json"})


def read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} is missing") from None
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON: {error}") from None


def problems_of(package: str) -> list[str]:
    """For a test of a package that brings a connector; it need not be installed."""
    module = import_module(package)
    subject = subject_of(module.connector, packaged(Path(str(files(package)))))
    return [str(problem) for problem in check_exhibit(subject)]


def _filed(connector: Connector, paths: Paths) -> Iterator[Filed]:
    for name in names(paths):
        source, plan = request_of(paths, name), paths.cases / name / PLAN
        expected = read_json(plan) if plan.exists() else None
        yield Filed(connector, name, loaded(source, connector), expected, source.parent == paths.samples, source)


def loaded(path: Path, connector: Connector) -> cases.Case:
    document = read_json(path)
    try:
        return cases.load(document, connector)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path} is not a case: {cases.wrong(document, error)}") from None


def _is_ours(connector: Connector) -> bool:
    return any(connector is each for each in OURS)


def _in_source_tree() -> bool:
    return (ROOT / "tests" / "connectors").is_dir()


def _folder(connector: Connector) -> Path:
    found = next((entry for entry in entry_points(group=GROUP) if _brings(entry, connector)), None)
    if found is None:
        raise ConfigError(f"no entry point of the group {GROUP} brings {connector.name}; is its package installed?")
    try:
        return Path(str(files(found.module)))
    except TypeError:
        raise ConfigError(f"{found.module} is a module; its cases can be found beside it if it is a package") from None


def _brings(entry: EntryPoint, connector: Connector) -> bool:
    return entry.load() is connector


def _within(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []

"""Finds the files of a connector: its cases and its page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any

from worker.connectors import GROUP, OURS
from worker.devkit import cases
from worker.devkit.conformance.rules import check_subject
from worker.devkit.conformance.subject import Filed, Subject
from worker.devkit.recorded import Recorded
from worker.errors import ConfigError
from worker.sdk.connector import Connector

ROOT = Path(__file__).parents[3]
REQUEST = "request.json"
PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Paths:
    """A case is a folder of `cases` with `request.json` and `plan.json`, and in `read` what the sender's API answers.

    One of several steps has `1-request.json`, `1-plan.json`, `2-request.json` …; what a step has in `2-read` comes before `read`.
    """

    cases: Path
    page: Path


def ours(name: str, root: Path = ROOT) -> Paths:
    """Of a connector of the relay itself: its page is among the others in docs/, which only the source tree has."""
    folder = root / "worker" / "connectors" / name.replace("-", "_")
    return Paths(folder / "cases", root / "docs" / "connectors" / f"{name}.md")


def packaged(folder: Path) -> Paths:
    """Of a connector that is a package of its own: all of it inside the package."""
    return Paths(folder / "cases", folder / "README.md")


def paths_of(connector: Connector) -> Paths:
    return ours(connector.name) if _is_ours(connector) else packaged(_folder(connector))


def in_source_tree() -> bool:
    """Whether this is the relay's source tree, where its connectors are made and changed, or an installed relay."""
    return (ROOT / "docs" / "connectors").is_dir()


def is_fixed(connector: Connector) -> bool:
    """Whether its files are those of an installed relay, which nobody should change."""
    return _is_ours(connector) and not in_source_tree()


def subject_of(connector: Connector, paths: Paths | None = None) -> Subject:
    """Raises ConfigError for a file that can't be read."""
    found = paths or paths_of(connector)
    page = found.page.read_text("utf-8") if found.page.is_file() else None
    return Subject(connector, tuple(_filed(connector, found)), page, needs_page=found.page.parent.is_dir())


def read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} is missing") from None
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON: {error}") from None


def problems_of(package: str) -> list[str]:
    """Runs the rules for a test of a package that brings a connector. The package need not be installed."""
    module = import_module(package)
    subject = subject_of(module.connector, packaged(Path(str(files(package)))))
    return [str(problem) for problem in check_subject(subject)]


def _filed(connector: Connector, paths: Paths) -> Iterator[Filed]:
    for folder in _folders(paths.cases):
        for step in _steps(folder):
            source, plan = folder / f"{step}{REQUEST}", folder / f"{step}{PLAN}"
            name = f"{folder.name}/{step.rstrip('-')}" if step else folder.name
            expected = read_json(plan) if plan.exists() else None
            yield Filed(connector, name, _loaded(source, connector, step), expected, source, plan)


def _steps(folder: Path) -> list[str]:
    """What the names of a step's files begin with; nothing where there is one."""
    numbers = (path.name.removesuffix(f"-{REQUEST}") for path in folder.glob(f"*-{REQUEST}"))
    return [f"{number}-" for number in sorted(filter(str.isdecimal, numbers), key=int)] or [""]


def _answers(folder: Path, step: str) -> dict[str, Recorded]:
    found: dict[str, Recorded] = {}
    for place in dict.fromkeys((folder / "read", folder / f"{step}read")):
        for path in sorted(place.glob("*.*")):
            name, _, status = path.stem.rpartition(".")
            told = name and len(status) == len("404") and status.isdecimal()
            body = read_json(path) if path.suffix == ".json" else path.read_bytes()
            found[name if told else path.stem] = Recorded(body, int(status) if told else 200)
    return found


def _loaded(path: Path, connector: Connector, step: str) -> cases.Case:
    document = read_json(path)
    try:
        return cases.load(document, connector, _answers(path.parent, step))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path} is not a case: {cases.wrong(document, error)}") from None


def _is_ours(connector: Connector) -> bool:
    return any(connector is each for each in OURS)


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


def _folders(within: Path) -> list[Path]:
    found = within.iterdir() if within.is_dir() else ()
    return sorted(each for each in found if each.is_dir() and not each.name.startswith(("_", ".")))

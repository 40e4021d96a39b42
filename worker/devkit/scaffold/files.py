"""Composes the files of a new connector: module, schemas, page and cases."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from worker.devkit import cases
from worker.devkit.capture import capture as captured
from worker.devkit.capture.capture import Capture
from worker.devkit.conformance.case_rules import MOST_SAMPLES
from worker.devkit.conformance.paths import PLAN, REQUEST, Paths, ours, packaged
from worker.devkit.scaffold import page
from worker.devkit.scaffold.answers import answers_for
from worker.devkit.scaffold.connector_source import connector_module
from worker.devkit.scaffold.event_types import by_type
from worker.devkit.scaffold.guess import Guesses
from worker.devkit.scaffold.naming import module_name
from worker.devkit.scaffold.payload_paths import Path as Steps
from worker.devkit.scaffold.schema_source import schemas
from worker.devkit.scaffold.signature import added_headers
from worker.devkit.scaffold.template_text import renamed

MODULE = "worker.connectors"
HEAD = "OURS: tuple[Connector, ...] = "


def registered(source: str, module: str) -> str:
    """The source with the module imported and its connector the last of OURS."""
    tree = ast.parse(source)
    (imported,) = (node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == MODULE)
    (ours,) = (node for node in tree.body if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "OURS")
    assert isinstance(ours.value, ast.Tuple)
    modules = {alias.name for alias in imported.names} | {module}
    connectors = [ast.unparse(each) for each in ours.value.elts] + [f"{module}.connector"]
    new_lines = (
        (imported, f"from {MODULE} import {', '.join(sorted(modules))}\n"),
        (ours, f"{HEAD}({', '.join(connectors)})\n"),
    )
    lines = source.splitlines(keepends=True)
    for node, new in sorted(new_lines, key=lambda pair: -pair[0].lineno):
        lines[node.lineno - 1 : node.end_lineno] = [new]
    return "".join(lines)


CARRIED = frozenset({"content-type"})


NOTHING = "\N{EN DASH}"


def listed(page: str, name: str, title: str, read: str = NOTHING) -> str:
    """The table of senders with a row for it, in alphabetical order. `read`: what is read of its API."""
    lines = page.splitlines(keepends=True)
    smaller = (n for n, line in enumerate(lines) if line.startswith("| [") and line[3:].partition("]")[0] < name)
    before = max(smaller, default=next(n for n, line in enumerate(lines) if line.startswith("|---")))
    cells = (f"[{name}]({name}.md)", f"what {title} tells", "see its page", "202", read, NOTHING, NOTHING, "0.1.0")
    return "".join((*lines[: before + 1], f"| {' | '.join(cells)} |\n", *lines[before + 1 :]))


SETTINGS = {"owner": "asa.oberg@example.com"}
"""Of every case: the settings that are needed."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where a connector lives. `package`: what it is imported as. `payloads`: what its schemas are imported as."""

    package: str
    folder: Path
    payloads: str
    payloads_file: Path
    paths: Paths
    root: Path
    standalone: bool

    @property
    def registry(self) -> Path:
        """The list of ours."""
        return self.root / "worker" / "connectors" / "__init__.py"

    @property
    def index(self) -> Path:
        """The page that lists all senders."""
        return self.root / "docs" / "connectors" / "README.md"


def in_tree(name: str, root: Path) -> Home:
    module = module_name(name)
    return Home(
        package=f"worker.connectors.{module}",
        folder=root / "worker" / "connectors" / module,
        payloads=f"schemas.{module}",
        payloads_file=root / "schemas" / f"{module}.py",
        paths=ours(name, root),
        root=root,
        standalone=False,
    )


def in_package(name: str, root: Path) -> Home:
    package = f"relay_{module_name(name)}"
    folder = root / package
    return Home(
        package=package,
        folder=folder,
        payloads=f"{package}.payloads",
        payloads_file=folder / "payloads.py",
        paths=packaged(folder),
        root=root,
        standalone=True,
    )


def files_of(name: str, title: str, captures: Sequence[Capture], guesses: Guesses, home: Home) -> Mapping[Path, str]:
    """Everything but the expected plans, which only the connector itself can tell."""
    payloads = by_type(captures, guesses.event_type)
    needed = {
        each.event_type: [guess.path for guess in (each.subject, guesses.event_id, guesses.event_type) if guess.path]
        for each in guesses.types
    }
    amounts = frozenset(each.meanings["amount"].path for each in guesses.types if "amount" in each.meanings)
    amounts |= _prices(guesses)
    kinds = {kind.name: kind.things for kind in guesses.source.kinds} if guesses.source else {}
    written = schemas(title, {**payloads, **kinds}, needed, amounts)
    found = {
        home.folder / "__init__.py": connector_module(name, title, guesses, written, home.payloads),
        home.payloads_file: written.source,
        home.paths.page: page.text(name, title, guesses, home.package, chosen_samples(captures, guesses)[0]),
        **_cases(captures, guesses, home),
    }
    return found | (_packaging(name, title, home) if home.standalone else _registration(name, title, guesses, home))


def _prices(guesses: Guesses) -> frozenset[Steps]:
    lines = guesses.source.lines if guesses.source else None
    told = [lines.fields[what] for what in ("price", "quantity") if what in lines.fields] if lines else []
    return frozenset((*lines.path[1:], name) for name in told) if lines else frozenset()


def chosen_samples(captures: Sequence[Capture], guesses: Guesses) -> list[str]:
    """One of each type first, then more, as many as samples may be."""
    groups: dict[str, list[str]] = {}
    for capture in captures:
        kind = "+".join(by_type([capture], guesses.event_type))
        groups.setdefault(kind, []).append(capture.name)
    turns = [group[turn] for turn in range(len(captures)) for group in groups.values() if turn < len(group)]
    return turns[:MOST_SAMPLES]


def _cases(captures: Sequence[Capture], guesses: Guesses, home: Home) -> dict[Path, str]:
    added = added_headers(guesses.signature, captures[0].headers)
    samples = set(chosen_samples(captures, guesses))
    found = {}
    settings = SETTINGS | ({"fallback_product": "ÖVRIGT"} if guesses.source and guesses.source.lines else {})
    for capture in captures:
        headers = {name: value for name, value in capture.headers.items() if name.lower() not in added}
        headers = {name: value for name, value in headers.items() if value != "application/json"}
        title = capture.title or f"A captured request: {', '.join(by_type([capture], guesses.event_type))}"
        proof = tuple(name for name in capture.headers if name.lower() in added and name.lower() not in CARRIED)
        request = replace(capture, headers=headers, title=title, proof=proof, raw=None)
        found[home.paths.cases / capture.name / REQUEST] = captured.text(
            request, settings, is_sample=capture.name in samples
        )
        for called, answer in (answers_for(guesses.source, capture.payloads) if guesses.source else {}).items():
            found[home.paths.cases / capture.name / "read" / f"{called}.json"] = cases.text(answer)
    return found


def plan_file(home: Home, case: str) -> Path:
    return home.paths.cases / case / PLAN


def _packaging(name: str, title: str, home: Home) -> dict[Path, str]:
    places = {
        "package/pyproject.toml": home.root / "pyproject.toml",
        "package/test_connector.py": home.root / "tests" / "test_connector.py",
    }
    return {path: renamed(file, name, title, home.package) for file, path in places.items()}


def _registration(name: str, title: str, guesses: Guesses, home: Home) -> dict[Path, str]:
    found = {home.registry: registered(home.registry.read_text("utf-8"), module_name(name))}
    if not home.index.is_file():
        return found
    read = ", ".join(sorted(kind.name for kind in guesses.source.kinds)) if guesses.source else NOTHING
    return found | {home.index: listed(home.index.read_text("utf-8"), name, title, read)}

"""The files of a new connector: the exemplar's, with another name, other places and other payloads."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from worker.devkit.capture import capture as captured
from worker.devkit.capture.capture import Capture
from worker.devkit.conformance.case_rules import MOST_SAMPLES
from worker.devkit.conformance.paths import PLAN, REQUEST, Paths, ours, packaged
from worker.devkit.scaffold import page, template_source
from worker.devkit.scaffold.connector_source import connector_module
from worker.devkit.scaffold.event_types import by_type
from worker.devkit.scaffold.guess import Guesses
from worker.devkit.scaffold.naming import module_name
from worker.devkit.scaffold.schema_source import schemas
from worker.devkit.scaffold.signature import added_headers
from worker.devkit.scaffold.source import STEP, WIDTH, import_line, offered_by, with_imports

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
    together = f"{HEAD}({', '.join(connectors)})"
    fits = ours.lineno == ours.end_lineno and len(together) <= WIDTH
    assignment = together if fits else f"{HEAD}(\n" + "".join(f"{STEP}{each},\n" for each in connectors) + ")"
    lines = source.splitlines(keepends=True)
    for node, new in sorted(((imported, import_line(MODULE, modules)), (ours, assignment)), key=_from_the_end):
        lines[node.lineno - 1 : node.end_lineno] = [new + "\n"]
    return "".join(lines)


def _from_the_end(pair: tuple[ast.stmt, str]) -> int:
    return -pair[0].lineno


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
    def own(self) -> str | None:
        """The package whose modules stand apart from those of the relay."""
        return self.package if self.standalone and "." not in self.package else None


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
    used = frozenset(guess.path for each in guesses.types for guess in each.meanings.values())
    written = schemas(title, payloads, needed, amounts, used.union(*needed.values()))
    found = {
        home.folder / "__init__.py": connector_module(
            name, title, guesses, written, home.payloads, home.package, home.own
        ),
        home.payloads_file: with_imports(written.source, offered_by(written.source), own=home.own),
        home.paths.page: page.text(name, title, guesses),
    }
    for module in ("people.py", "settings.py", *(("activities.py",) if not all_about_people(guesses) else ())):
        source = renamed(template_source.read(module), name, title, home)
        found[home.folder / module] = with_imports(source, offered_by(source), own=home.own)
    found |= _cases(captures, guesses, home)
    return found | (_packaging(name, title, home) if home.standalone else _registration(name, home))


def all_about_people(guesses: Guesses) -> bool:
    return all(each.about_person for each in guesses.types)


def renamed(source: str, name: str, title: str, home: Home) -> str:
    """The exemplar's text under the connector's name."""
    source = source.replace(template_source.PACKAGE, home.package)
    source = source.replace(f"relay_{template_source.NAME}", f"relay_{module_name(name)}")
    source = re.sub(rf"\b{template_source.TITLE}\b", lambda _: title, source)
    source = re.sub(rf"(?<![\w.]){template_source.NAME}(?=\W)", lambda _: name, source)
    return source.replace(f"relay-{template_source.NAME}", f"relay-{name}")


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
    for capture in captures:
        headers = {name: value for name, value in capture.headers.items() if name.lower() not in added}
        headers = {name: value for name, value in headers.items() if value != "application/json"}
        title = capture.title or f"A captured request: {', '.join(by_type([capture], guesses.event_type))}"
        request = replace(capture, headers=headers, title=title)
        found[home.paths.cases / capture.name / REQUEST] = captured.text(
            request, SETTINGS, is_sample=capture.name in samples
        )
    return found


def plan_file(home: Home, case: str) -> Path:
    return home.paths.cases / case / PLAN


def _packaging(name: str, title: str, home: Home) -> dict[Path, str]:
    return {
        home.root / "pyproject.toml": renamed(template_source.read("package/pyproject.toml"), name, title, home),
        home.root / "tests" / "test_connector.py": renamed(
            template_source.read("package/test_connector.py"), name, title, home
        ),
    }


def _registration(name: str, home: Home) -> dict[Path, str]:
    return {home.registry: registered(home.registry.read_text("utf-8"), module_name(name))}

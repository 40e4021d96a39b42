"""The documentation names only what exists: files, functions, modules, links, and the import rules as they are."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
"""CHANGELOG.md tells of the past, and may name what is gone."""
IN_BACKTICKS = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"(?:worker|web|schemas|tests|bench|docs)/[\w./-]*")
FUNCTION = re.compile(r"(\S+\.py):([\w.]+)")
MODULE = re.compile(r"(?:worker|web|schemas|tests|bench)(?:\.\w+)+")
COMMAND = re.compile(r"python -m ((?:worker|web|tests|bench)[\w.]*)")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")
IMAGINED = ("worker/connectors/parking/", "tests/test_connector.py")
"""CONTRIBUTING.md has its reader make a connector, and a package."""


def named(page: Path) -> Iterator[str]:
    return (text for text in IN_BACKTICKS.findall(page.read_text("utf-8")) if not text.startswith(IMAGINED))


def functions(path: Path) -> set[str]:
    """The functions, classes and methods of a module, methods with their class's name before them."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return found


def exists(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:count])
        module = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
        if module.is_file():
            return count == len(parts) or parts[count] in module.read_text("utf-8")
    return False


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
class TestEachPage:
    def test_names_files_that_exist(self, page: Path) -> None:
        assert [text for text in named(page) if FILE.fullmatch(text) and not (ROOT / text).exists()] == []

    def test_names_functions_where_they_are(self, page: Path) -> None:
        said = [found.groups() for text in named(page) if (found := FUNCTION.fullmatch(text))]
        assert [(file, name) for file, name in said if name not in functions(ROOT / file)] == []

    def test_names_modules_that_exist(self, page: Path) -> None:
        assert [text for text in named(page) if MODULE.fullmatch(text) and not exists(text)] == []

    def test_tells_commands_that_can_be_run(self, page: Path) -> None:
        assert [name for name in COMMAND.findall(page.read_text("utf-8")) if find_spec(name) is None] == []

    def test_links_to_pages_that_exist(self, page: Path) -> None:
        said = LINK.findall(page.read_text("utf-8"))
        assert [link for link in said if not (page.parent / link).exists()] == []


def test_the_floor_plan_has_the_import_lines_that_are_held() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    (rooms,) = [contract for contract in contracts if contract.get("containers") == ["worker"]]
    lines = "\n".join(rooms["layers"])
    assert f"```\n{lines}\n```" in (ROOT / "docs" / "design.md").read_text("utf-8")


def test_the_floor_plan_has_a_line_for_every_room() -> None:
    rooms = {path.parent.name for path in (ROOT / "worker").glob("*/__init__.py")}
    said = re.findall(r"^\| `worker/(\w+)/` \|", (ROOT / "docs" / "design.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(said) == sorted(rooms)

"""The imports of a module, sorted and laid out as ruff would."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable, Mapping

from worker.devkit.code import STEP, WIDTH


def import_line(module: str, names: Collection[str]) -> str:
    ordered = sorted(names, key=_order)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"{STEP}{name},\n" for name in ordered) + ")"


def _order(name: str) -> tuple[int, str]:
    """CONSTANTS, Classes, functions."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2, name)


def used_names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def with_imports(source: str, offered: Mapping[str, Iterable[str]], own: str | None = None) -> str:
    """The module with its imports replaced by what it needs of what is offered (names by module).

    `own`: the package whose modules are a group of their own, after the others.
    """
    tree = ast.parse(source)
    used = used_names(tree)
    needed = {module: [name for name in names if name in used] for module, names in offered.items()}
    lines = {module: import_line(module, names) for module, names in needed.items() if names}
    statements = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module != "__future__"]
    rows = source.splitlines(keepends=True)
    start, end = statements[0].lineno - 1, statements[-1].end_lineno or statements[-1].lineno
    return "".join(rows[:start]) + _groups(lines, own) + "".join(rows[end:])


def offered_by(source: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module != "__future__":
            found.setdefault(node.module, []).extend(alias.name for alias in node.names)
    return found


def _groups(lines: Mapping[str, str], own: str | None) -> str:
    def group(module: str) -> int:
        top = module.partition(".")[0]
        if top in sys.stdlib_module_names:
            return 0
        if own is None:
            return 2 if top in ("schemas", "worker", "web") else 1
        return 2 if top == own else 1

    groups: dict[int, list[str]] = {}
    for module in sorted(lines, key=lambda each: (group(each), each)):
        groups.setdefault(group(module), []).append(lines[module])
    return "\n\n".join("\n".join(each) for each in groups.values()) + "\n"

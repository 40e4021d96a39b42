"""Calls as values, laid out as ruff would."""

from __future__ import annotations

import ast
import json
import sys
import textwrap
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

WIDTH = 120
COMMENT_WIDTH = 110
STEP = "    "


@dataclass(frozen=True, slots=True)
class Call:
    """`name(args, named)`. `exploded`: an argument a line, however short."""

    name: str
    args: tuple[Code, ...] = ()
    named: Mapping[str, Code] = field(default_factory=dict)
    exploded: bool = False


Code: TypeAlias = Call | str
"""A call, or source text as it stands."""


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def flat(code: Code) -> str:
    return code if isinstance(code, str) else f"{code.name}({', '.join(_arguments(code))})"


def laid_out(code: Code, indent: str = "", before: str = "") -> str:
    """The code after `before` on a line of that indent, with room for a comma behind it."""
    line = before + flat(code)
    if isinstance(code, str) or (not code.exploded and len(indent + line) < WIDTH):
        return line
    inner = indent + STEP
    together = ", ".join(_arguments(code))
    if not code.exploded and len(inner + together) <= WIDTH:
        return f"{before}{code.name}(\n{inner}{together}\n{indent})"
    lines = [laid_out(each, inner) for each in code.args]
    lines += [laid_out(value, inner, f"{name}=") for name, value in code.named.items()]
    return f"{before}{code.name}(\n" + "".join(f"{inner}{line},\n" for line in lines) + f"{indent})"


def comment(text: str, indent: str = "") -> str:
    lines = textwrap.wrap(text, COMMENT_WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
    return "".join(f"{indent}# {line}\n" for line in lines)


def _arguments(call: Call) -> list[str]:
    return [*map(flat, call.args), *(f"{name}={flat(value)}" for name, value in call.named.items())]


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

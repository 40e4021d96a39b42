"""The exemplar's files, from which every new connector is made: a connector that lives and is tested."""

from __future__ import annotations

import ast
from pathlib import Path

from worker.devkit.scaffold.source import Call, laid_out

PACKAGE = "worker.devkit.scaffold.template"
HERE = Path(__file__).parent / "template"
NAME = "exemplar"
TITLE = "Exemplar"

PERSON_KIND = "customer_updated"
ACTIVITY_KIND = "visit_booked"
EVENT_KIND = "hall_closed"
"""The exemplar's mappings: of a person, of what happened to a person, of what happened to nobody."""


def read(name: str) -> str:
    return (HERE / name).read_text("utf-8")


def function(kind: str, name: str, calls: dict[str, Call]) -> str:
    """One of the exemplar's mappings under another name, with other arguments to what it calls."""
    source = read("__init__.py")
    node = next(each for each in ast.parse(source).body if isinstance(each, ast.FunctionDef) and each.name == kind)
    found = ast.get_source_segment(source, node) or ""
    inner = ast.parse(found)
    for call in reversed([each for each in ast.walk(inner) if isinstance(each, ast.Call)]):
        called = call.func.id if isinstance(call.func, ast.Name) else ""
        if called in calls:
            found = _replaced(found, call, laid_out(calls[called], _indent(found, call)))
    return found.replace(f"def {kind}(", f"def {name}(", 1)


def positional(kind: str, called: str) -> list[str]:
    """The arguments without a name of a call in one of the exemplar's mappings."""
    source = read("__init__.py")
    node = next(each for each in ast.parse(source).body if isinstance(each, ast.FunctionDef) and each.name == kind)
    calls = (each for each in ast.walk(node) if isinstance(each, ast.Call))
    call = next(each for each in calls if isinstance(each.func, ast.Name) and each.func.id == called)
    return [ast.get_source_segment(source, argument) or "" for argument in call.args]


def _replaced(source: str, node: ast.expr, new: str) -> str:
    lines = source.splitlines(keepends=True)
    start = sum(map(len, lines[: node.lineno - 1])) + len(lines[node.lineno - 1].encode()[: node.col_offset].decode())
    last = (node.end_lineno or node.lineno) - 1
    end = sum(map(len, lines[:last])) + len(lines[last].encode()[: node.end_col_offset].decode())
    return source[:start] + new + source[end:]


def _indent(source: str, node: ast.expr) -> str:
    line = source.splitlines()[node.lineno - 1]
    return line[: len(line) - len(line.lstrip())]

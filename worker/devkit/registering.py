"""A connector's entry among ours, in worker/connectors/__init__.py."""

from __future__ import annotations

import ast

from worker.devkit.code import STEP, WIDTH
from worker.devkit.imports import import_line

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

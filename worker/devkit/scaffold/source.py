"""Writes pieces of Python source, without laying them out."""

from __future__ import annotations

import ast
import json
import textwrap
from collections.abc import Iterable, Mapping

COMMENT_WIDTH = 110
STEP = "    "


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def call(name: str, /, *args: str, **named: str) -> str:
    return f"{name}({', '.join((*args, *(f'{key}={value}' for key, value in named.items())))})"


def docstring(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""{escaped}"""\n'


def comment(text: str, indent: str = "") -> str:
    """The formatter leaves comments as they are, so they are wrapped here."""
    lines = textwrap.wrap(text, COMMENT_WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
    return "".join(f"{indent}# {line}\n" for line in lines)


def module(first_line: str, body: str, offered: Mapping[str, Iterable[str]]) -> str:
    """A module that imports what its body uses of what is offered (names by module)."""
    tree = ast.parse(body)
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)} - own
    needed = {name: sorted(used.intersection(names)) for name, names in sorted(offered.items())}
    lines = [f"from {name} import {', '.join(names)}\n" for name, names in needed.items() if names]
    return f"{docstring(first_line)}\nfrom __future__ import annotations\n\n{''.join(lines)}\n\n{body}"

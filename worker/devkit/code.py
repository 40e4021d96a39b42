"""Calls as values, laid out as ruff would."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
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

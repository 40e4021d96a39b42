"""The first line of every module is a sentence that could stand in a table of contents."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 90
QUESTION = re.compile(r"(?:What|Which|Where|Who|Whose|How|Whether|When)\b")
NOT_YET = (
    "worker/runtime.py",
    "worker/store/events/replay.py",
    "web/wsgi.py",
    "web/sandbox/effects.py",
    "web/sandbox/options.py",
)
"""Modules whose lines are still to be mended."""


def files() -> list[str]:
    found = sorted(path for room in ("worker", "web", "schemas", "bench") for path in (ROOT / room).rglob("*.py"))
    names = [str(path.relative_to(ROOT)) for path in found if path.read_text("utf-8").strip()]
    return [name for name in names if not name.startswith(NOT_YET)]


@pytest.mark.parametrize("file", files())
def test_first_line_is_a_short_sentence(file: str) -> None:
    written = ast.get_docstring(ast.parse((ROOT / file).read_text("utf-8")))
    assert written is not None, "the module has no docstring"
    first = written.partition("\n")[0]
    assert first.endswith("."), first
    assert len(first) < LONGEST, f"{len(first)} characters: {first}"
    assert not QUESTION.match(first), first


def test_what_is_still_to_be_mended_is_there() -> None:
    assert [name for name in NOT_YET if not (ROOT / name).exists()] == []

"""The first line of every module is a sentence that could stand in a table of contents."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 90
SUBJECT = re.compile(r"`relay [a-z ]+` ")
NOUNS = "Companies|Conditions|Errors|Events|Fields|Keys|Orders|Records|Requests|Secrets|Settings|Tasks|Values|Webhooks"
VERB = re.compile(rf"(?!(?:{NOUNS})\b)[A-Z]?[a-z]+s\b")
QUESTION = re.compile(r"(?:What|Which|Where|Who|Whose|How|Whether|When)\b")


def files() -> list[str]:
    found = sorted(path for room in ("worker", "web", "schemas", "bench") for path in (ROOT / room).rglob("*.py"))
    return [str(path.relative_to(ROOT)) for path in found if path.read_text("utf-8").strip()]


@pytest.mark.parametrize("file", files())
def test_first_line_is_a_short_sentence(file: str) -> None:
    written = ast.get_docstring(ast.parse((ROOT / file).read_text("utf-8")))
    assert written is not None, "the module has no docstring"
    first = written.partition("\n")[0]
    assert first.endswith("."), first
    assert len(first) < LONGEST, f"{len(first)} characters: {first}"
    assert not QUESTION.match(first), first
    assert VERB.match(SUBJECT.sub("", first, count=1)), f"it does not begin with what the module does: {first}"

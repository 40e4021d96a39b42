"""Every kind of docs/meaning.md names the stories that show it, and these stories exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "meaning.md"
STORIES = ROOT / "tests" / "integration" / "meaning" / "stories"
TABLE = PAGE.read_text("utf-8").partition("## What is expected, kind by kind")[2]
ROWS = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in TABLE.splitlines() if row.startswith("| ")][
    1:
]
LINK = re.compile(r"\[[^\]]+\]\(([^)]+\.json)\)")


def test_the_table_has_a_row_for_each_kind_once() -> None:
    kinds = [row[0] for row in ROWS]
    assert len(kinds) > 20
    assert len(set(kinds)) == len(kinds)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_kind_says_what_is_expected_and_names_a_story_that_exists(row: list[str]) -> None:
    _, expected, told = row
    assert expected
    stories = [(PAGE.parent / link).resolve() for link in LINK.findall(told)]
    assert stories
    assert [story.name for story in stories if story.parent != STORIES or not story.is_file()] == []

"""Every claim of docs/guarantees.md names the tests that hold it, and these tests exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "guarantees.md").read_text("utf-8")
TEST = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")
PROMISE = re.compile(r"^(\d+\. )\*\*(.+?)\.?\*\*", re.MULTILINE)
LIMIT = re.compile(r"^- \*\*(.+?)\.?\*\*", re.MULTILINE)


def section(title: str) -> str:
    (found,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def first_cells(text: str) -> list[str]:
    """Of the rows of all tables, without their heads."""
    lines = text.splitlines()
    heads = {lines[number - 1] for number, line in enumerate(lines) if line.startswith("|---")}
    return [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| ") and line not in heads]


def claims() -> list[str]:
    promises = [number + name for number, name in PROMISE.findall(section("The promises"))]
    ends = first_cells(section("What dies where, and what happens then"))
    return promises + ends + LIMIT.findall(section("What is not promised"))


@cache
def known_in(file: str) -> frozenset[str]:
    """The tests of a module, those of a class with its name before them."""
    found = set()
    for node in ast.parse((ROOT / file).read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return frozenset(name for name in found if name.rpartition("::")[2].startswith("test_"))


@pytest.mark.parametrize(("file", "name"), sorted(set(TEST.findall(PAGE))))
def test_a_named_test_exists(file: str, name: str) -> None:
    assert (ROOT / file).is_file()
    assert name in known_in(file)


def test_every_claim_has_its_line() -> None:
    assert first_cells(section("What is claimed, and the test that holds it")) == claims()


def test_every_line_names_a_test_or_says_why_there_is_none() -> None:
    rows = [row for row in section("What is claimed, and the test that holds it").splitlines() if row.startswith("| ")]
    heads = ("| promise |", "| what ends, and when |", "| not promised |")
    assert [row for row in rows if not row.startswith(heads) and not (TEST.search(row) or "no test: " in row)] == []

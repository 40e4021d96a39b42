"""docs/connectors.md: its example is a connector that keeps the rules, and its words are those there are."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from worker import casebook, mapping, plan
from worker.conformance import RULES, Exhibit, Filed, check_exhibit
from worker.connector import Connector
from worker.connectors import OURS

PAGE = Path(__file__).parents[2] / "docs" / "connectors.md"
TEXT = PAGE.read_text("utf-8")


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def connector() -> Iterator[Connector]:
    module = ModuleType("car_park")
    sys.modules["car_park"] = module
    exec(compile(examples("python")[0], str(PAGE), "exec"), vars(module))  # noqa: S102 - the example is what is tested
    yield module.connector
    del sys.modules["car_park"]


def test_example_comes_to_the_plan_that_is_shown(connector: Connector) -> None:
    request, expected = map(json.loads, examples("json"))

    assert casebook.outcomes(connector, casebook.load(request, connector)) == expected


def test_example_keeps_every_rule(connector: Connector) -> None:
    request, expected = map(json.loads, examples("json"))
    filed = Filed(connector, "example", casebook.load(request, connector), expected, is_sample=True)
    page = "`ticket.issued` `gate.*` `owner` `private`"

    assert [str(problem) for problem in check_exhibit(Exhibit(connector, [filed], page), RULES)] == []


def test_every_connector_is_listed() -> None:
    assert [each.name for each in OURS if f"[{each.name}](connectors/{each.name}.md)" not in TEXT] == []


def test_words_of_mappings_and_plans_are_those_there_are() -> None:
    words = {name for name in mapping.__all__ if not name.isupper()}
    values = {"Key", "User", "Stage", "ActivityType", "Product", "Ref", "Row", "Match", "Upsert", "Ignored"}

    assert [word for word in sorted(words) if not re.search(rf"`{word}[`(]", TEXT)] == []
    assert [value for value in sorted(values) if not hasattr(plan, value) or value not in TEXT] == []

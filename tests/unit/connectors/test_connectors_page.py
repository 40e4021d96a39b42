"""docs/connectors.md: its examples are connectors that keep the rules, and its words are those there are."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from schemas.upsales import SCHEMAS
from worker import plan
from worker.devkit import cases
from worker.devkit.conformance import RULES, Filed, Subject, check_subject
from worker.devkit.recorded import Recorded
from worker.sdk import mapping
from worker.sdk.connector import Connector

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "connectors.md").read_text("utf-8")
PAGE = DOCS / "connectors-examples.md"
EXAMPLES = PAGE.read_text("utf-8")


def examples(language: str, text: str = EXAMPLES) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@dataclass(frozen=True, eq=False)
class Shown:
    """An example of the page: a connector, a request to it, and the plan that comes of it. `page`: what its own page would name."""

    number: int
    page: str

    @cached_property
    def connector(self) -> Connector:
        name = f"example_{self.number}"
        sys.modules[name] = module = ModuleType(name)
        try:
            exec(compile(examples("python")[self.number], str(PAGE), "exec"), vars(module))  # noqa: S102 - the example is what is tested
            found: Connector = module.connector
        finally:
            del sys.modules[name]
        return found

    @property
    def request_and_plan(self) -> tuple[Any, Any]:
        """The second one has the answers of its sender's API between them."""
        found = [json.loads(each) for each in examples("json")]
        return found[self.number * 2], found[self.number * 2 + 1 + self.number]

    @property
    def answers(self) -> Mapping[str, Recorded]:
        found = json.loads(examples("json")[3]) if self.number == 1 else {}
        return {name: Recorded(answer) for name, answer in found.items()}

    def case(self, **more: Any) -> cases.Case:
        return cases.load({**self.request_and_plan[0], **more}, self.connector, self.answers)


SHOWN = (
    Shown(0, "`order.placed` `owner` `fallback_product` `stage`"),
    Shown(1, "`contract.signed` `owner` `fallback_company` `fallback_product` `stage`"),
)
NO_PAGE = ("page_shows_a_connection_with_its_variables",)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.connector.name)
def test_example_comes_to_the_plan_that_is_shown(shown: Shown) -> None:
    _, expected = shown.request_and_plan

    assert cases.outcomes(shown.connector, shown.case()) == expected


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.connector.name)
def test_example_keeps_every_rule(shown: Shown) -> None:
    _, expected = shown.request_and_plan
    filed = Filed(shown.connector, "example", shown.case(sample=True), expected)
    rules = [rule for rule in RULES if rule.__name__ not in NO_PAGE]

    assert [str(problem) for problem in check_subject(Subject(shown.connector, [filed], shown.page), rules)] == []


def test_an_order_without_rows_is_ignored() -> None:
    connector = SHOWN[0].connector
    request, _ = SHOWN[0].request_and_plan
    request["body"]["order"]["lines"] = []

    (outcome,) = cases.outcomes(connector, cases.load(request, connector))

    assert outcome["ignored"] == "order without rows"


@pytest.mark.parametrize("resource", SCHEMAS)
def test_what_each_resource_needs_is_told(resource: str) -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith("| `") and f"`{resource}`" in line.split("|")[1])

    needed = {name for name, field in SCHEMAS[resource].fields.items() if field.required}

    assert needed <= set(re.findall(r"`(\w+)`", row.split("|")[2]))


class Verbatim(str):
    """An annotation, shown as it is written."""

    __slots__ = ()
    __repr__ = str.__str__


def called(word: Callable[..., Any]) -> str:
    found = inspect.signature(word)
    arguments = [each.replace(annotation=Verbatim(each.annotation)) for each in found.parameters.values()]
    shown = found.replace(parameters=arguments, return_annotation=Verbatim(found.return_annotation))
    return f"{word.__name__}{shown}"


def test_words_are_shown_as_they_are_called() -> None:
    words = [getattr(mapping, name) for name in mapping.__all__ if not name.isupper()]

    assert examples("text", TEXT)[0].splitlines() == list(map(called, words))


def test_lengths_are_those_there_are() -> None:
    lengths = [f"`{name}` {getattr(mapping, name)}" for name in mapping.__all__ if name.isupper()]

    assert [each for each in lengths if each not in TEXT] == []


def test_words_of_mappings_and_plans_are_those_there_are() -> None:
    words = {name for name in mapping.__all__ if not name.isupper()}
    values = {"Key", "User", "Stage", "ActivityType", "Product", "Ref", "Row", "Match", "Upsert", "Ignored"}

    assert [word for word in sorted(words) if not re.search(rf"`{word}[`(]", TEXT)] == []
    assert [value for value in sorted(values) if not hasattr(plan, value) or value not in TEXT] == []

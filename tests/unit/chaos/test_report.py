"""The figures of a run are rows of a Markdown table."""

from __future__ import annotations

import click
import pytest

from tests.chaos.__main__ import Seeds
from tests.chaos.judgement import Judgement
from tests.chaos.ordeal import Ordeal, Outcome
from tests.chaos.report import heading, row, table, total


def outcome(seed: int, **fields: object) -> Outcome:
    ordeal = Ordeal(seed=seed, events=10, kills=1, database="sqlite", seconds=1.0, drain=1.0)
    return Outcome(ordeal, **fields)  # type: ignore[arg-type]


def test_every_line_has_the_same_columns() -> None:
    outcomes = [outcome(1, calls=3_971, waited=[0.25, 4.0, 0.5]), outcome(2)]
    lines = [*heading(), *map(row, outcomes), total(outcomes)]
    assert {line.count("|") for line in lines} == {next(iter(heading())).count("|")}
    assert list(table(outcomes)) == lines
    assert "| 3 971 |" in lines[2]
    assert lines[2].endswith("| 0.50 | 4.0 |")


def test_a_run_that_failed_says_so() -> None:
    assert row(outcome(1, judgement=Judgement(lost=["a company"]))).endswith("FAILED")


@pytest.mark.parametrize(("given", "seeds"), [("3", [1, 2, 3]), ("6-8", [6, 7, 8]), ("4-4", [4])])
def test_seeds_are_a_number_or_a_span(given: str, seeds: list[int]) -> None:
    assert list(Seeds().convert(given, None, None)) == seeds


def test_another_word_for_seeds_is_refused() -> None:
    with pytest.raises(click.UsageError, match="such as 6-12"):
        Seeds().convert("some", None, None)

"""Outcomes as rows of a Markdown table, and what went wrong in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from tests.chaos.ordeal import Outcome

COLUMNS = (
    "seed", "events", "calls", "faults", "unanswered", "lost", "duplicated", "wrong", "unfinished",
    "unmarked", "in review", "explained", "seconds", "waited: median", "worst",
)  # fmt: skip
MOST = 20


def heading() -> Iterator[str]:
    yield _line(COLUMNS)
    yield _line("---" for _ in COLUMNS)


def row(outcome: Outcome) -> str:
    waited = (f"{median(outcome.waited):.2f}", f"{max(outcome.waited):.1f}") if outcome.waited else ("-", "-")
    failed = "" if outcome.passed else " FAILED"
    return _line([str(outcome.ordeal.seed), *map(_number, _counts(outcome)), *waited]) + failed


def total(outcomes: Sequence[Outcome]) -> str:
    sums = [_number(sum(column)) for column in zip(*map(_counts, outcomes), strict=True)]
    waited = [seconds for outcome in outcomes for seconds in outcome.waited]
    all_waited = (f"{median(waited):.2f}", f"{max(waited):.1f}") if waited else ("-", "-")
    return _line(f"**{each}**" for each in (str(len(outcomes)), *sums, *all_waited))


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield from heading()
    yield from map(row, outcomes)
    if len(outcomes) > 1:
        yield total(outcomes)


def _line(cells: Iterator[str] | Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _counts(outcome: Outcome) -> tuple[int, ...]:
    judged = outcome.judgement
    return (
        outcome.accepted,
        outcome.calls,
        outcome.faults,
        outcome.unanswered,
        len(judged.lost),
        len(judged.duplicated),
        len(judged.wrong),
        len(outcome.unfinished) + len(outcome.refused),
        outcome.unmarked,
        len(outcome.review),
        outcome.explained,
        round(outcome.seconds),
    )


def details(outcome: Outcome) -> Iterator[str]:
    """What went wrong, each kind up to a bound, and how to see it again."""
    named = (
        "lost",
        "duplicated",
        "wrong",
        "unfinished",
        "not accepted",
        "stuck",
        "raised",
        "asked without need",
        "reading",
    )
    for name, problems in zip(named, outcome.problems, strict=True):
        yield from (f"{name}: {problem}" for problem in problems[:MOST])
        if len(problems) > MOST:
            yield f"{name}: … and {len(problems) - MOST} more"
    ordeal = outcome.ordeal
    yield (
        f"again: python -m tests.chaos --seed {ordeal.seed} --events {ordeal.events} --kills {ordeal.kills}"
        f" --database {ordeal.database} --seconds {ordeal.seconds:g} --keep"
    )

"""Outcomes as lines of a table, and what went wrong in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.chaos.run import Outcome

COLUMNS = (
    "seed", "events", "kills", "wipes", "freezes", "outages", "crashes", "calls", "faults", "unanswered",
    "unmarked", "lost", "duplicated", "wrong", "in review", "unfinished", "seconds",
)  # fmt: skip
MOST = 20


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    rows = [_row(outcome) for outcome in outcomes]
    yield " ".join(f"{name:>10}" for name in COLUMNS)
    for outcome, row in zip(outcomes, rows, strict=True):
        yield " ".join(f"{value:>10}" for value in (outcome.ordeal.seed, *row)) + ("" if outcome.passed else "  FAILED")
    if len(rows) > 1:
        yield " ".join(f"{value:>10}" for value in ("total", *(sum(column) for column in zip(*rows, strict=True))))


def _row(outcome: Outcome) -> tuple[int, ...]:
    done, judged = outcome.done, outcome.judgement
    return (
        outcome.accepted,
        done.get("kill", 0) + done.get("kill a child of", 0),
        done.get("wipe", 0),
        done.get("freeze", 0),
        done.get("outage", 0),
        done.get("crash", 0),
        outcome.calls,
        outcome.faults,
        outcome.unanswered,
        outcome.unmarked,
        len(judged.lost),
        len(judged.duplicated),
        len(judged.wrong),
        len(outcome.review),
        len(outcome.unfinished) + len(outcome.refused),
        round(outcome.seconds),
    )


def details(outcome: Outcome) -> Iterator[str]:
    """What went wrong, each kind up to a bound, and how to see it again."""
    named = ("lost", "duplicated", "wrong", "unfinished", "not accepted", "stuck", "raised", "asked without need")
    for name, problems in zip(named, outcome.problems, strict=True):
        yield from (f"{name}: {problem}" for problem in problems[:MOST])
        if len(problems) > MOST:
            yield f"{name}: … and {len(problems) - MOST} more"
    ordeal = outcome.ordeal
    yield (
        f"again: python -m tests.chaos --seed {ordeal.seed} --events {ordeal.events} --kills {ordeal.kills}"
        f" --database {ordeal.database} --seconds {ordeal.seconds:g} --keep"
    )

"""Executes the plans of a claim as one; where that is refused, one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from worker.delivery.failures import refused
from worker.errors import Failure, NeedsReview, Refused, Rejected
from worker.store.events.outcomes import Outcome
from worker.sync.executor import Result
from worker.sync.fold import Planned

Execute: TypeAlias = Callable[[Sequence[Planned]], Result]


@dataclass(frozen=True, slots=True)
class Executed:
    """How events ended. A `failure` cut it short: those that are `left` have not ended."""

    outcomes: Sequence[Outcome] = ()
    failure: Failure | None = None
    left: Sequence[Planned] = ()


def execute_together(plans: Sequence[Planned], execute: Execute) -> Executed:
    """A bad event doesn't bury its neighbours: refused together, each is tried alone."""
    try:
        result = execute(plans)
    except (Rejected, Refused, NeedsReview) as failure:
        if len(plans) > 1:
            return _one_by_one(plans, execute)
        return Executed([refused(plans[0].event, failure)])
    except Failure as failure:
        return Executed(failure=failure, left=plans)
    return Executed([_ended(each, result) for each in plans])


def _one_by_one(plans: Sequence[Planned], execute: Execute) -> Executed:
    outcomes: list[Outcome] = []
    for number, each in enumerate(plans):
        alone = execute_together([each], execute)
        if alone.failure is not None:
            return Executed(outcomes, alone.failure, plans[number:])
        outcomes += alone.outcomes
    return Executed(outcomes)


def _ended(each: Planned, result: Result) -> Outcome:
    if each.event in result.effective:
        return Outcome(each.event, "delivered", None)
    if all(upsert.key in result.deleted for upsert in each.plan):
        return Outcome(each.event, "ignored", "its record was deleted in Upsales by a person")
    return Outcome(each.event, "superseded", "nothing of it was left to write")

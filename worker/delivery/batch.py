"""Executes the plans of a claim as one; where that is refused, one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from worker.delivery.ending import ended, refused
from worker.errors import Failure, NeedsReview, Refused, Rejected
from worker.store.events.outcomes import Outcome
from worker.sync.executor import Result
from worker.sync.fold import Planned

Execute: TypeAlias = Callable[[Sequence[Planned]], Result]


@dataclass(frozen=True, slots=True)
class Executed:
    """How events ended. A `failure` cut it short: those that are `left` have not ended. `answered`: Upsales was asked, and did."""

    outcomes: Sequence[Outcome] = ()
    failure: Failure | None = None
    left: Sequence[Planned] = ()
    answered: bool = False


def execute_together(plans: Sequence[Planned], execute: Execute, keep_early: float = 0.0) -> Executed:
    """A bad event doesn't bury its neighbours: refused together, each is tried alone.

    `keep_early`: how many seconds an event is kept for a record that is not in Upsales.
    """
    try:
        result = execute(plans)
    except (Rejected, Refused, NeedsReview) as failure:
        if len(plans) > 1:
            return _one_by_one(plans, execute, keep_early)
        return Executed([refused(plans[0], failure, keep_early)])
    except Failure as failure:
        return Executed(failure=failure, left=plans)
    return Executed([ended(each, result, keep_early) for each in plans])


def _one_by_one(plans: Sequence[Planned], execute: Execute, keep_early: float) -> Executed:
    outcomes: list[Outcome] = []
    for number, each in enumerate(plans):
        alone = execute_together([each], execute, keep_early)
        if alone.failure is not None:
            return Executed(outcomes, alone.failure, plans[number:])
        outcomes += alone.outcomes
    return Executed(outcomes)

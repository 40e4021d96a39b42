"""Runs the plans of some events as one: fits, folds and executes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from worker.sync.context import Access
from worker.sync.executor import execute
from worker.sync.fit import fit
from worker.sync.fold import Planned, fold
from worker.sync.goods import naming_goods
from worker.sync.result import Result


def run(access: Access, planned: Sequence[Planned], *, recreate_deleted: bool = False) -> Result:
    """Raises the Failure that stopped it, as `execute` does."""
    fitted = {each.event: fit(access.crm, each.plan) for each in planned}
    changes = fold([replace(each, plan=naming_goods(access.crm, fitted[each.event].plan)) for each in planned])
    result = execute(access, changes, recreate_deleted=recreate_deleted)
    result.misfits = {event: found.misfits for event, found in fitted.items() if found.misfits}
    return result

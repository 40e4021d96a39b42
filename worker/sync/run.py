"""Runs the plans of some events as one: fits, folds and executes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from worker.sync.context import Access
from worker.sync.executor import execute
from worker.sync.fit import Fitted, fit
from worker.sync.fold import Change, Planned, fold
from worker.sync.goods import naming_goods
from worker.sync.result import Result


def run(access: Access, planned: Sequence[Planned], *, recreate_deleted: bool = False) -> Result:
    """Raises the Failure that stopped it, as `execute` does."""
    fitted = {each.event: fit(access.crm, each.plan) for each in planned}
    changes = _folded(access, planned, fitted)
    result = execute(access, changes, recreate_deleted=recreate_deleted)
    result.misfits = {event: found.misfits for event, found in fitted.items() if found.misfits}
    return result


def changes_of(access: Access, planned: Sequence[Planned]) -> Sequence[Change]:
    """What `run` would execute. Raises Rejected."""
    return _folded(access, planned, {each.event: fit(access.crm, each.plan) for each in planned})


def _folded(access: Access, planned: Sequence[Planned], fitted: Mapping[str, Fitted]) -> Sequence[Change]:
    return fold([replace(each, plan=naming_goods(access.crm, fitted[each.event].plan)) for each in planned])

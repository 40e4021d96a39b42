"""Makes what Upsales takes in two steps: an upload, and a change that attaches it.

The second one can be made again and again. So can the first, as far as anybody sees: an upload that no change attaches belongs to
nothing, and is private to the key's own user. Its outcome need not be found out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from worker.plan import Resource, Upsert
from worker.sync.fold import Change

UPLOADED: Final[frozenset[Resource]] = frozenset({"file"})


def first_step(change: Change) -> Change:
    """What is said when it is made; the rest is said of what is there."""
    if change.key.resource not in UPLOADED:
        return change
    return replace(change, steps=tuple(replace(step, upsert=_made(step.upsert)) for step in change.steps))


def _made(upsert: Upsert) -> Upsert:
    return replace(upsert, set={}, if_empty={}, if_ours={}, while_ours={}, placed={}, surest={})

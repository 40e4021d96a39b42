"""Links further keys to a record: the sender's others, and those under which it goes on."""

from __future__ import annotations

from worker.sync.context import Access
from worker.sync.fold import Change
from worker.sync.records import LinkState


def link_also(access: Access, change: Change, record_id: int) -> frozenset[str]:
    """Link the sender's other keys. One that stands for a record already keeps it. Answers the events that took effect so."""
    effective: set[str] = set()
    for other in change.also:
        if access.ledger.link(other) is None:
            access.ledger.adopt(other, record_id, (), {})
            effective |= {step.event.event for step in change.steps if other in step.upsert.also}
    return frozenset(effective)


def link_merged(access: Access, change: Change, record_id: int) -> frozenset[str]:
    """Link the keys under which the record goes on, if they have none. Answers the events that took effect so."""
    effective: set[str] = set()
    for other in change.merged_into:
        known = access.ledger.link(other)
        if known is None:
            access.ledger.adopt(other, record_id, (), {})
            effective |= {step.event.event for step in change.steps if step.upsert.merged_into == other}
        if known is None or known.record_id == record_id:
            access.ledger.renamed(change.key)
    return frozenset(effective)


def going_on(access: Access, change: Change) -> Change:
    """What is to be done to a record. One that goes on under another key is not gone."""
    link = access.ledger.link(change.key)
    former = link is not None and link.state is LinkState.FORMER
    return change.going_on() if former else change

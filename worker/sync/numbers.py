"""Keeps a company that is found without its number from being given two."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from worker.errors import Busy
from worker.plan import Match, Resource
from worker.sync.context import Access
from worker.sync.matching import NUMBER, differs
from worker.sync.records import Held, Record


def given_another(record: Record, match: Match, told: Iterable[Match]) -> bool:
    """Whether a call of ours gave a company another number than is told. Search may not show that yet."""
    numbers = [each for each in told if each.field == NUMBER and match.field != NUMBER]
    held = record.fields.get(NUMBER)
    sent = [Held.unpacked(write.sent[NUMBER]) for write in record.open_writes if NUMBER in write.sent]
    ours = [each.value for each in (held, *sent) if each is not None and each.event is not None]
    return any(differs(number, value) for number in numbers for value in ours)


def claim(access: Access, resource: Resource, record_id: int, match: Match, told: Collection[Match]) -> None:
    """Hold a company that is found by another natural key than its number, until the told number is written.

    Raises Busy when it was given another number since it was found.
    """
    if resource != "account" or match.field == NUMBER or not any(each.field == NUMBER for each in told):
        return
    record = access.ledger.hold(resource, record_id, access.timing.hold)
    if given_another(record, match, told):
        access.ledger.release(resource, record_id, {})
        raise Busy(f"{resource} {record_id} was just given another number", seconds=0.1)
    access.claimed.add((resource, record_id))


@contextmanager
def let_go(access: Access) -> Iterator[None]:
    """Afterwards nothing that was claimed is held any more."""
    try:
        yield
    except Exception:
        _let_go(access)
        raise
    _let_go(access)


def _let_go(access: Access) -> None:
    while access.claimed:
        access.ledger.release(*access.claimed.pop(), {})

"""Makes wake-ups of what was stored just now, whichever way it came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from worker.queue.wakeups import Wakeup
from worker.tracing import Trace


class New(Protocol):
    @property
    def type(self) -> str: ...
    @property
    def priority(self) -> bool: ...
    @property
    def event_id(self) -> str: ...
    @property
    def subject(self) -> str: ...


class Stored(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def waits(self) -> bool: ...
    @property
    def new(self) -> New: ...


class Receipt(Protocol):
    """As the store answers it (`worker/store/events/arrival.py`)."""

    @property
    def connection(self) -> str: ...
    @property
    def trace(self) -> Trace | None: ...
    @property
    def events(self) -> Sequence[Stored]: ...


def wakeups_of(receipts: Sequence[Receipt]) -> Sequence[Wakeup]:
    return [
        Wakeup(
            event.id,
            receipt.connection,
            event.new.type,
            event.new.priority,
            event.new.event_id,
            event.new.subject,
            receipt.trace,
        )
        for receipt in receipts
        for event in receipt.events
        if event.waits
    ]

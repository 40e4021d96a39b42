"""Says what an event's mapping needs to have read before it runs."""

from __future__ import annotations

from dataclasses import dataclass

from worker.sdk.connector import Extract


@dataclass(frozen=True, slots=True)
class Get:
    """One thing of the sender that is read before the event is mapped.

    `kind`: a name in the source's `kinds`. `id` sees the event as it came, and in `incoming.read` what was read before it; where it finds
    nothing, nothing is read. `name`: under which the mapping finds it in `event.read`, else `kind`. What an event can do without is
    `optional`: where the sender no longer has it, the event is mapped without it.
    """

    kind: str
    id: Extract
    name: str = ""
    optional: bool = False

    @property
    def called(self) -> str:
        return self.name or self.kind

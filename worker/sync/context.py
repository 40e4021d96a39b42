"""What every step of the execution works with: Upsales, what we know of it, and how long things take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from worker.plan import Resource
from worker.sync.ports import Crm, Ledger
from worker.sync.records import Json
from worker.sync.view import RecordView


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds. `search_lag`: until Upsales's search shows a write. `settled_after`: from when a call was written down; by then it has committed or never will.

    `give_up`: how long a machine tries before a person is asked.
    """

    search_lag: float
    settled_after: float
    call_timeout: float
    give_up: float = 259_200.0

    @property
    def hold(self) -> float:
        """How long an update holds its record: one read and one write."""
        return 2 * self.call_timeout + 5

    @property
    def visible_after(self) -> float:
        """The age at which a call's effect shows in search, if it has any."""
        return self.settled_after + self.search_lag


@dataclass(frozen=True, slots=True)
class Access:
    """What every step of the execution works with."""

    crm: Crm
    ledger: Ledger
    timing: Timing

    def view(self, resource: Resource, data: Mapping[str, Json]) -> RecordView:
        """A record's data, read by the names of our fields."""
        return RecordView(data, partial(self.crm.custom_field, resource))

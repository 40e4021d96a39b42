"""Bundles what every step of the execution works with: Upsales, the ledger and the timing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from worker.errors import Gone
from worker.plan import Key, Match, Product, QualifiedKey, Resource, normalised
from worker.sync.adoption import Adoption
from worker.sync.matching import Matching
from worker.sync.ports import Crm, Ledger, Outlook
from worker.sync.records import Found, Json
from worker.sync.view import RecordView


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long things take, in seconds.

    `search_lag`: until Upsales's search shows a write. `settled_after`: the age of a journalled call at which it has
    committed or never will. `give_up`: how long a machine tries before a person is asked.
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


class NothingWaits:
    """The outlook of a run beside which no event waits."""

    def makes(self, key: Key) -> None:  # noqa: ARG002 - the port's signature
        return None

    def makes_product(self, article_no: str) -> None:  # noqa: ARG002 - the port's signature
        return None


NOTHING_WAITS = NothingWaits()


@dataclass(frozen=True, slots=True)
class Access:
    """Upsales, what we know of it, how long things take, and what other events will make.

    `substituted` takes in the products for which their fallback stood in, `found_by` the rules by which records were found,
    `without_contacts` the records whose contacts Upsales did not take.
    `running`: the keys of the changes that are run. `claimed`: the records that are held from finding to writing them.
    `rebound_for`: seconds since the connection was last bound again, None if it never was.
    `answered`: whether Upsales has answered any call that was made through `crm`, be it with a refusal. `spent`: how many calls
    were, and how many records they have written.
    `adoption`: how orders are found that another integration made, where the connection adopts them.
    """

    crm: Crm
    ledger: Ledger
    timing: Timing
    outlook: Outlook = NOTHING_WAITS
    substituted: set[Product] = field(default_factory=set)
    matching: Matching = field(default_factory=Matching)
    found_by: dict[Key, str] = field(default_factory=dict)
    without_contacts: set[Key] = field(default_factory=set)
    answered: Callable[[], bool] = lambda: True
    spent: Callable[[], tuple[int, int]] = lambda: (0, 0)
    rebound_for: float | None = None
    adoption: Adoption | None = None
    searched: dict[tuple[Resource, tuple[Match, ...]], Sequence[Found]] = field(default_factory=dict)
    running: set[Key] = field(default_factory=set)
    claimed: set[tuple[Resource, int]] = field(default_factory=set)

    def read(self, resource: Resource, record_id: int) -> Found | None:
        """The record as Upsales shows it now, None if it is gone."""
        try:
            return self.crm.get(resource, record_id)
        except Gone:
            return None

    def search(self, resource: Resource, match: Match) -> Sequence[Found]:
        """What Upsales's search shows for a natural key. Contacts are asked for once: their company is looked up by them, too."""
        if resource != "contact":
            return self.crm.search(resource, match)
        asked = (resource, (Match(match.field, normalised(match)),))
        if asked not in self.searched:
            self.searched[asked] = self.crm.search(resource, match)
        return self.searched[asked]

    def runs(self, key: QualifiedKey) -> bool:
        """Whether this run is about the key's record."""
        return key.connection == self.ledger.connection and key.key in self.running

    def search_any(self, resource: Resource, matches: tuple[Match, ...]) -> Sequence[Found]:
        """What Upsales's search shows for any of the natural keys. It is asked once for all of them."""
        if len(matches) == 1:
            return self.search(resource, matches[0])
        if (resource, matches) not in self.searched:
            self.searched[resource, matches] = self.crm.search_any(resource, matches)
        return self.searched[resource, matches]

    def view(self, resource: Resource, data: Mapping[str, Json]) -> RecordView:
        """A record's data, read by the names of our fields."""
        return RecordView(data, partial(self.crm.custom_field, resource))

    def qualified(self, key: Key) -> QualifiedKey:
        return QualifiedKey.of(self.ledger.connection, key)

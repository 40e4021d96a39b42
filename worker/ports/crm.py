"""Upsales, as the executor needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from worker.plan import Match, Reference, Resource
from worker.ports.wired import Answer, Found, Json, Permit


class Crm(Protocol):
    """Upsales through one connection's key. Reads ask for budget and journal themselves; writes need a Permit and the caller's journal.

    Every method raises Throttled, Unavailable, Unauthorized or Refused; get and update also Gone; create and update also OutcomeUnknown.
    `event` names, in the journal, the event on whose behalf a call is made.
    """

    def search(self, resource: Resource, match: Match) -> Sequence[Found]: ...
    def get(self, resource: Resource, record_id: int) -> Found: ...
    def visible(self, resource: Resource, record_id: int) -> bool:
        """Whether Upsales's search index shows the record."""

    def stamp_field(self, resource: Resource) -> str | None:
        """The field that can carry our stamp (`custom.<ALIAS>`, `externalId`), None where the account has none."""

    def stamped(self, resource: Resource, stamp: str) -> Sequence[Found]: ...
    def resolve(self, reference: Reference) -> int:
        """The Upsales id of a user, stage, type or product. Raises Rejected when there is none."""

    def custom_field(self, resource: Resource, alias: str) -> int:
        """The fieldId of an alias. Raises Rejected when there is none."""

    def check(self, resource: Resource, body: Mapping[str, Json], *, creating: bool) -> None:
        """Raises Rejected when Upsales would refuse, cut or coerce the body, or the scope forbids the call."""

    def admit(self) -> Permit:
        """Take one write out of the budget."""

    def whole(self, resource: Resource) -> bool:
        """Whether its updates carry the whole record, as it stands but for the changes."""

    def create(self, permit: Permit, resource: Resource, body: Mapping[str, Json]) -> Answer: ...
    def update(
        self,
        permit: Permit,
        resource: Resource,
        record_id: int,
        body: Mapping[str, Json],
        present: Mapping[str, Json] | None = None,
    ) -> Answer:
        """`present`: the record, if it was just read."""

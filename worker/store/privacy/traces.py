"""Defines what was found of a person: the keys of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from worker.store.privacy.person import Person

COMPANY = "company:"
"""What the keys begin with that `worker.sdk.mapping.companies.natural_id` makes."""


def key_names(person: Person, key: str | None) -> bool:
    """Whether the key of a link names the person. The key of a company may join its name and its domain by the sign that addresses have."""
    return key is not None and not key.startswith(COMPANY) and person.named_in(key)


class RecordId(NamedTuple):
    """One record of Upsales."""

    account: int
    resource: str
    id: int


class LinkId(NamedTuple):
    connection: str
    resource: str
    key: str


class IdentityId(NamedTuple):
    account: int
    resource: str
    field: str
    value: str


class LaneId(NamedTuple):
    connection: str
    subject: str


@dataclass(frozen=True, slots=True)
class Traces:
    """What is kept of a person, by the keys of its rows.

    `own`: records that are the person: their contact, a company that was made for them alone. `mentioning`: others in which they are named.
    `requests`: those that name them, or are of their `events`; `readings` likewise. `deeds`: what people did and gave a reason for that names them.
    """

    person: Person
    requests: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    own: frozenset[RecordId] = frozenset()
    mentioning: frozenset[RecordId] = frozenset()
    links: frozenset[LinkId] = frozenset()
    identities: frozenset[IdentityId] = frozenset()
    lanes: frozenset[LaneId] = frozenset()
    connections: frozenset[str] = frozenset()
    deeds: frozenset[int] = frozenset()
    batches: frozenset[int] = frozenset()
    readings: frozenset[str] = frozenset()

    def counts(self) -> dict[str, int]:
        """Rows, by table."""
        found = {
            "requests": self.requests,
            "events": self.events,
            "calls": self.calls,
            "records": self.own | self.mentioning,
            "links": self.links,
            "identities": self.identities,
            "lanes": self.lanes,
            "connections": self.connections,
            "batches": self.batches,
        }
        # Reasons are to name nobody, and most senders are not read: that one does or is is worth a word, that none is not.
        told = {"readings": len(self.readings)} if self.readings else {}
        told |= {"audit": len(self.deeds)} if self.deeds else {}
        return {table: len(rows) for table, rows in found.items()} | told

"""Defines what the executor needs of Upsales and of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from worker.plan import Key, Match, Reference, Resource
from worker.sync.records import Answer, Found, Held, Identity, Json, Link, Permit, Record
from worker.sync.typed import CustomField


class Crm(Protocol):
    """Upsales through one connection's key. Reads take budget and journal themselves; writes need a Permit and the caller's journal.

    Every method raises Throttled, Unavailable, Unauthorized or Refused; get and update also Gone; create and update also OutcomeUnknown.
    """

    def search(self, resource: Resource, match: Match) -> Sequence[Found]: ...
    def search_any(self, resource: Resource, matches: Sequence[Match]) -> Sequence[Found]:
        """The records that carry at least one of the natural keys: one search for all."""

    def get(self, resource: Resource, record_id: int) -> Found: ...
    def visible(self, resource: Resource, record_id: int) -> bool:
        """Whether Upsales's search index shows the record."""

    def marker_field(self, resource: Resource) -> str | None:
        """The field that can carry our marker (`custom.<ALIAS>`, `externalId`), None where the account has none."""

    def with_marker(self, resource: Resource, marker: str) -> Sequence[Found]: ...
    def own_domains(self) -> Collection[str]:
        """The mail domains of the account's own users."""

    def resolve(self, reference: Reference) -> int:
        """The Upsales id of a user, stage, type or product. Raises Rejected when there is none."""

    def custom_field(
        self, resource: Resource, alias: str, *, suits: Callable[[CustomField], bool] | None = None
    ) -> CustomField:
        """The custom field of an alias. Raises Rejected when there is none.

        `suits`: where it answers no, people may have changed the field since it was read, so it is read again.
        """

    def check(self, resource: Resource, body: Mapping[str, Json], *, creating: bool) -> None:
        """Raises Rejected when Upsales would refuse, cut or coerce the body, or the scope forbids the call."""

    def admit(self) -> Permit:
        """Take one write out of the budget."""

    def whole(self, resource: Resource) -> bool:
        """Whether an update of the resource carries the whole record: the fields that don't change, too."""

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


class Outlook(Protocol):
    """What the other events that wait will make, as far as their plans tell. Answers in how many seconds to ask again."""

    def makes(self, key: Key) -> float | None:
        """None when none of them would make the key's record."""

    def makes_product(self, article_no: str) -> float | None:
        """None when none of them would make a product with this article number."""


class Ledger(Protocol):
    """What we know of one connection's records.

    Each method is one transaction. It raises LeaseLost when the lane is no longer ours. `seconds` are by the database's clock.
    """

    connection: str

    def link(self, key: Key) -> Link | None: ...
    def owner(self, resource: Resource, record_id: int) -> Key | None:
        """The first key of this connection that is linked to the record; ids of the sender's come before natural keys."""

    def taken(self, resource: Resource, record_id: int) -> bool:
        """Whether a key of any connection is linked to the record."""

    def identity(self, resource: Resource, match: Match) -> Identity | None: ...
    def natural_fields(self, key: Key) -> frozenset[str]:
        """The fields whose values identify the key's record, or will when it is made."""

    def forget(self, resource: Resource, match: Match, record_id: int) -> None:
        """The record no longer carries the value."""

    def confirm(self, resource: Resource, match: Match, record_id: int) -> None:
        """The record was just seen to carry the value."""

    def adopt(
        self,
        key: Key,
        record_id: int,
        matches: Sequence[Match],
        seen: Mapping[str, Held],
        *,
        lost: int | None = None,
    ) -> None:
        """Link the key to a record that exists, closing an open create as done. `seen` fills only fields not held yet.

        `lost`: the record that was merged into this one. Whoever is linked to it is linked to this one too, and it is forgotten.
        Raises Busy when another key took the record just now, or another record has just become known as the open create's.
        """

    def renamed(self, key: Key) -> None:
        """The sender no longer uses the key: its record goes on under another one."""

    def record(self, resource: Resource, record_id: int) -> Record: ...
    def intend_create(self, key: Key, matches: Sequence[Match], sent: Mapping[str, Json], seconds: float) -> str:
        """Write down the link `creating`, the reservations, and the call `open` with a deadline in `seconds`. Answers the call id.

        If its outcome is not known by the commit horizon, and no event and no person is there to end it, it becomes a `Recheck`.
        Raises Busy when the key or one of the natural keys is taken. An open create of the same key is superseded, and becomes
        a `Recheck`, too.
        """

    def created(
        self, call: str, key: Key, answer: Answer, matches: Sequence[Match], fields: Mapping[str, Held]
    ) -> None:
        """Write down the link `linked`, the identities and what the record holds; close the call.

        An answer that comes too late for that (LeaseLost) is journalled all the same, as `OpenWrite.record_id`, or in a
        `Recheck` where the create was given up.
        """

    def hold(self, resource: Resource, record_id: int, seconds: float) -> Record:
        """Take the record's lease. Raises Busy when another lane has it."""

    def release(self, resource: Resource, record_id: int, fields: Mapping[str, Held]) -> None:
        """Give the lease back. `fields`: newer versions of values that needed no call; may be empty."""

    def intend_update(self, resource: Resource, record_id: int, sent: Mapping[str, Json], seconds: float) -> str: ...
    def updated(
        self,
        call: str,
        resource: Resource,
        record_id: int,
        answer: Answer,
        matches: Sequence[Match],
        fields: Mapping[str, Held],
    ) -> None:
        """Close the call, keep the fields, give the lease back.

        The identities of `matches` now point to the record. Its identities with other values of these fields go.
        """

    def settled(self, call: str, *, effective: bool) -> None:
        """The outcome of an open update was seen."""

    def failed(self, call: str, error: Exception) -> None:
        """The write certainly had no effect. Close the call; a create's link and reservations go, an update's lease too."""

    def unknown(self, call: str, error: Exception) -> None:
        """The write may have had its effect. A create's link and reservations stay; an update's lease goes."""

    def rechecked(self, call: str) -> None:
        """A recheck of the call found nothing."""

    def later_create(self, call: str, *, within: float | None = None) -> tuple[Resource, int] | None:
        """The newest record of the account that we created after this call was sent.

        `within`: only creates that were sent at most so many seconds after it count.
        """

    def duplicated(self, call: str, record_ids: Sequence[int]) -> None:
        """A create that was made again took effect after all. Close the call, and report its event with these records.

        An event that is to be delivered again is left to that: the call stays to be rechecked, and tells what was found.
        """

    def missing(self, key: Key, record_id: int) -> float:
        """Upsales answered that it has no such record. Answers since how many seconds that is known."""

    def found(self, key: Key, record_id: int) -> None:
        """A record that was missing is there again."""

    def gone(self, key: Key, record_id: int, *, final: bool) -> None:
        """The record that the key is linked to no longer exists, and it was not merged. The link goes; with `final` it stays as GONE.

        Other keys that are linked to the record find that out for themselves. What it held is forgotten with the last link.
        """

"""Lists the codes of why an event ended: the same in logs, in the database and in filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[str, str]] = {
    # The payload, and what reads it.
    "payload_invalid": "the payload does not validate",
    "incomplete": "the payload lacks what its mapping needs",
    "type_unknown": "the connector knows no such type",
    "unnamed": "the request names no event id, type or subject",
    "mapping_error": "the mapping raised an error",
    "unreadable": "the request can't be read any more",
    "request_gone": "the request is no longer stored",
    "request_erased": "the request was erased",
    # The sender's own API.
    "not_as_declared": "the sender's API answers otherwise than declared",
    "never_existed": "the sender's API knows no such thing",
    "gone_at_source": "it was deleted at the sender",
    # Names that Upsales does not know.
    "stage_unknown": "an order stage is unknown in Upsales",
    "owner_unknown": "a user is unknown in Upsales",
    "product_unknown": "a product is unknown in Upsales",
    "field_unknown": "a custom field is unknown in Upsales",
    "name_unknown": "a kind of activity or appointment is unknown in Upsales",
    # What is not written.
    "not_permitted": "the connection may not write that",
    "not_storable": "Upsales would not keep the record as it is",
    "link_deleted": "a record that it links to was deleted in Upsales",
    "unlinked": "a record that it links to is not in Upsales",
    "rejected": "it can't be written as it is",
    "refused": "Upsales refused it",
    # Tried for long enough.
    "gave_up": "it was tried for as long as is allowed",
    "server_error": "Upsales answers this record with an error of its own",
    "worker_died": "its worker stopped, several times",
    "raised": "its delivery raised an error",
    # A person has to decide, or had to.
    "several_match": "several records match",
    "create_unsettled": "nothing tells whether a record was made",
    "made_twice": "a record was made twice",
    "decision_first": "something else has to be decided first",
    "needs_review": "no machine can decide it",
    "undecided": "nobody decided in time",
    # It ended well.
    "rule": "a rule of the connector leaves it out",
    "empty_plan": "its plan is empty",
    "not_in_upsales": "a record that it is about is not in Upsales",
    "deleted_in_upsales": "a record that it is about was deleted in Upsales",
    "nothing_left": "nothing of it was left to write",
    "written_without": "it was written without something that it names",
    "dropped": "a person dropped it",
}
"""What each means, for people. A code stays what it is: alerts, saved links and logs name it."""


def words(code: str | None) -> str:
    """Of an event that an earlier release ended there is no code."""
    return "no code was kept" if code is None else REASONS.get(code, code)

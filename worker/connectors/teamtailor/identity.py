"""Extracts what a webhook of Teamtailor is about, and what proved it."""

from __future__ import annotations

import hashlib
import json

from worker.sdk.connector import Extract, Incoming
from worker.sdk.mapping import constant, field, first_of, joined, made_of
from worker.sdk.signatures.teamtailor import HEADER, is_first_version
from worker.sdk.source.dotted import at

NAME = field("payload.event_name")
ID = field("payload.data.id")
TIME = first_of(field("payload.data.attributes.updated-at"), field("payload.data.attributes.updated_at"))


@made_of(NAME)
def event_type(incoming: Incoming) -> str | None:
    """The first version of the signature proves an id and nothing else: such webhooks are types of their own, which are read."""
    name = NAME(incoming)
    return f"v1:{name}" if name and is_first_version(incoming.request.header(HEADER)) else name


@made_of(event_type, ID, TIME)
def event_id(incoming: Incoming) -> str | None:
    """Nothing names a delivery. A thing is deleted once; where no time is told, what is told makes the difference."""
    told, number = event_type(incoming), ID(incoming)
    if not told or not number:
        return None
    if told.endswith(".destroy"):
        return f"{told}:{number}"
    return f"{told}:{number}:{TIME(incoming) or _digest(at(incoming.payload, 'payload.data'))}"


def subject(kind: str) -> Extract:
    return joined(":", constant(kind), ID)


def _digest(told: object) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]

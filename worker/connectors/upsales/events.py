"""Finds id, type and subject in a request of Upsales, from an app or from a trigger."""

from __future__ import annotations

import json
import re

from schemas.upsales_events import local_time
from worker.sdk.connector import Extract, Incoming
from worker.sdk.mapping import constant, digest_of, field, first_of, joined, made_of

# https://support.upsales.com/hc/en-us/articles/360001693468
CALLED = re.compile(
    r"((?:client|contact|order|agreement|activity|appointment)(?:insert|update|delete|edit)|external|job)(?:/(\d+))?"
)


def called(part: int) -> Extract:
    """What the address that Upsales called says."""

    @made_of("the address")
    def extract(incoming: Incoming) -> str | None:
        found = CALLED.fullmatch(incoming.request.token or "")
        return found[part] if found else None

    return extract


event_type = first_of(called(1), field("event"))
RECORD = first_of(called(2), field("data.object.id"))


@made_of(RECORD)
def record_id(incoming: Incoming) -> str | None:
    found = RECORD(incoming)
    return found if found != "0" else None


def subject(kind: str) -> Extract:
    return joined(":", constant(kind), record_id)


def local(of: Extract) -> Extract:
    @made_of(of)
    def extract(incoming: Incoming) -> str | None:
        time = local_time(of(incoming) or "")
        return time.isoformat() if time else None

    return extract


def lacking(incoming: Incoming) -> str | None:
    """The keys that a trigger's body needs and has not."""
    needed = {"event": event_type, "timestamp": TIME, "data.object.id": record_id}
    missing = ", ".join(name for name, found in needed.items() if not found(incoming))
    return missing and f"the body lacks {missing}; docs/connectors/upsales.md shows the body of a trigger"


@made_of("data")
def told(incoming: Incoming) -> str | None:
    data = incoming.payload.get("data") if isinstance(incoming.payload, dict) else None
    return json.dumps(data, sort_keys=True) if data else None


# An app's `date` is UTC, a trigger's `timestamp` Stockholm's time.
TIME = first_of(local(field("timestamp")), field("date"))

# There is no id. Sent again, an event has the same time and tells the same.
EVENT_ID = joined(":", event_type, TIME, digest_of(record_id, told))

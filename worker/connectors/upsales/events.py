"""Finds id, type and subject in a request of Upsales, from an app or from a trigger."""

from __future__ import annotations

import json
import re

from schemas.upsales_events import local_time
from worker.sdk.connector import Extract, Incoming
from worker.sdk.mapping import digest_of, field, first_of, joined

# https://support.upsales.com/hc/en-us/articles/360001693468
CALLED = re.compile(
    r"((?:client|contact|order|agreement|activity|appointment)(?:insert|update|delete|edit)|external|job)(?:/(\d+))?"
)


def event_type(incoming: Incoming) -> str | None:
    called = CALLED.fullmatch(incoming.request.token or "")
    return called[1] if called else field("event")(incoming)


def record_id(incoming: Incoming) -> str | None:
    called = CALLED.fullmatch(incoming.request.token or "")
    found = (called and called[2]) or field("data.object.id")(incoming)
    return found if found != "0" else None


def subject(kind: str) -> Extract:
    return lambda incoming: f"{kind}:{found}" if (found := record_id(incoming)) else None


def local(of: Extract) -> Extract:
    def extract(incoming: Incoming) -> str | None:
        time = local_time(of(incoming) or "")
        return time.isoformat() if time else None

    return extract


def lacking(incoming: Incoming) -> str | None:
    """The keys that a trigger's body needs and has not."""
    needed = {"event": event_type, "timestamp": TIME, "data.object.id": record_id}
    missing = ", ".join(name for name, found in needed.items() if not found(incoming))
    return missing and f"the body lacks {missing}; docs/connectors/upsales.md shows the body of a trigger"


def told(incoming: Incoming) -> str | None:
    data = incoming.payload.get("data") if isinstance(incoming.payload, dict) else None
    return json.dumps(data, sort_keys=True) if data else None


# An app's `date` is UTC, a trigger's `timestamp` Stockholm's time.
TIME = first_of(local(field("timestamp")), field("date"))

# There is no id. Sent again, an event has the same time and tells the same.
EVENT_ID = joined(":", event_type, TIME, digest_of(record_id, told))

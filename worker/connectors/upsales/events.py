"""Where a request of Upsales tells what happened: an app is called at a path, a trigger says it in its body."""

from __future__ import annotations

import json
import re

from schemas.upsales_events import local_time
from worker.sdk.connector import Delivery, Extract
from worker.sdk.mapping import digest_of, field, first_of, joined

# https://support.upsales.com/hc/en-us/articles/360001693468
CALLED = re.compile(
    r"((?:client|contact|order|agreement|activity|appointment)(?:insert|update|delete|edit)|external|job)(?:/(\d+))?"
)


def event_type(delivery: Delivery) -> str | None:
    called = CALLED.fullmatch(delivery.request.token or "")
    return called[1] if called else field("event")(delivery)


def record_id(delivery: Delivery) -> str | None:
    called = CALLED.fullmatch(delivery.request.token or "")
    found = (called and called[2]) or field("data.object.id")(delivery)
    return found if found != "0" else None


def subject(kind: str) -> Extract:
    return lambda delivery: f"{kind}:{found}" if (found := record_id(delivery)) else None


def local(of: Extract) -> Extract:
    def extract(delivery: Delivery) -> str | None:
        time = local_time(of(delivery) or "")
        return time.isoformat() if time else None

    return extract


def told(delivery: Delivery) -> str | None:
    data = delivery.payload.get("data") if isinstance(delivery.payload, dict) else None
    return json.dumps(data, sort_keys=True) if data else None


# An app's `date` is UTC, a trigger's `timestamp` Stockholm's time.
TIME = first_of(local(field("timestamp")), field("date"))

# There is no id. Sent again, an event has the same time and tells the same.
EVENT_ID = joined(":", event_type, TIME, digest_of(record_id, told))

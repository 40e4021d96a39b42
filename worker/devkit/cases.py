"""Reads a case (a request, as JSON) and tells its outcome (what comes of it, as JSON)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from worker.errors import Rejected
from worker.plan import Ignored
from worker.sdk.connector import Connector, Event
from worker.sdk.plan_json import as_json
from worker.sdk.read import ReadEvent, read
from worker.sdk.request import Request
from worker.sdk.route import plan_event
from worker.sdk.settings import load_settings

SHAPE = '{"now": "2026-03-02T08:15:06+00:00", "headers": {…}, "body": {…}}'


@dataclass(frozen=True, slots=True)
class Case:
    """A request to a connection, with the connection's settings and the time of receipt.

    `is_sample`: `relay demo` and `relay send` send it.
    """

    title: str
    request: Request
    settings: Mapping[str, Any]
    now: datetime
    connection: str
    is_sample: bool = False


def load(document: Mapping[str, Any], connector: Connector) -> Case:
    """The document's keys: `title`, `sample`, `headers`, `path`, `body`, `settings`, `now`, `connection`.

    All but body and now are optional. `path` is what the sender adds to the connection's URL.
    """
    body = document["body"]
    text = urlencode(body, doseq=True) if connector.body == "form" else json.dumps(body, ensure_ascii=False)
    connection = document.get("connection", connector.name)
    headers = {"Content-Type": "application/json", **connector.sample_headers, **document.get("headers", {})}
    path = document.get("path")
    return Case(
        title=document.get("title", ""),
        request=Request(
            method="POST",
            url=f"https://relay.example/webhooks/{connection}" + (f"/{quote(path, safe='')}" if path else ""),
            headers=tuple((name.lower(), value) for name, value in headers.items()),
            body=text.encode(),
            token=path,
        ),
        settings=document.get("settings", {}),
        now=datetime.fromisoformat(document["now"]),
        connection=connection,
        is_sample=document.get("sample", False) is True,
    )


def lacking(document: Any) -> str | None:
    """Tells what a captured request lacks, and what that is; None if it lacks nothing."""
    if not isinstance(document, Mapping):
        return f"it is no object such as {SHAPE}"
    if "body" not in document:
        return f"it has no `body`: what was posted, as in {SHAPE}"
    return None if "now" in document else f"it has no `now`: when it was received, ISO 8601, as in {SHAPE}"


def wrong(document: Any, error: Exception) -> str:
    """Tells the author of the document why `load` raised."""
    return lacking(document) or f"{type(error).__name__}: {error}"


def event_of(reading: ReadEvent, case: Case) -> Event:
    return Event(
        id=reading.id,
        type=reading.type,
        subject=reading.subject,
        time=reading.time or case.now,
        payload=reading.payload,
        connection=case.connection,
        version=reading.version,
    )


def outcomes(connector: Connector, case: Case) -> list[dict[str, Any]]:
    """The outcome of each event of the case."""
    settings = load_settings(connector.settings, case.settings, f"the settings of {connector.name}")
    return [outcome(connector, settings, reading, case) for reading in read(connector, case.request)]


def outcome(connector: Connector, settings: Any, reading: ReadEvent, case: Case) -> dict[str, Any]:
    """Tells one event of the case, and its plan or why there is none."""
    event = event_of(reading, case)
    known = {"id": event.id, "type": event.type, "subject": event.subject, "time": event.time.isoformat()}
    if event.version is not None:
        known["version"] = str(event.version)
    if reading.problem:
        return known | {"problem": reading.problem}
    try:
        plan = plan_event(connector, settings, event)
    except Rejected as error:
        return known | {"rejected": str(error)}
    return known | ({"ignored": plan.rule} if isinstance(plan, Ignored) else {"plan": as_json(plan)})


def text(document: Any) -> str:
    """The document as a file keeps it: a line for whatever fits on one."""
    return _laid_out(document, "") + "\n"


WIDTH = 110


def _laid_out(value: Any, indent: str) -> str:
    short = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(short) <= WIDTH or not isinstance(value, dict | list):
        return short
    inner = indent + "  "
    if isinstance(value, list):
        lines = [inner + _laid_out(each, inner) for each in value]
        opening, closing = "[]"
    else:
        lines = [
            f"{inner}{json.dumps(name, ensure_ascii=False)}: {_laid_out(each, inner)}" for name, each in value.items()
        ]
        opening, closing = "{}"
    return "\n".join((opening, ",\n".join(lines), indent + closing))

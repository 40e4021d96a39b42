"""Reads a case (a request, as JSON) and tells its outcome (what comes of it, as JSON).

A case of a handshake comes to the answer; one whose event is read of the sender's API has the answers of that, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from worker.devkit.recorded import Answers, NotRead, NotRecorded, event_with
from worker.errors import Rejected
from worker.plan import Ignored
from worker.sdk.body import multipart, xml
from worker.sdk.body.brackets import closed
from worker.sdk.connector import Answer, ByVerifyToken, Connector, Event, Handles, Incoming
from worker.sdk.plan_json import as_json
from worker.sdk.read import ReadEvent, parts, read
from worker.sdk.request import Request
from worker.sdk.route import plan_event, rule_for
from worker.sdk.settings import load_settings

SHAPE = '{"now": "2026-03-02T08:15:06+00:00", "headers": {…}, "body": {…}}'


@dataclass(frozen=True, slots=True)
class Case:
    """A request to a connection, with the connection's settings and the time of receipt.

    `is_sample`: `relay demo` and `relay send` send it. `answers`: what the sender's API says when it is read for it.
    `proof`: the headers by which the captured request was proved; the case is kept without them.
    """

    title: str
    request: Request
    settings: Mapping[str, Any]
    now: datetime
    connection: str
    is_sample: bool = False
    answers: Answers = field(default_factory=dict)
    proof: tuple[str, ...] = ()


SECRETS = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)
VERIFY_TOKENS = ("verify-me",)
"""What the connection of a case knows: a handshake is answered with them."""


def load(document: Mapping[str, Any], connector: Connector, answers: Answers | None = None) -> Case:
    """The document's keys: `title`, `sample`, `method`, `query`, `headers`, `proof`, `path`, `body`, `raw`, `settings`, `now`, `connection`.

    All but body and now are optional, and a request with another method than POST needs no body. `path` is what the sender adds to the
    connection's URL. `answers`: of the sender's API.
    """
    method = document.get("method", "POST")
    query = document.get("query")
    connection = document.get("connection", connector.name)
    headers = {"Content-Type": "application/json", **connector.sample_headers, **document.get("headers", {})}
    path = document.get("path")
    return Case(
        title=document.get("title", ""),
        request=Request(
            method=method,
            url=f"https://relay.example/webhooks/{connection}"
            + (f"/{quote(path, safe='')}" if path else "")
            + (f"?{urlencode(query, doseq=True)}" if query else ""),
            headers=tuple((name.lower(), value) for name, value in headers.items()),
            body=_body(connector, document),
            token=path,
            received=datetime.fromisoformat(document["now"]),
        ),
        settings=document.get("settings", {}),
        now=datetime.fromisoformat(document["now"]),
        connection=connection,
        is_sample=document.get("sample", False) is True,
        answers=answers or {},
        proof=tuple(document.get("proof", ())),
    )


def _body(connector: Connector, document: Mapping[str, Any]) -> bytes:
    """`raw`: the text as it came, where its very bytes count."""
    if "raw" in document:
        return str(document["raw"]).encode()
    asks = document.get("method", "POST") == "POST"
    return written(connector, document["body"]) if asks or "body" in document else b""


def sent(raw: bytes | None, body: Any) -> bytes:
    """The very bytes where they were kept, for signatures cover them; else JSON of what they said."""
    return json.dumps(body, ensure_ascii=False).encode() if raw is None else raw


def written(connector: Connector, body: Any) -> bytes:
    """The body as its sender would write it."""
    match connector.body:
        case "form":
            return urlencode(_form(connector, body), doseq=True).encode()
        case "multipart":
            return multipart.written(_fields(connector, body))
        case "xml":
            return xml.written(body)
        case _:
            return json.dumps(body, ensure_ascii=False).encode()


def _form(connector: Connector, body: Any) -> Any:
    fields = _fields(connector, body)
    return closed(fields, connector.bracketed) if isinstance(fields, Mapping) else fields


def _fields(connector: Connector, body: Any) -> Any:
    """A form's, JSON where one holds it."""
    if not isinstance(body, Mapping):
        return body
    inner = connector.json_fields
    return {
        name: json.dumps(value, ensure_ascii=False) if name in inner and not isinstance(value, str) else value
        for name, value in body.items()
    }


def lacking(document: Any) -> str | None:
    """Tells what a captured request lacks, and what that is; None if it lacks nothing."""
    if not isinstance(document, Mapping):
        return f"it is no object such as {SHAPE}"
    if "body" not in document and "raw" not in document and document.get("method", "POST") == "POST":
        return f"it has no `body`: what was posted, as in {SHAPE}"
    return None if "now" in document else f"it has no `now`: when it was received, ISO 8601, as in {SHAPE}"


def wrong(document: Any, error: Exception) -> str:
    """Tells the author of the document why `load` raised."""
    return lacking(document) or f"{type(error).__name__}: {error}"


def handshake(connector: Connector, case: Case) -> Answer | None:
    """What the request is answered at the door; None where it is no handshake, and of one that raises."""
    for each in connector.handshakes:
        try:
            answer = each(case.request, VERIFY_TOKENS if isinstance(each, ByVerifyToken) else SECRETS)
        except Exception:  # noqa: BLE001, S112 - as at the door: it has not said yes
            continue
        if answer is not None:
            return answer
    return None


def answered(answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {"status": answer.status, "body": answer.body.decode()}
    return {"handshake": told | ({"headers": dict(answer.headers)} if answer.headers else {})}


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
    answer = handshake(connector, case)
    if answer is not None:
        return [answered(answer)]
    if case.request.method != "POST":
        return [{"refused": f"no handshake answers this {case.request.method}"}]
    settings = load_settings(connector.settings, case.settings, f"the settings of {connector.name}")
    found = zip(read(connector, case.request), parts(connector, case.request), strict=True)
    return [outcome(connector, settings, reading, case, part) for reading, part in found]


def outcome(
    connector: Connector, settings: Any, reading: ReadEvent, case: Case, part: Incoming | None = None
) -> dict[str, Any]:
    """Tells one event of the case, and its plan or why there is none."""
    event = event_of(reading, case)
    known = {"id": event.id, "type": event.type, "subject": event.subject, "time": event.time.isoformat()}
    if event.version is not None:
        known["version"] = str(event.version)
    if reading.problem:
        return known | {"problem": reading.problem}
    try:
        event = fetched(connector, event, part, case)
        if event.changed is not None:
            known["changed"] = event.changed.isoformat()
        plan = plan_event(connector, settings, event)
    except (NotRecorded, NotRead) as error:
        return known | {"unread": str(error)}
    except Rejected as error:
        return known | {"rejected": str(error)}
    return known | ({"ignored": plan.rule} if isinstance(plan, Ignored) else {"plan": as_json(plan)})


def fetched(connector: Connector, event: Event, part: Incoming | None, case: Case) -> Event:
    """With what is read of the sender's API for it. Raises NotRecorded, NotRead."""
    rule = rule_for(connector, event.type)
    if part is None or not isinstance(rule, Handles):
        return event
    return event_with(connector, rule, event, part, case.answers)


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

"""Plays a sender's API from the answers that a case recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from worker.sdk.connector import Connector, Event, Handles, Incoming
from worker.sdk.fetch import changed_in, wanted
from worker.sdk.masked import masked
from worker.sdk.source import Absent, Answered, Get, Kind, Verdict
from worker.sdk.source.content import content_of, media_type_of, told_of

MASK = "***"
RECORDED = "recorded"
"""The reading of a file of a case: it has no id of its own."""
NO_TOKEN = Absent("unread", "no token")
"""What a connection finds that works without one. A case without answers is of such a connection."""
MISSING: Mapping[int, str] = {404: "gone", 410: "gone", 401: "forbidden", 403: "forbidden", 429: "throttled"}


class NotRecorded(Exception):
    """The case records no answer for what is read. `file`: where it belongs."""

    def __init__(self, get: Get, thing: str) -> None:
        super().__init__(f"no answer is recorded for {get.kind} {thing}")
        self.get, self.thing, self.file = get, thing, f"read/{get.called}.json"


class NotRead(Exception):
    """The recorded answer is no thing: it says what it means instead."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what, self.why = what, why


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer as it came. `status`: 200 unless the file's name says another (`lead.404.json`). `body`: the bytes of a file (`signed.pdf`)."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One reading for an event: what was asked for, by which id, and what came."""

    get: Get
    thing: str
    kind: Kind
    body: Any


Answers = Mapping[str, Recorded]
"""By `Get.called`; where one event of several needs an answer of its own, by `<called>.<id>`."""


def event_with(connector: Connector, rule: Handles, event: Event, incoming: Incoming, answers: Answers) -> Event:
    """The event with what is read for it, as it is planned. Raises NotRecorded, NotRead."""
    if not rule.fetch:
        return event
    read: dict[str, Any] = {}
    changed = None
    for step in steps(connector, rule, incoming, answers, read):
        if not isinstance(step.body, Absent):
            changed = changed or changed_in(step.kind, step.body, event.time)
    return replace(event, read=read, changed=changed)


def steps(
    connector: Connector, rule: Handles, incoming: Incoming, answers: Answers, read: dict[str, Any]
) -> Iterator[Step]:
    """One after the other; `read` grows with each. A case without answers is one of a connection without a token, where the source allows that."""
    while (found := wanted(rule, incoming, read)) is not None:
        get, thing = found
        kind = kind_of(connector, get)
        if not answers and connector.source and connector.source.unread:
            read[get.called] = unread = Absent("unread", "the connection has no token")
            yield Step(get, thing, kind, unread)
            continue
        answer = answer_to(answers, get, thing)
        if answer is None:
            raise NotRecorded(get, thing)
        read[get.called] = body = _told(kind, get, answer)
        yield Step(get, thing, kind, body)


def answer_to(answers: Answers, get: Get, thing: str) -> Recorded | None:
    return answers.get(f"{get.called}.{thing}") or answers.get(get.called)


def kind_of(connector: Connector, get: Get) -> Kind:
    kinds = connector.source.kinds if connector.source else {}
    if get.kind not in kinds:
        raise NotRead("unlike", f"the source has no kind {get.kind}; it has {', '.join(kinds) or 'none'}")
    return kinds[get.kind]


def thing_in(kind: Kind, body: Any) -> Any:
    """What stands at `Kind.at`, its secrets masked; of a file what a reading holds of it."""
    if kind.file:
        return told_of(content_of(RECORDED, body, media_type_of("", body))) if isinstance(body, bytes) else None
    for step in kind.at.split(".") if kind.at else ():
        body = body.get(step) if isinstance(body, Mapping) else None
    return masked(body, kind.secret_fields, lambda _secret: MASK)


def _told(kind: Kind, get: Get, answer: Recorded) -> Any:
    body = thing_in(kind, answer.body)
    try:
        verdict = meant(kind, answer)
        early = kind.early(body) if kind.early and verdict is None else None
    except Exception as error:
        raise NotRead("unlike", f"{get.kind}: what it means can't be told, {type(error).__name__}") from error
    if early:
        raise NotRead("early", early)
    if verdict is None:
        return body
    if verdict.what in ("gone", "never"):
        return Absent("gone" if verdict.what == "gone" else "never", verdict.why)
    raise NotRead(verdict.what, f"{get.kind}: {verdict.why}")


def meant(kind: Kind, answer: Recorded) -> Verdict | None:
    """None for an answer that holds the thing."""
    json = None if isinstance(answer.body, bytes) else answer.body
    told = kind.means(Answered(status=answer.status, headers=answer.headers, json=json)) if kind.means else None
    if told is not None or answer.status < 300:
        return told
    what: Any = MISSING.get(answer.status, "unavailable")
    return Verdict(what, f"answered {answer.status}")

"""Defines a connector: facts about one kind of sender, and pure functions to plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from worker.plan import Ignored, Plan, Resource
from worker.sdk.request import Request

if TYPE_CHECKING:
    from marshmallow import Schema

    from worker.sdk.signatures import Scheme
    from worker.sdk.source import Get, Source
    from worker.sdk.stream import Stream


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event of a request before its payload is validated: the request's headers and this event's part of the body.

    `place`: where in the body it stands, as a JSON pointer. It is empty where the event is the whole body.
    `read`: what was read of the sender's API for it, by `Get.called`. At the door there is nothing yet.
    """

    request: Request
    payload: Any
    place: str = ""
    read: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a mapping is given. `payload` is what the schema's `load` returned; `time` is aware.

    `version`: the sender's own, as a number that can be compared. `read`: what was read of the sender's API, by `Get.called`, as the schemas
    of its kinds load it; what is optional and gone is not in it. Before that it holds them as they were read, and `Absent` for what is not there.
    `changed`: when what was read last changed, where its sender tells: as of then its values count.
    """

    id: str
    type: str
    subject: str
    time: datetime
    payload: Any
    connection: str
    version: Decimal | None = None
    read: Mapping[str, Any] = field(default_factory=dict)
    changed: datetime | None = None

    @property
    def counts_as_of(self) -> datetime:
        return self.changed or self.time


REPEATS_FOR = timedelta(days=45)
"""For so long what is sent again is recognised, whichever sender it is of. Scrive tells that a document is sealed once more 30 days later."""

BodyKind: TypeAlias = Literal["json", "form", "multipart", "xml"]

Extract: TypeAlias = Callable[[Incoming], str | None]
MapEvent: TypeAlias = Callable[[Event, Any], Plan | Ignored]


@dataclass(frozen=True, slots=True)
class Handles:
    """How events of one type are read and mapped. `subject` and `time` see the raw payload, before validation.

    `time` answers ISO 8601 text or a number since 1970 (`worker/sdk/event_time.py`); None means the time of receipt.

    Senders tell seconds. Of two events of one time, the one with the higher `version` is newer: a number or ISO 8601 text, to
    any decimal, in the payload or a header. After it the higher `rank` is newer, and then what arrives later.

    `fetch`: what is read of the sender's API before the mapping runs, one after the other. `gone`: maps the event where something of it was
    deleted there; None: then it is ignored.
    """

    schema: type[Schema]
    plan: MapEvent
    subject: Extract
    time: Extract
    priority: bool = False
    version: Extract | None = None
    rank: int = 0
    fetch: tuple[Get, ...] = ()
    gone: MapEvent | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply to a sender's handshake."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Handshake: TypeAlias = Callable[[Request, Sequence[str]], Answer | None]
"""Given a request and the connection's secrets: the reply, or None when this request is no handshake."""


@dataclass(frozen=True, slots=True)
class ByVerifyToken:
    """A handshake that is given the connection's verify tokens in the place of its signing secrets: they sign nothing."""

    answer: Handshake

    def __call__(self, request: Request, tokens: Sequence[str]) -> Answer | None:
        return self.answer(request, tokens)


@dataclass(frozen=True, slots=True)
class NoSettings:
    """For connectors that have nothing to set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFormat:
    """The format of a connector's events is the relay's own. So whoever sends them can mend what is wrong in them.

    `refuses`: whether a connection with these settings answers 422 to what is wrong with the contents, and stores nothing of
    the request. Else it is stored, and the event tells what was wrong.
    `id`, `type`, `subject`, `time`: where an event has them, as JSON pointers.
    `in_vain`: the pointers to what a valid payload says and Upsales can't be made to hold.
    """

    refuses: Callable[[Any], bool]
    id: str
    type: str
    subject: str
    time: str
    in_vain: Callable[[Any], Iterator[str]] = lambda _payload: iter(())


def one(payload: Any) -> Sequence[Any]:
    """The body is one event."""
    return (payload,)


def each(payload: Any) -> Sequence[Any]:
    """The body is an array of events."""
    return payload if isinstance(payload, list) else (payload,)


def each_in(path: str) -> Callable[[Any], Sequence[Any]]:
    """The body holds an array of events at the dotted path; arrays on the way there are gone through, too.

    Each event keeps what stands around it: with `each_in("entry.changes")` one of Meta's is `{"object": …, "entry": {"id": …, "changes": {…}}}`.
    """
    steps = path.split(".")
    return lambda payload: tuple(_apart(payload, steps))


def _apart(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    if not steps:
        yield from value if isinstance(value, list) else (value,)
    elif isinstance(value, list):
        for each_of in value:
            yield from _apart(each_of, steps)
    elif isinstance(value, dict) and steps[0] in value:
        for part in _apart(value[steps[0]], steps[1:]):
            yield {**value, steps[0]: part}
    else:
        yield value


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One kind of sender.

    `ignores`: event types (shell patterns) that are accepted and need nothing. `writes`: what its plans may do in Upsales.
    `unknown_types`: what becomes of an event of any other type. A vendor's new type concerns nobody yet; where senders
    choose the type themselves, it is a slip that must not vanish.
    `refuses`: event types (shell patterns) that can't be delivered however often they are sent, and what to change at the sender.
    `explains`: of a request that names no id, type or subject: what it lacks in the sender's words, and what to change.
    `current_payloads`: the sender builds a payload when it sends it. So of one time, what arrives last is the newest.
    `secret_headers`, `secret_fields`: where the sender itself carries secrets; they are stored as fingerprints. A field is a
    dotted path, at any depth of the body.
    `body`: how the body is written; `json_fields`: those of a form that hold JSON, which is read as such. `bracketed`: those that
    hold others, written as PHP does: with `fields` in it, `fields[name][value]` is an object in an object.
    `tenant`: whose event it is, where one address of the sender's serves several (`route` of a connection).
    `source`: the sender's own API. `unverified`: its webhooks prove nothing of what they say, so only what is read there counts.
    `asks_every`: seconds after which the sender asks again whether it is answered (`handshakes`). Where it stops, it is silent.
    `columns`: of exports of people as CSV: by kind (or event type), where in a payload what stands under a name belongs, as a dotted path.
    `stream`: where the sender is listened to, if it posts nothing.
    `repeats_for`: how long after the first time a sender may send an event again, where that is longer than 45 days.
    `own_format`: set where the relay, not the sender, says how its events look.
    `settings`: a frozen dataclass whose fields are made by `setting()`.
    """

    name: str
    title: str
    signature: Scheme
    event_id: Extract
    event_type: Extract
    handles: Mapping[str, Handles]
    writes: Mapping[Resource, frozenset[str]]
    ignores: frozenset[str] = frozenset()
    refuses: Mapping[str, str] = field(default_factory=dict)
    explains: Extract | None = None
    unknown_types: Literal["ignored", "dead"] = "ignored"
    own_format: OwnFormat | None = None
    settings: type[Any] = NoSettings
    current_payloads: bool = False
    split: Callable[[Any], Sequence[Any]] = one
    handshakes: tuple[Handshake, ...] = ()
    asks_every: float | None = None
    accepted_status: int = 202
    body: BodyKind = "json"
    json_fields: tuple[str, ...] = ()
    bracketed: tuple[str, ...] = ()
    secret_headers: tuple[str, ...] = ()
    secret_fields: tuple[str, ...] = ()
    sample_headers: Mapping[str, str] = field(default_factory=dict)
    tenant: Extract | None = None
    source: Source | None = None
    unverified: bool = False
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stream: Stream | None = None
    repeats_for: timedelta = REPEATS_FOR

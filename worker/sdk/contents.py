"""Tells, field by field, what is wrong with events in the relay's own format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from marshmallow import ValidationError

from worker.sdk.connector import Connector, Handles, OwnFormat
from worker.sdk.read import UNKNOWN, ReadEvent
from worker.sdk.route import meant_types, rule_for, schema_of
from worker.sdk.unknown_fields import escaped, unknown_fields

SCHEMA_WIDE = "_schema"
"""Under this name marshmallow tells what concerns several fields at once."""

LONGEST_PLACE = 120
MOST_EVENTS = 100
"""In one request: to look through an event takes about half a millisecond, and its sender waits."""
MOST_VALUES = 5_000
"""In one event, each object and array counted too: the largest order that is one has some hundred rows of six."""
MOST_FAULTS = 100
"""That are looked for in one request. Who makes more mends these first; to find each costs up to a millisecond."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`pointer`: the place in the body, https://www.rfc-editor.org/rfc/rfc6901. `meant`: what most likely was to stand there."""

    pointer: str
    detail: str
    meant: str | None = None

    @property
    def place(self) -> str:
        """The place as people write it: `data.rows.0.price`."""
        return dotted(self.pointer) or "the body"


def faults(connector: Connector, settings: Any, events: Sequence[ReadEvent]) -> Sequence[Fault]:
    """What has to be mended before the request is taken. Nothing where the format is not the relay's own, or all is taken but what is too large."""
    own = connector.own_format
    if own is None:
        return ()
    if large := next((event for event in events if _is_large(event.payload)), None):
        return (
            Fault(large.place, f"The event holds more than {MOST_VALUES} values: send it in several, or less of it."),
        )
    if not own.refuses(settings):
        return ()
    if len(events) > MOST_EVENTS:
        return (
            Fault("", f"{len(events)} events, and {MOST_EVENTS} at the most are taken: send them in several requests."),
        )
    times = Counter(event.id for event in events)
    found = (
        replace(fault, pointer=event.place + fault.pointer)
        for event in events
        for fault in chain(_faults(connector, own, event), _repeated(own, event, times))
    )
    return tuple(islice(found, MOST_FAULTS))


def _is_large(payload: Any) -> bool:
    left, seen = [payload], 0
    while left and seen + len(left) <= MOST_VALUES:
        value = left.pop()
        seen += 1
        if isinstance(value, Mapping):
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
    return bool(left)


def passed_over(connector: Connector, settings: Any, event: ReadEvent) -> str | None:
    """Names what of an event in the relay's own format comes to nothing, and isn't refused."""
    own, rule = connector.own_format, rule_for(connector, event.type)
    if own is None or not isinstance(rule, Handles) or event.problem:
        return None
    unknown = [] if own.refuses(settings) else list(islice(unknown_fields(schema_of(rule), event.payload), MOST_FAULTS))
    named = [f"{dotted(pointer)} ({hint})" for pointer, hint, _ in unknown]
    return f"passed over: {', '.join(named)}" if named else None


def in_vain(connector: Connector, event: ReadEvent) -> str | None:
    """Names what of an event in the relay's own format Upsales can't be made to hold."""
    own = connector.own_format
    if own is None or event.problem or not isinstance(rule_for(connector, event.type), Handles):
        return None
    places = ", ".join(dotted(pointer) for pointer in own.in_vain(event.payload))
    return f"can't be emptied: {places}" if places else None


def dotted(pointer: str) -> str:
    return pointer[1:LONGEST_PLACE].replace("/", ".")


def _faults(connector: Connector, own: OwnFormat, event: ReadEvent) -> Iterator[Fault]:
    if not isinstance(event.payload, Mapping):
        yield Fault("", "An event is a JSON object.")
        return
    rule = rule_for(connector, event.type)
    if "type" in event.missing:
        yield Fault(own.type, "Missing: what happened.")
    elif rule is None and event.type != UNKNOWN:
        meant = meant_types(connector, event.type)
        yield Fault(own.type, f"There is no such type; {_choice(meant, connector)}", meant[0] if meant else None)
    found = list(islice(_wrong_fields(rule, event.payload), MOST_FAULTS)) if isinstance(rule, Handles) else []
    if "id" in event.missing:
        yield Fault(own.id, "Missing: an id of the event, the same when it is sent again.")
    if event.note:
        yield Fault(own.time, "Not a time: ISO 8601 is wanted, such as 2026-03-02T09:15:00+01:00.")
    if "subject" in event.missing and not found:
        yield Fault(own.subject, "Missing: what the event is about.")
    yield from found


def _choice(meant: Sequence[str], connector: Connector) -> str:
    return f"did you mean {' or '.join(meant)}?" if meant else f"the types are {', '.join(sorted(connector.handles))}."


def _wrong_fields(rule: Handles, payload: Mapping[str, Any]) -> Iterator[Fault]:
    schema = schema_of(rule)
    for pointer, hint, meant in unknown_fields(schema, payload):
        yield Fault(pointer, f"There is no such field; {hint}{'' if meant else '.'}", meant)
    try:
        schema.load(payload)
    except ValidationError as error:
        for pointer, text in _messages(error.messages, ""):
            yield Fault(pointer, text)


def _messages(messages: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Marshmallow's messages, each with its place."""
    if isinstance(messages, dict):
        for step, found in messages.items():
            yield from _messages(found, pointer if step == SCHEMA_WIDE else f"{pointer}/{escaped(str(step))}")
        return
    for text in messages if isinstance(messages, list) else [messages]:
        yield pointer, str(text)


def _repeated(own: OwnFormat, event: ReadEvent, times: Mapping[str, int]) -> Iterator[Fault]:
    if times[event.id] > 1 and "id" not in event.missing:
        yield Fault(own.id, "Another event of this request has the same id.")

"""Finds the rule for an event type, and makes the event's plan by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from traceback import extract_tb
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.wire import Needs
from worker.errors import NotAsDeclared, PayloadInvalid, Rejected, TypeUnknown, alike
from worker.plan import Ignored, Plan, Upsert
from worker.sdk.connector import Connector, Event, Handles
from worker.sdk.fetch import there
from worker.sdk.source import Absent, Get, Kind


class Incomplete(Rejected):
    """The payload lacks all of several fields, of which it needs one."""


class MappingError(Rejected):
    """The mapping raised, or answered no plan: the connector is to be mended."""


NO_RULE = Ignored("no rule for type")
ABSENT = {"gone": "gone_at_source", "never": "never_existed"}
LONGEST_LINE = 255
LONGEST_TYPE = 60
NEAR = 0.7
"""How alike two types are, from 0 to 1, of which one may be a slip for the other."""


def rule_for(connector: Connector, event_type: str) -> Handles | Ignored | None:
    """How the connector treats a type: maps it, ignores it by a named rule, or doesn't know it."""
    if event_type in connector.handles:
        return connector.handles[event_type]
    pattern = next((each for each in sorted(connector.ignores) if fnmatchcase(event_type, each)), None)
    return Ignored(f"ignores {pattern}") if pattern else None


def fetched(connector: Connector, event_type: str) -> tuple[Get, ...]:
    """What of the sender's API events of a type need."""
    rule = rule_for(connector, event_type)
    return rule.fetch if isinstance(rule, Handles) else ()


def rank_of(connector: Connector, event_type: str) -> int:
    """The place of a type's events among those of one time."""
    rule = rule_for(connector, event_type)
    return rule.rank if isinstance(rule, Handles) else 0


def unknown(connector: Connector, event_type: str) -> str | None:
    """Why an event of a type that falls under no rule can't be delivered; None where it is ignored."""
    refusal = next((why for each, why in connector.refuses.items() if fnmatchcase(event_type, each)), None)
    if refusal is not None:
        return f"{connector.name}: {refusal}"
    if connector.unknown_types == "ignored":
        return None
    near = meant_types(connector, event_type)
    there = f"did you mean {' or '.join(near)}?" if near else f"the types are {', '.join(sorted(connector.handles))}"
    return f"{connector.name}: there is no event type {_line(event_type)[:LONGEST_TYPE]!r}; {there}"


def meant_types(connector: Connector, wanted: str) -> Sequence[str]:
    """Types that are written much alike, else those about the same thing (`order.…`)."""
    types = sorted(connector.handles)
    return alike(wanted, types, most=3, cutoff=NEAR) or [each for each in types if _about(each) == _about(wanted)]


def _about(event_type: str) -> str:
    return event_type.casefold().partition(".")[0]


def plan_event(connector: Connector, settings: Any, event: Event) -> Plan | Ignored:
    """What should be true in Upsales after this event. Its payload is as it was read, and so is what was read of the sender's API.

    Raises Rejected with one line.
    """
    rule = rule_for(connector, event.type)
    if rule is None and (problem := unknown(connector, event.type)):
        raise TypeUnknown(problem)
    if not isinstance(rule, Handles):
        return rule or NO_RULE
    lost = _lost(rule, event)
    if lost is not None and (lost.what == "never" or rule.gone is None):
        return Ignored(lost.rule, code=ABSENT[lost.what])
    mapping = rule.plan if lost is None or rule.gone is None else rule.gone
    try:
        plan = mapping(_loaded(connector, rule, event), settings)
    except ValidationError as error:
        lacks = any(isinstance(text, Needs) for _, text in _flat(error.messages, ""))
        raise (Incomplete if lacks else PayloadInvalid)(f"{event.type}: {explained(error.messages)}") from None
    except NotAsDeclared as error:
        raise NotAsDeclared(f"{event.type}: {error}") from None
    except Rejected as error:
        raise Rejected(f"{event.type}: {error}") from None
    except Exception as error:  # noqa: BLE001 - whatever a mapping raises concerns this event only
        raise MappingError(f"{event.type}: the {connector.name} mapping raised {named(error)}") from None
    if isinstance(plan, Ignored):
        return plan
    if _is_plan(plan):
        return _without_files(connector, rule, event, plan)
    raise MappingError(f"{event.type}: the {connector.name} mapping answered no plan but {type(plan).__name__}")


def _without_files(connector: Connector, rule: Handles, event: Event, plan: Plan) -> Plan:
    """Names the files that it is done without: whoever looks for one in Upsales finds out why it is not there."""
    missed = [
        f"The file {get.called} is not attached: {absent.rule}"
        for get in rule.fetch
        if isinstance(absent := event.read.get(get.called), Absent) and kind_of(connector, get.kind).file
    ]
    return (*plan[:-1], replace(plan[-1], left_out=(*plan[-1].left_out, *missed))) if plan and missed else plan


def _lost(rule: Handles, event: Event) -> Absent | None:
    """The first thing that is not there, and without which the event can't be mapped as usual."""
    found = (event.read.get(get.called) for get in rule.fetch if not get.optional)
    return next((each for each in found if isinstance(each, Absent) and each.what != "unread"), None)


def _loaded(connector: Connector, rule: Handles, event: Event) -> Event:
    """Raises ValidationError, NotAsDeclared."""
    payload = schema_of(rule).load(event.payload)
    bodies = there(event.read)
    read = {get.called: _thing(connector, get, bodies[get.called]) for get in rule.fetch if get.called in bodies}
    return replace(event, payload=payload, read=read)


def _thing(connector: Connector, get: Get, body: Any) -> Any:
    try:
        return _built(kind_of(connector, get.kind).schema).load(body)
    except ValidationError as error:
        raise NotAsDeclared(f"{get.kind}: {explained(error.messages, of=get.kind)}") from None


def kind_of(connector: Connector, name: str) -> Kind:
    kinds: Mapping[str, Kind] = {} if connector.source is None else connector.source.kinds
    if name not in kinds:
        raise MappingError(f"the {connector.name} connector declares no kind {name!r} of its sender's API")
    return kinds[name]


def schema_of(rule: Handles) -> Schema:
    return _built(rule.schema)


@cache
def _built(schema: type[Schema]) -> Schema:
    """Builds each schema once: building costs more than using, and using changes nothing in it."""
    return schema()


def _is_plan(answer: Any) -> bool:
    return isinstance(answer, tuple) and all(isinstance(each, Upsert) for each in answer)


def explained(messages: Any, most: int = 3, of: str = "payload") -> str:
    """Marshmallow's errors on one line: `customer.email: Not a valid email address`. Names fields, never values."""
    lines = sorted(f"{_line(path) or of}: {_line(text).rstrip('.')}" for path, text in _flat(messages, ""))
    more = f"; and {len(lines) - most} more" if len(lines) > most else ""
    return "; ".join(lines[:most]) + more


def _flat(messages: Any, path: str) -> Iterator[tuple[str, str]]:
    """Each message with its dotted path; that of the whole payload is empty."""
    if isinstance(messages, dict):
        for step, found in messages.items():
            yield from _flat(found, f"{path}.{step}" if path else str(step))
        return
    where = path.removesuffix("_schema").rstrip(".")
    for text in messages if isinstance(messages, list) else [messages]:
        yield where, text if isinstance(text, str) else str(text)


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_LINE]


def named(error: Exception) -> str:
    """The class of an exception and where it was raised; its text might hold what the sender wrote."""
    place = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {place.name} ({place.filename.rpartition('/')[2]}:{place.lineno})"

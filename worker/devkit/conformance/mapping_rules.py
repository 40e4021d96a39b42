"""Checks that mappings raise nothing, do no I/O, and name what Upsales has."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from traceback import extract_tb
from typing import Any

from worker import plan
from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.subject import Filed, Rejection, Subject
from worker.errors import alike, did_you_mean
from worker.plan import RESOURCES, Key
from worker.sdk.connector import Event, Handles
from worker.sdk.fetch import there
from worker.sdk.route import MappingError, kind_of, schema_of
from worker.sync.wire import field_to_wire

IO = frozenset(
    {
        "httpx",
        "requests",
        "urllib.request",
        "http.client",
        "aiohttp",
        "socket",
        "subprocess",
        "redis",
        "sqlalchemy",
        "celery",
        "flask",
    }
) | {"os", "time", "random", "smtplib", "ftplib"}
PLAIN = (str, int, float, Decimal, date, type(None))
SINGLE = frozenset({"activity", "order", "appointment", "agreement", "ticket", "phoneCall", "event", "comment"})
"""Resources of which each thing at the sender has one of its own."""


def resources_are_those_of_upsales(subject: Subject) -> Iterator[Problem]:
    """The other rules of plans would only stumble over it."""
    named = {("writes", resource) for resource in subject.connector.writes}
    named |= {(filed.name, upsert.key.resource) for filed, upsert in subject.upserts()}
    for where, resource in sorted(named):
        if resource not in RESOURCES:
            yield Problem(where, f"Upsales has no {resource!r}", did_you_mean(str(resource), RESOURCES))


def values_are_those_of_a_plan(subject: Subject) -> Iterator[Problem]:
    """Text, numbers, dates and references: anything else can be neither kept nor written."""
    told: set[tuple[str, str]] = set()
    for filed, upsert in subject.upserts():
        for name, value in upsert.fields:
            line = _no_value(name, value)
            if line and (upsert.key.resource, name) not in told:
                told.add((upsert.key.resource, name))
                mend = "write text, a number, a Decimal, a date, a tuple, or a reference (docs/connectors.md, A plan)"
                yield Problem(f"{filed.name}, {upsert.key.resource} {name}", line, mend)


def _no_value(name: str, value: Any) -> str:
    strange = next(_strange(value), None)
    if strange is None:
        try:
            field_to_wire(name, value, lambda _: 7)
        except Exception:  # noqa: BLE001 - whatever it stumbles over is no value
            strange = value
        else:
            return ""
    return f"{type(strange).__name__} is no value of a plan: {strange!r:.60}"


def _strange(value: Any) -> Iterator[Any]:
    """What in it is neither text, number, time nor a reference."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _strange(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from _strange(part)
    elif not isinstance(value, PLAIN) and type(value).__module__ != plan.__name__:
        yield value


def each_thing_has_a_key_of_its_own(subject: Subject) -> Iterator[Problem]:
    """Otherwise two things of the sender become one record, and the second writes over the first."""
    of_key: dict[Key, set[str]] = {}
    for filed, _, event in subject.mapped():
        found = filed.usual(event)
        own = [upsert.key for upsert in found] if isinstance(found, tuple) else []
        for key in sorted({each for each in own if own.count(each) > 1}, key=str):
            yield Problem(filed.name, f"its plan has two upserts of {key}", "make one of them, or give each its key")
        for key in own:
            if key.resource in SINGLE:
                of_key.setdefault(key, set()).add(event.subject)
    for key, subjects in of_key.items():
        if len(subjects) > 1 and {each.rpartition(":")[2] for each in subjects} == {key.id}:
            what = f"{key} stands for {' and '.join(sorted(subjects))}"
            yield Problem("keys", what, "put the kind of thing before its id: Key(…, event.subject), or joined(':', …)")


def mappings_raise_nothing(subject: Subject) -> Iterator[Problem]:
    """What a case's own payload makes a mapping raise, with the line and the cure."""
    told: set[str] = set()
    for filed, rule, event in subject.mapped():
        usual = filed.usual(event)
        if event.id in filed.unread:
            continue
        if isinstance(usual, Rejection) and usual.kind is MappingError and usual.line not in told:
            told.add(usual.line)
            yield Problem(f"{filed.name}, {event.type}", *_raised(filed, rule, event))


def _raised(filed: Filed, rule: Handles, event: Event) -> tuple[str, str]:
    """The exception in full: the case is the developer's own, and holds no stranger's data."""
    try:
        rule.plan(_loaded(filed, rule, event), filed.settings)
    except KeyError as error:
        key = error.args[0] if error.args else ""
        known = sorted(_names(rule))
        near = alike(str(key), known)
        if key in {get.called for get in rule.fetch} - there(event.read).keys():
            line = f"nothing was read as {key!r}, at {_line(error)}"
            return (
                line,
                f"correct where `id` of that Get is taken from; where it may be missing: event.read.get({key!r})",
            )
        mend = (
            f"did you mean {near[0]!r}?"
            if near
            else "a schema's field that is absent loads as None; what it doesn't declare is not there"
        )
        return f"KeyError: {key!r} at {_line(error)}", mend
    except Exception as error:  # noqa: BLE001 - it is to be told, whatever it is
        return (
            f"{type(error).__name__}: {error} at {_line(error)}",
            "an optional field loads as None: `payload['x'] or {}`, or say required=True in the schema",
        )
    return "it answered no plan", "answer a tuple of upserts, or Ignored('why')"


def _loaded(filed: Filed, rule: Handles, event: Event) -> Event:
    bodies = there(event.read)
    read = {
        get.called: kind_of(filed.connector, get.kind).schema().load(bodies[get.called])
        for get in rule.fetch
        if get.called in bodies
    }
    return replace(event, payload=schema_of(rule).load(event.payload), read=read)


def _line(error: Exception) -> str:
    place = extract_tb(error.__traceback__)[-1]
    return f"{Path(place.filename).name}:{place.lineno} in {place.name}: {place.line}"


def _names(rule: Handles) -> Iterator[str]:
    """Of all fields that its schema declares, at any depth."""

    def walk(schema: Any) -> Iterator[str]:
        for name, field in schema.fields.items():
            yield name
            inner = getattr(field, "inner", field)
            if hasattr(inner, "schema"):
                yield from walk(inner.schema)

    yield from walk(rule.schema())


def mappings_do_no_io(subject: Subject) -> Iterator[Problem]:
    """A mapping is run again with every replay, dry run and rule."""
    for path in sorted(_files(subject)):
        for line, module in _imports(path):
            if module in IO:
                mend = (
                    "declare it: `source=Source(…)` and `fetch=` in Handles read the sender; the event tells the time"
                )
                yield Problem(
                    f"{path.parent.name}/{path.name}:{line}",
                    f"imports {module}: a connector does no I/O and reads no clock",
                    mend,
                )


def _files(subject: Subject) -> set[Path]:
    """Those of the package that the mappings are in."""
    found: set[Path] = set()
    for rule in subject.connector.handles.values():
        module = sys.modules.get(getattr(inspect.unwrap(rule.plan), "__module__", ""))
        file = getattr(module, "__file__", None)
        if file and Path(file).is_file():
            path = Path(file)
            whole = path.name == "__init__.py" or (path.parent / "cases").is_dir()
            found |= set(path.parent.glob("*.py")) if whole else {path}
    return {path for path in found if not path.name.startswith("test_")}


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)

"""Finds a form of a thing in which its kind says that it is not complete yet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from worker.devkit.neighbour.dotted import at, put, without
from worker.devkit.neighbour.faults import Fault
from worker.sdk.source import Answered, Kind

EMPTY: Final[Sequence[Any]] = (None, "", [], False)


class NeverEarly(ValueError):
    """No answer of this kind can mean that it is too early."""


def early_answer(kind: Kind, usual: Any) -> Fault:
    """`usual`: the whole answer. Raises NeverEarly."""
    if kind.means is not None:
        verdict = kind.means(Answered(status=404, headers={}, json={}))
        if verdict is not None and verdict.what == "early":
            return Fault(status=404)
    thing = at(usual, kind.at)
    for form in _incomplete(thing):
        if kind.early is not None and _told(kind, form):
            return Fault(status=200, body=json.dumps(put(usual, kind.at, form)).encode())
    raise NeverEarly("neither an answer 404 nor a thing without one of its fields is too early for it")


def _told(kind: Kind, form: Any) -> bool:
    assert kind.early is not None
    try:
        return bool(kind.early(form))
    except Exception:  # noqa: BLE001 - what a connector's function can't read tells nothing
        return False


def _incomplete(thing: Any) -> Iterator[Any]:
    """Without each of its fields, and with nothing in each of them."""
    for path in _paths(thing, ""):
        yield without(thing, path)
        yield from (put(thing, path, empty) for empty in EMPTY)


def _paths(value: Any, before: str) -> Iterator[str]:
    for name, each in value.items() if isinstance(value, dict) else ():
        path = f"{before}.{name}" if before else name
        yield path
        yield from _paths(each, path)

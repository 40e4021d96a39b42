"""Reads what the address of a list asks for: filters, a place, patience."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar
from urllib.parse import urlencode

from flask import redirect, request
from werkzeug.wrappers import Response

from web.console.who import person
from worker.admin import call_filters, cursors
from worker.admin.filters import Fault, InvalidParameters
from worker.admin.known import MOST_PATIENCE, PATIENCE
from worker.store.ledger import call_pages

T = TypeVar("T")

PAGING = ("after", "before", "limit")
ASIDE = (*PAGING, "done", "live", "patience")


def without_empty() -> Response | None:
    """What a form sends empty is taken out of the address."""
    if all(request.args.values()) and all(value for _, value in request.args.items(multi=True)):
        return None
    kept = [(name, value) for name, value in request.args.items(multi=True) if value]
    return redirect(f"{request.path}?{urlencode(kept)}" if kept else request.path, 303)


def wanted(parse: Callable[[Iterable[tuple[str, str]]], T]) -> tuple[T, dict[str, str]]:
    """The filters that are understood, and what is wrong with the others."""
    pairs = list(request.args.items(multi=True))
    try:
        return parse(pairs), {}
    except InvalidParameters as error:
        faults = {fault.parameter: fault.detail for fault in error.faults}
        return parse([(name, value) for name, value in pairs if name not in faults]), faults


def patient() -> bool:
    """Whether five seconds are asked for, by who may: few such questions hold all threads and connections. Raises InvalidParameters."""
    asked = request.args.getlist("patience")
    if asked not in ([], ["5"]):
        raise InvalidParameters([Fault("patience", "may be 5, seconds, once")])
    return bool(asked) and person().operates


def patience() -> float:
    return MOST_PATIENCE if patient() else PATIENCE


def place() -> cursors.Place:
    """Of a list in the order of numbers. Raises InvalidParameters."""
    return cursors.place(*_given())


def place_among_calls() -> call_pages.Place:
    """Raises InvalidParameters."""
    return call_filters.place(*_given())


def place_back() -> call_pages.Place:
    """Of a list that is gone through from its newest to its oldest only. Raises InvalidParameters."""
    return call_filters.place(None, request.args.get("before"), request.args.get("limit"))


def _given() -> tuple[str | None, str | None, str | None]:
    return request.args.get("after"), request.args.get("before"), request.args.get("limit")

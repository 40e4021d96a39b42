"""Shows the overview: what is wrong, the last hours, each connection, what people did."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from urllib.parse import quote, urlencode

from flask import request
from werkzeug.wrappers import Response

from web.console.doors import Doors, show
from web.console.pages.lists import patient
from web.console.parameters import PATIENCE, WINDOW
from web.console.wire import answer
from worker.admin.batch_views import stamp
from worker.admin.deeds import path_of
from worker.admin.filters import Fault, InvalidParameters
from worker.admin.known import MOST_PATIENCE, Deadline
from worker.admin.overview import Overview, overview
from worker.admin.traffic import USUAL, WINDOWS, Between, Traffic
from worker.admin.wrong import Problem
from worker.errors import did_you_mean
from worker.store.instruments.processes import alive_by_kind

ASKED: Mapping[str, Sequence[str]] = {"window": tuple(WINDOWS), "patience": ("5",)}
ASIDE = ("live", "done")
HELD_UP = ("connection_paused", "connection_stopped", "deliveries_late")
"""Kinds for which it is said how many events wait."""


def open_overview(doors: Doors) -> None:
    parts, checks = doors.parts, doors.checks

    @doors.pages.get("/")
    def overview_page() -> tuple[str, int]:
        found = overview(parts, checks, _window(ASIDE), _deadline())
        shown = {
            "found": found,
            "rows": {row.name: row for row in found.connections},
            "held_up": HELD_UP,
            "windows": tuple(WINDOWS),
            "events_with": _events_with,
            "stamp": stamp,
            "way_out": _way_out,
            "path_of": path_of,
            "table_of": _table_of,
            "numbers": _numbers,
            "between": _between,
            "after": lambda moment, seconds: moment + timedelta(seconds=seconds),
            "running_by_kind": lambda running: alive_by_kind(running.processes),
        }
        return show("overview.html", shown)

    @doors.api.get("/overview")
    @doors.tells("What is wrong, the last hours, each connection, what people did", Overview, query=[WINDOW, PATIENCE])
    def tell_overview() -> Response:
        return answer(overview(parts, checks, _window(), _deadline()))


def _window(aside: Collection[str] = ()) -> str:
    """Raises InvalidParameters. `aside`: names that are no part of the question."""
    asked = [(name, value) for name, value in request.args.items(multi=True) if name not in aside]
    faults = [
        Fault(name, f"is not known here; {did_you_mean(name, [*ASKED])}") for name, _ in asked if name not in ASKED
    ]
    for name, values in ASKED.items():
        given = [value for asked_for, value in asked if asked_for == name]
        if len(given) > 1 or not {*given} <= {*values}:
            faults.append(Fault(name, f"is one of {', '.join(values)}" if len(values) > 1 else f"can be {values[0]}"))
    if faults:
        raise InvalidParameters(faults)
    return request.args.get("window", USUAL)


def _deadline() -> Deadline:
    return Deadline(MOST_PATIENCE, MOST_PATIENCE) if patient() else Deadline()


def _events_with(**filters: str) -> str:
    """The list that a number counts."""
    return f"/events?{urlencode(filters)}"


def _way_out(problem: Problem) -> tuple[str, str]:
    """Where something can be done about it, and how that place is called."""
    name = problem.connection
    match problem.kind:
        case "dead_letters":
            return f"/dead?{urlencode({'connection': name})}", "dead letters"
        case "review_waiting":
            return f"/review?{urlencode({'connection': name})}", "review"
        case "deliveries_late":
            return _events_with(connection=name, fate="waiting"), "what waits"
        case _ if name:
            return f"/connections/{quote(name)}", name
    return "/about", "processes"


def _numbers(values: Sequence[float], what: str) -> str:
    """What a line over time shows, in words."""
    return f"{what}: {', '.join(f'{value:g}' for value in values)}; at most {max(values, default=0):g}"


def _between(found: Between | None) -> str:
    if found is None:
        return "\N{EN DASH}"
    if found.most is None:
        return f"more than {found.above:g} s"
    return f"{found.above:g}\N{EN DASH}{found.most:g} s"


def _table_of(found: Traffic) -> Sequence[tuple[float, float, int, int]]:
    """For those who can't see lines: since so many seconds after the window began, a minute, waited, refused."""
    whole = found.whole
    return [
        (place * found.step, a_minute, waited, refused)
        for place, (a_minute, waited, refused) in enumerate(
            zip(whole.a_minute, whole.waited, whole.refused_line, strict=True)
        )
    ]

"""Shows dead letters in groups, by why they died."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import request
from werkzeug.wrappers import Response

from web.console.doors import Doors, known, show
from web.console.parameters import FILTERS
from web.console.wire import answer
from worker.admin import dead_letters, filters
from worker.admin.dead_letters import NARROWED_BY, DeadGroup, DeadGroups
from worker.admin.filters import NAMES, Fault, Filters, InvalidParameters

BY = ("count", "reason", "connection", "type")
NARROWING = [each for each in FILTERS if each["name"] in NARROWED_BY]
ASIDE = ("by", "done", "live")


def open_dead(doors: Doors) -> None:
    store = doors.parts.store

    @doors.pages.get("/dead")
    def dead_page() -> tuple[str, int]:
        wanted, by = _wanted(ASIDE), _by()
        found = dead_letters.groups(store, wanted)
        values = {
            "found": found,
            "groups": [] if found.value is None else _sorted(found.value.data, by),
            "wanted": wanted,
            "query": urlencode(wanted.pairs()),
            "by": by,
            "orders": BY,
        }
        return show("dead.html", values)

    @doors.api.get("/dead-letters/groups")
    @doors.tells("Dead letters by reason, connection and type", DeadGroups, query=NARROWING)
    def dead_letter_groups() -> Response:
        return answer(known(dead_letters.groups(store, _wanted(()))))


def _wanted(also: Sequence[str]) -> Filters:
    taken = {*NAMES} - {*NARROWED_BY}
    given = list(request.args.items(multi=True))
    faults = [
        Fault(name, f"does not narrow dead letters; {', '.join(NARROWED_BY)} do") for name, _ in given if name in taken
    ]
    if faults:
        raise InvalidParameters(faults)
    return filters.parse([(name, value) for name, value in given if value or name not in also], also=also)


def _by() -> str:
    by = request.args.get("by", BY[0])
    if by not in BY:
        raise InvalidParameters([Fault("by", f"is one of {', '.join(BY)}")])
    return by


def _sorted(groups: Sequence[DeadGroup], by: str) -> Sequence[DeadGroup]:
    """The largest first, or side by side with those that are alike."""

    def place(group: DeadGroup) -> Any:
        return () if by == "count" else (getattr(group, by),)

    return sorted(groups, key=place)

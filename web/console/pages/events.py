"""Shows the list of events, and counts it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from flask import redirect, request
from werkzeug.wrappers import Response

from web.console.doors import Doors, known, show
from web.console.pages.lists import ASIDE, PAGING, patience
from web.console.parameters import FILTERS
from web.console.parameters import PAGING as LISTED
from web.console.wire import answer
from worker.admin import batches, cursors, events, filters
from worker.admin.events import Count, EventPage
from worker.admin.filters import CODES, FATES, Filters, InvalidParameters

LABELS = {"replay": "Replay…", "drop": "Drop…", "urgent": "Make urgent…", "hold": "Hold…", "release": "Release…"}


def open_events(doors: Doors) -> None:
    store, connections = doors.parts.store, doors.parts.settings.connections

    @doors.pages.get("/events")
    def list_page() -> Response | tuple[str, int]:
        empty = [name for name, value in request.args.items(multi=True) if not value]
        if empty:
            kept = [(name, value) for name, value in request.args.items(multi=True) if value]
            return redirect(f"/events?{urlencode(kept)}" if kept else "/events", 303)
        wanted, faults = _wanted()
        shown = {
            "wanted": wanted,
            "faults": faults,
            "fates": FATES,
            "codes": CODES,
            "connections": sorted(connections),
            "query": wanted.query(),
            "without_term": replace(wanted, field=None, term=()).query(),
            "kinds": [(kind, LABELS[kind]) for kind in batches.kinds_for(wanted)],
        }
        if faults:
            return show("events.html", {**shown, "page": None, "count": None}, 400)
        place = _place()
        page = events.page(store, wanted, place, patience(), connections)
        count = events.count(store, wanted, patience(), connections)
        timeless = replace(wanted, since=None, until=None)
        nothing = page.value is not None and page.value.complete and not page.value.data
        return show(
            "events.html",
            {
                **shown,
                "page": page,
                "count": count,
                "back": place.after is None,
                "untimed": events.count(store, timeless, patience(), connections)
                if nothing and timeless != wanted
                else None,
                "untimed_query": timeless.query(),
            },
        )

    @doors.api.get("/events")
    @doors.tells("Events, the newest first", EventPage, query=[*FILTERS, *LISTED])
    def list_events() -> Response:
        wanted = filters.parse(request.args.items(multi=True), also=PAGING)
        return answer(known(events.page(store, wanted, _place(), connections=connections)))

    @doors.api.get("/events/count")
    @doors.tells("How many events have these filters, up to a hundred thousand", Count, query=FILTERS)
    def count_events() -> Response:
        wanted = filters.parse(request.args.items(multi=True))
        return answer(known(events.count(store, wanted, connections=connections)))


def _wanted() -> tuple[Filters, dict[str, str]]:
    try:
        return filters.parse(request.args.items(multi=True), also=ASIDE), {}
    except InvalidParameters as error:
        faults = {fault.parameter: fault.detail for fault in error.faults}
        rest = [(name, value) for name, value in request.args.items(multi=True) if name not in faults]
        return filters.parse(rest, also=ASIDE), faults


def _place() -> cursors.Place:
    return cursors.place(request.args.get("after"), request.args.get("before"), request.args.get("limit"))

"""Shows the list of events, and counts it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from flask import request
from werkzeug.wrappers import Response

from web.console.doors import Doors, known, show
from web.console.pages.lists import ASIDE, PAGING, patience, place, wanted, without_empty
from web.console.parameters import FILTERS
from web.console.parameters import PAGING as LISTED
from web.console.wire import answer
from worker.admin import batches, events, filters
from worker.admin.events import Count, EventPage
from worker.admin.filters import CODES, FATES

LABELS = {
    "replay": "Replay…",
    "refetch": "Read again…",
    "drop": "Drop…",
    "urgent": "Make urgent…",
    "hold": "Hold…",
    "release": "Release…",
}


def open_events(doors: Doors) -> None:
    store, connections = doors.parts.store, doors.parts.settings.connections

    @doors.pages.get("/events")
    def list_page() -> Response | tuple[str, int]:
        cleaned = without_empty()
        if cleaned is not None:
            return cleaned
        meant, faults = wanted(partial(filters.parse, also=ASIDE))
        shown = {
            "wanted": meant,
            "faults": faults,
            "fates": FATES,
            "codes": CODES,
            "connections": sorted(connections),
            "query": meant.query(),
            "without_term": replace(meant, field=None, term=()).query(),
            "kinds": [(kind, LABELS[kind]) for kind in batches.kinds_for(meant)],
        }
        if faults:
            return show("events.html", {**shown, "page": None, "count": None}, 400)
        at = place()
        page = events.page(store, meant, at, patience(), connections)
        count = events.count(store, meant, patience(), connections)
        timeless = replace(meant, since=None, until=None)
        nothing = page.value is not None and page.value.complete and not page.value.data
        return show(
            "events.html",
            {
                **shown,
                "page": page,
                "count": count,
                "back": at.after is None,
                "untimed": events.count(store, timeless, patience(), connections)
                if nothing and timeless != meant
                else None,
                "untimed_query": timeless.query(),
            },
        )

    @doors.api.get("/events")
    @doors.tells("Events, the newest first", EventPage, query=[*FILTERS, *LISTED])
    def list_events() -> Response:
        meant = filters.parse(request.args.items(multi=True), also=PAGING)
        return answer(known(events.page(store, meant, place(), connections=connections)))

    @doors.api.get("/events/count")
    @doors.tells("How many events have these filters, up to a hundred thousand", Count, query=FILTERS)
    def count_events() -> Response:
        meant = filters.parse(request.args.items(multi=True))
        return answer(known(events.count(store, meant, connections=connections)))

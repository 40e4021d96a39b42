"""Shows the calls to Upsales: by key, connection, state, record, event."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from flask import request
from werkzeug.wrappers import Response

from web.console.doors import Doors, known, show
from web.console.pages.lists import ASIDE, PAGING, patience, place_among_calls, wanted, without_empty
from web.console.parameters import CALL_PAGING, OF_CALLS
from web.console.wire import answer
from worker.admin import call_filters, calls
from worker.admin.call_filters import STATES
from worker.admin.calls import CallPage
from worker.admin.events import Count
from worker.plan import RESOURCES


def open_calls(doors: Doors) -> None:
    store = doors.parts.store

    @doors.pages.get("/calls")
    def calls_page() -> Response | tuple[str, int]:
        cleaned = without_empty()
        if cleaned is not None:
            return cleaned
        meant, faults = wanted(partial(call_filters.parse, also=ASIDE))
        shown = {
            "wanted": meant,
            "faults": faults,
            "states": STATES,
            "resources": RESOURCES,
            "connections": sorted(doors.parts.settings.connections),
            "reads": any(each.connector.source for each in doors.parts.settings.connections.values()),
            "query": urlencode(meant.pairs()),
        }
        if faults:
            return show("calls.html", {**shown, "page": None, "count": None}, 400)
        page = calls.page(store, meant, place_among_calls(), patience())
        return show("calls.html", {**shown, "page": page, "count": calls.count(store, meant, patience())})

    @doors.api.get("/calls")
    @doors.tells("Calls to Upsales, the newest first", CallPage, query=[*OF_CALLS, *CALL_PAGING])
    def list_calls() -> Response:
        meant = call_filters.parse(request.args.items(multi=True), also=PAGING)
        return answer(known(calls.page(store, meant, place_among_calls())))

    @doors.api.get("/calls/count")
    @doors.tells("How many calls have these filters, up to a hundred thousand", Count, query=OF_CALLS)
    def count_calls() -> Response:
        meant = call_filters.parse(request.args.items(multi=True))
        return answer(known(calls.count(store, meant)))

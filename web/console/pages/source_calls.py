"""Shows what was read of senders' APIs."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from flask import request
from werkzeug.wrappers import Response

from web.console.doors import Doors, known, show
from web.console.pages.lists import patience, place_back, wanted, without_empty
from web.console.parameters import OF_SOURCE_CALLS, PAGING_BACK
from web.console.wire import answer
from worker.admin import source_calls
from worker.admin.source_calls import ReadingPage

PAGING = ("before", "limit")
ASIDE = (*PAGING, "done", "live", "patience")


def open_source_calls(doors: Doors) -> None:
    store = doors.parts.store

    @doors.pages.get("/calls/sources")
    def source_calls_page() -> Response | tuple[str, int]:
        cleaned = without_empty()
        if cleaned is not None:
            return cleaned
        meant, faults = wanted(partial(source_calls.parse, also=ASIDE))
        configured = doors.parts.settings.connections
        shown = {
            "wanted": meant,
            "faults": faults,
            "connections": sorted(name for name, each in configured.items() if each.connector.source),
            "query": urlencode(meant.pairs()),
        }
        if faults:
            return show("source_calls.html", {**shown, "page": None}, 400)
        return show("source_calls.html", {**shown, "page": source_calls.page(store, meant, place_back(), patience())})

    @doors.api.get("/calls/sources")
    @doors.tells(
        "What was read of senders' APIs, the newest first", ReadingPage, query=[*OF_SOURCE_CALLS, *PAGING_BACK]
    )
    def list_source_calls() -> Response:
        meant = source_calls.parse(request.args.items(multi=True), also=PAGING)
        return answer(known(source_calls.page(store, meant, place_back())))

"""Shows what people did."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from flask import request
from werkzeug.wrappers import Response

from web.console.doors import Doors, known, show
from web.console.pages.lists import ASIDE, PAGING, patience, place, wanted, without_empty
from web.console.parameters import OF_DEEDS
from web.console.parameters import PAGING as LISTED
from web.console.wire import answer
from worker.admin import deeds
from worker.admin.deeds import DeedPage


def open_audit(doors: Doors) -> None:
    store = doors.parts.store

    @doors.pages.get("/audit")
    def audit_page() -> Response | tuple[str, int]:
        cleaned = without_empty()
        if cleaned is not None:
            return cleaned
        meant, faults = wanted(partial(deeds.parse, also=ASIDE))
        shown = {"wanted": meant, "faults": faults, "query": urlencode(meant.pairs()), "path_of": deeds.path_of}
        if faults:
            return show("audit.html", {**shown, "page": None}, 400)
        return show("audit.html", {**shown, "page": deeds.page(store, meant, place(), patience())})

    @doors.api.get("/audit")
    @doors.tells("What people did, the newest first", DeedPage, query=[*OF_DEEDS, *LISTED])
    def list_deeds() -> Response:
        meant = deeds.parse(request.args.items(multi=True), also=PAGING)
        return answer(known(deeds.page(store, meant, place())))

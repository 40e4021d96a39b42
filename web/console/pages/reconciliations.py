"""Shows what the last comparisons of senders with Upsales found."""

from __future__ import annotations

from werkzeug.wrappers import Response

from web.console.doors import Doors, known, show
from web.console.pages.lists import patience
from web.console.wire import answer
from worker.admin import reconciliations
from worker.admin.reconciliations import ComparedPage


def open_reconciliations(doors: Doors) -> None:
    store = doors.parts.store

    @doors.pages.get("/reconciliations")
    def reconciliations_page() -> tuple[str, int]:
        return show("reconciliations.html", {"page": reconciliations.page(store, patience=patience())})

    @doors.api.get("/reconciliations")
    @doors.tells("What the last comparison of each connection's sender with Upsales found", ComparedPage)
    def list_reconciliations() -> Response:
        return answer(known(reconciliations.page(store)))

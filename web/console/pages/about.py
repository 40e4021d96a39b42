"""Shows what runs here, and takes how a person wants to see it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from werkzeug.wrappers import Response

from web.console.doors import Doors, show
from web.console.pages.lists import patience
from web.console.who import person
from web.console.wire import answer
from web.console.zones import known_zones
from worker.admin.about import About, about

THEMES = (("", "as the browser says"), ("light", "light"), ("dark", "dark"))


def open_about(doors: Doors) -> None:
    @doors.pages.get("/about")
    def about_page() -> tuple[str, int]:
        session = person().session
        values = {
            "about": about(doors.parts, patience()),
            "themes": THEMES,
            "zones": _zones(),
            "zone": "UTC" if session is None else session.zone,
        }
        return show("about.html", values)

    @doors.api.get("/about")
    @doors.tells("What runs here, and with which settings", About)
    def tell_about() -> Response:
        return answer(about(doors.parts))


@cache
def _zones() -> Sequence[str]:
    """They are looked for on disk."""
    return sorted(known_zones())

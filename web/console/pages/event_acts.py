"""Does something to one event: first says what that will be, then does it."""

from __future__ import annotations

from functools import partial

from web.console.doors import Done, Doors, act, known, show
from web.problems import Problem
from worker.admin import event_acts
from worker.admin.event_acts import ACTS, Act
from worker.store.people.audit import Actor

LABELS: dict[Act, str] = {
    "replay": "Replay",
    "refetch": "Read again",
    "drop": "Drop",
    "urgent": "Make urgent",
    "hold": "Hold",
    "release": "Release",
    "ask-now": "Ask now",
}
UNASKED = ("ask-now",)
"""Changes nothing that anybody could ask about."""


def open_event_acts(doors: Doors) -> None:
    for each in ACTS:
        _open(doors, each)


def _open(doors: Doors, wanted: Act) -> None:
    store = doors.parts.store
    why = wanted not in UNASKED

    def page(event: str) -> tuple[str, int]:
        found = known(event_acts.outlook(store, wanted, event))
        if found is None:
            raise Problem(404, f"There is no event {event}.")
        return show("event_act.html", {"outlook": found, "label": LABELS[wanted], "why": why})

    def do(actor: Actor, reason: str | None, event: str) -> Done:
        done = event_acts.act(store, actor, wanted, event, reason)
        return Done(done.event, done.audit, f"/events/{done.event.id}")

    doors.pages.add_url_rule(f"/events/<event>/{wanted}", f"{wanted}_page", partial(page))
    act(doors, f"/events/<event>/{wanted}", do, why=why, endpoint=f"event_{wanted}")

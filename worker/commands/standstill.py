"""Whether a connection's events move; and if not, why."""

from __future__ import annotations

from worker.commands.choosing import number
from worker.commands.findings import Finding
from worker.commands.installation import Installation
from worker.store import backlog, connections, events, lanes, pacing
from worker.store.connections import State

UNTOUCHED = 60.0


def why(state: State) -> str | None:
    """What keeps the connection from delivering."""
    if state.paused or state.runs:
        return state.reason
    return f"Upsales did not answer several things in a row; it is asked again in {state.broken_for:.0f} s"


def moving(installation: Installation, name: str) -> str | Finding:
    what = f"{name}: deliveries"
    with installation.store.read() as conn:
        state = connections.get(conn, name)
        due, worked_on = backlog.lanes_due(conn, name), lanes.owned(conn, name)
        oldest, parked = events.oldest_pending(conn).get(name, 0.0), pacing.parked(conn, name)
    if state.paused:
        return Finding(what, "wrong", f"paused: {why(state)}; `relay connections list` tells since when")
    if not state.runs:
        return Finding(what, "look", f"stopped: {why(state)}")
    if due and not worked_on and oldest > UNTOUCHED:
        subjects = f"{number(due, 'subject')} {'is' if due == 1 else 'are'} due"
        says = f"{subjects}, the oldest event came in {oldest:.0f} s ago, and no worker has one: does one run?"
        return Finding(what, "look", says)
    live = f"going on; the oldest event that waits came in {oldest:.0f} s ago" if oldest else "nothing waits"
    if not parked:
        return live
    return f"{live}; replays of {number(parked, 'subject')} wait for their turn"

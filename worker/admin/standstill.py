"""Says what keeps a connection from delivering."""

from __future__ import annotations

from worker.store.lanes.connections import State

LEFT_OVER = "it is not in the settings: was it renamed? Then give it its old name back; its records belong to that name"


def standstill(state: State) -> str | None:
    """None while nothing does."""
    if state.paused or state.runs:
        return state.reason
    return f"Upsales did not answer several things in a row; it is asked again in {state.broken_for:.0f} s"

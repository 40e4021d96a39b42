"""Names what ends the pause of a connection: a page of the console, or a command."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from worker.delivery.refused_token import mended_by
from worker.settings import Settings
from worker.store.lanes.connections import SOURCE, State


@dataclass(frozen=True, slots=True)
class WayOut:
    """`command`: what is typed, of what has no page. `path`: of the console."""

    text: str
    path: str | None = None
    command: str | None = None


def way_out(settings: Settings, state: State) -> WayOut | None:
    """None for a connection that is not paused."""
    if not state.paused:
        return None
    at, connection = f"/connections/{quote(state.name)}", settings.connections.get(state.name)
    if state.refused_by == SOURCE and connection is not None:
        return WayOut("give it a token", command=mended_by(connection))
    # Whoever paused by itself for its key asks again by itself.
    return WayOut("set a key", f"{at}/api-key") if state.probe_at is not None else WayOut(state.name, at)

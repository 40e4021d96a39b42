"""`relay alerts list`: what is wrong, what is right again but not yet told so, and what was."""

from __future__ import annotations

import json

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room
from worker.store import Store
from worker.store.alerts import alerts


def states(desk: Desk) -> list[tuple[str, str]]:
    return [(row["kind"], row["state"]) for row in json.loads(desk("alerts", "list", "--json").stdout)]


def test_what_is_right_again_does_not_read_as_wrong(room: Room, desk: Desk) -> None:
    """For five minutes it may come back, and is not told as ended; whoever looks then must not look for it."""
    store: Store = room.store
    with store.write() as conn:
        ids = [alerts.opened(conn, kind, "", kind) for kind in ("redis_away", "no_worker", "no_sweep")]
    wrong, right, over = (each or "" for each in ids)
    with store.write() as conn:
        alerts.cleared(conn, [right, over])
        alerts.closed(conn, [over])
    assert wrong
    assert sorted(states(desk)) == [("no_sweep", "closed"), ("no_worker", "right again"), ("redis_away", "open")]

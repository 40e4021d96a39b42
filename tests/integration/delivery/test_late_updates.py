"""A PUT that takes effect late is put right, in whatever form Upsales shows the field."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import update

from tests.integration.delivery.room import Room, sweep
from worker.store.db.clock import after
from worker.store.db.tables import calls

LATE = 2.0


def activity(room: Room, number: int, **data: str) -> str:
    user = room.sandbox.records("users")[0]["email"]
    body: dict[str, Any] = {"id": f"a{number}", "type": "activity.upsert", "time": f"2026-11-02T12:0{number}:00Z"}
    body["data"] = {"id": "A-1", "users": [user], "description": "Ring Åsa", **data}
    return room.take("butik", body).id


def shown(room: Room, field: str) -> str:
    (found,) = room.sandbox.records("activities")
    return str(found[field])


@pytest.mark.parametrize(("field", "old", "new"), [("notes", "förr", "nu"), ("closeDate", "2026-11-01", "2026-11-20")])
def test_a_late_update_is_put_right(room: Room, field: str, old: str, new: str) -> None:
    assert room.run(activity(room, 1)).status == "delivered"
    room.sandbox.fault(kind="late_commit", method="PUT", resource="activities", seconds=LATE, count=1)
    assert room.run(activity(room, 2, **{field: old})).status == "pending"
    room.come()
    assert room.run(activity(room, 3, **{field: new})).status == "delivered"
    wanted = shown(room, field)
    deadline = time.monotonic() + 20
    while shown(room, field) == wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    assert shown(room, field) != wanted
    with room.store.write() as conn:
        late = update(calls).where(calls.c.state == "unknown")
        conn.execute(late.values(started_at=after(-4000), deadline_at=after(-3900), verify_at=after(-1)))
    sweep(room.runtime)
    assert shown(room, field) == wanted

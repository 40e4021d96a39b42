"""A database that was restored from a backup has forgotten what was made since: it is found by its marker, not made again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room
from worker.store.db.tables import metadata

ACTIVITY: dict[str, Any] = {
    "id": "A-1", "description": "Ring upp", "date": "2026-11-30", "users": ["sales@example.com"],
    "client": {"id": "K-1", "name": "Åkeri AB"},
}  # fmt: skip
KEPT = {"connections", "marker_fields", "schema_support", "secrets"}


def restore(room: Room) -> None:
    """From a backup of before the first event."""
    with room.store.write() as conn:
        for table in reversed(metadata.sorted_tables):
            if table.name not in KEPT:
                conn.execute(delete(table))


def deliver(room: Room) -> str:
    event = {"id": "evt-1", "type": "activity.upsert", "data": ACTIVITY}
    return room.run(room.take("butik", event).id).status


def test_what_was_made_after_the_backup_is_found_when_it_is_told_again(room: Room, desk: Desk) -> None:
    assert deliver(room) == "delivered"
    restore(room)
    assert desk("connections", "restored").stdout == "1 connection looks for what was made before, by its marker.\n"
    assert deliver(room) in {"delivered", "superseded"}
    assert len(room.sandbox.records("activities")) == 1


def test_without_being_told_of_the_restore_it_is_made_twice(room: Room) -> None:
    """What the command is there for."""
    deliver(room)
    restore(room)
    deliver(room)
    assert len(room.sandbox.records("activities")) == 2
    assert len(room.sandbox.records("accounts")) == 1

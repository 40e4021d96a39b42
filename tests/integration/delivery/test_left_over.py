"""A connection that the database knows and the settings no longer do: it was removed, or renamed by mistake."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room

COMPANY = {"resource": "account", "data": {"name": "Åkeri"}}


def listed(desk: Desk) -> dict[str, dict[str, Any]]:
    return {row["connection"]: row for row in json.loads(desk("connections", "list", "--json").stdout)}


def findings(desk: Desk) -> dict[str, tuple[str, str]]:
    rows = json.loads(desk("doctor", "--offline", "--json").stdout)
    return {row["what"]: (row["level"], row["says"]) for row in rows}


def test_it_is_listed_with_what_waits_for_it(room: Room, desk: Desk) -> None:
    room.run(room.told("k1", COMPANY))
    room.told("k2", COMPANY)
    found = listed(desk)
    assert list(found) == ["butik", "kassa", "egen"]
    row = found["egen"]
    assert (row["connector"], row["state"], row["account"], row["waiting"]) == (None, "unknown", 1, 1)
    assert "was it renamed? Then give it its old name back" in row["reason"]


def test_the_doctor_asks_whether_it_was_renamed(room: Room, desk: Desk) -> None:
    room.run(room.told("k1", COMPANY))
    state, says = findings(desk)["egen: connection"]
    assert state == "look"
    assert "not in the settings" in says


def test_where_all_are_known_nothing_is_said(room: Room, desk: Desk) -> None:
    room.run(room.company("1"))
    assert list(listed(desk)) == ["butik", "kassa"]
    assert not [what for what in findings(desk) if what.endswith(": connection")]

"""What `relay doctor` and `relay connections list` tell of deliveries that stand still."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import update

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room
from worker.store.db.clock import after
from worker.store.db.tables import events
from worker.store.lanes import connections


def findings(desk: Desk, *options: str) -> dict[str, tuple[str, str]]:
    return {row["what"]: (row["level"], row["says"]) for row in json.loads(desk("doctor", "--json", *options).stdout)}


def listed(desk: Desk) -> dict[str, Any]:
    return next(row for row in json.loads(desk("connections", "list", "--json").stdout) if row["connection"] == "butik")


def test_the_doctor_tells_of_events_that_no_worker_takes(room: Room, desk: Desk) -> None:
    assert findings(desk, "--offline")["butik: deliveries"] == ("fine", "nothing waits")
    event = room.company("1")
    with room.store.write() as conn:
        conn.execute(update(events).values(received_at=after(-600)))
    state, says = findings(desk, "--offline")["butik: deliveries"]
    assert (state, says.startswith("1 subject is due")) == ("look", True)
    assert says.endswith(" ago, and no worker has one: does one run?")
    room.run(event)
    assert findings(desk, "--offline")["butik: deliveries"] == ("fine", "nothing waits")


def test_the_doctor_tells_of_replays_that_wait_for_their_turn(room: Room, desk: Desk) -> None:
    for number in "12":
        room.run(room.company(number))
    desk("replay", "--connection", "butik", "--yes")
    assert findings(desk, "--offline")["butik: deliveries"] == (
        "fine",
        "nothing waits; 2 replays to come, each in its turn",
    )


def test_the_doctor_tells_why_a_connection_is_paused(room: Room, desk: Desk) -> None:
    desk("connections", "pause", "butik", "--reason", "städning")
    assert findings(desk, "--offline")["butik: deliveries"] == (
        "wrong",
        "paused: städning; only `relay connections resume butik` ends it",
    )


def test_the_doctor_says_what_to_do_about_a_key_that_was_deleted(room: Room, desk: Desk) -> None:
    desk.environ["RELAY_BUTIK_API_KEY"] = "nyckel-som-ingen-har"
    state, says = findings(desk)["butik: account"]
    assert (state, says.endswith("then put it into RELAY_BUTIK_API_KEY and restart the workers")) == ("wrong", True)
    assert "nyckel" not in says


def test_programs_get_the_account_by_its_id_and_a_state_that_is_one_word(room: Room, desk: Desk) -> None:
    desk.environ["RELAY_BUTIK_SECRET"] = "butikens-hemlighet"
    room.run(room.company("1"))
    found = listed(desk)
    assert (found["account"], found["account_name"], found["state"]) == (1, "Sandbox 1", "active")
    connections.breaker_failed(room.store, "butik", "account:K-1", lanes=1, seconds=100)
    found = listed(desk)
    assert found["state"] == "stopped"
    assert found["reason"].startswith("Upsales did not answer several things in a row; it is asked again in ")

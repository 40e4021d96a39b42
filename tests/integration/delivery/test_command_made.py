"""`relay made` lists what the relay made in Upsales, and nothing that was there before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room


def order(room: Room, number: str, company: Mapping[str, Any]) -> str:
    data = {
        "id": number,
        "description": "Sylt, 40 burkar",
        "client": company,
        "user": "sales@example.com",
        "stage": "Order",
        "rows": [{"id": "1", "articleNo": "KONSULT-1", "quantity": 1, "price": 100}],
    }
    return room.take("butik", {"id": f"e {number}", "type": "order.upsert", "data": data}).id


def rows(desk: Desk, *arguments: str) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = json.loads(desk("made", "--json", *arguments).stdout)
    return found


def test_what_was_made_is_listed_the_newest_first_and_what_was_found_is_not(room: Room, desk: Desk) -> None:
    person = {"account": 1, "resource": "accounts", "data": {"name": "Åkeri A AB", "orgNo": "5999990046"}}
    room.sandbox.control("POST", "/records", person)
    room.run(order(room, "O-1", {"name": "Åkeri A AB", "orgNo": "599999-0046"}))
    room.run(order(room, "O-2", {"name": "Blåbärsbolaget AB"}))

    there = {(kind, row["id"]) for kind in ("accounts", "orders") for row in room.sandbox.records(kind)}
    made = rows(desk)

    assert [row["resource"] for row in made] == ["order", "account", "order"]
    assert {(f"{row['resource']}s", row["record"]) for row in made} < there
    assert len(there) == len(made) + 1
    assert made[0]["why"] == "order.upsert order:O-2"
    assert {row["state"] for row in made} == {"done"}
    assert desk("made").stderr == "3 made: 1 account, 2 orders.\n"


def test_it_is_narrowed(room: Room, desk: Desk) -> None:
    room.run(order(room, "O-1", {"name": "Blåbärsbolaget AB"}))
    room.run(room.company("7", connection="kassa"))

    assert {row["connection"] for row in rows(desk, "--connection", "kassa")} == {"kassa"}
    assert [row["resource"] for row in rows(desk, "--resource", "order")] == ["order"]
    assert rows(desk, "--since", "2099-01-01") == []
    assert desk("made", "--limit", "1").stderr.endswith("These are the newest 1; --limit shows more.\n")


def test_a_create_without_an_answer_may_have_made_something(room: Room, desk: Desk) -> None:
    room.sandbox.fault(kind="drop_before_commit", method="POST", resource="accounts", count=1)
    room.run(room.company("1"))

    (row,) = rows(desk)
    assert (row["state"], row["record"]) == ("unknown", None)
    assert desk("made").stderr == (
        "None is known to be made. What is open or unknown may have been made, too: its create got no answer yet.\n"
    )


def test_a_create_that_was_refused_made_nothing(room: Room, desk: Desk) -> None:
    room.sandbox.fault(kind="throttle", method="POST", resource="accounts", count=1)
    event = room.company("1")
    room.run(event)

    assert [(call.method, call.state) for call in room.calls(event) if call.write] == [("POST", "failed")]
    assert rows(desk) == []
    assert desk("made").stdout == "Nothing was made.\n"

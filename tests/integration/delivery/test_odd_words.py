"""Keys of any length, names in either spelling, clocks that go back: both databases make the same of them."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.delivery.room import NOON, Room
from web.inbound import arrival
from worker.sdk.request import Request
from worker.store.events.intake import accept


@pytest.mark.parametrize("length", [254, 255, 256, 300, 1000, 2000])
def test_key_of_any_length_makes_one_record_and_keeps_it(room: Room, length: int) -> None:
    key = "Ö" * length
    for minute, notes in enumerate(("först", "sedan")):
        data = {"id": key, "name": "Åkeri", "notes": notes}
        event = room.take("butik", {"id": f"e{minute}", "type": "account.upsert", "data": data}).id
        assert room.run(event).status == "delivered", room.event(event).reason
    person = {"id": "P-1", "email": "asa@example.com", "client": {"id": key}}
    linked = room.take("butik", {"id": "e2", "type": "contact.upsert", "data": person}).id
    assert room.run(linked).status == "delivered", room.event(linked).reason

    assert [record["notes"] for record in room.sandbox.records("accounts")] == ["sedan"]
    assert len(room.sandbox.records("contacts")) == 1


def test_company_spelt_in_composed_and_decomposed_letters_is_one(room: Room) -> None:
    name = "Åkeri & Söner AB"
    forms: tuple[Any, ...] = ("NFC", "NFD")
    for form in forms:
        data = {"id": f"K-{form}", "name": unicodedata.normalize(form, name)}
        event = room.take("butik", {"id": f"e-{form}", "type": "account.upsert", "data": data}).id
        assert room.run(event).status == "delivered"

    assert [record["name"] for record in room.sandbox.records("accounts")] == [name]


def test_event_without_a_time_is_newer_than_what_came_before_it_whatever_the_clock_says(room: Room) -> None:
    def took(number: int, minutes: int) -> str:
        data = {"id": "K-1", "name": "Åkeri", "notes": f"läge {number}"}
        body = json.dumps({"id": f"e{number}", "type": "account.upsert", "data": data}).encode()
        request = Request("POST", "https://relay.example/webhooks/butik", (), body)
        found = arrival(request, room.settings.connections["butik"], (), lambda _: "***")
        with room.store.write() as conn:
            (receipt,) = accept(conn, [replace(found, received_at=NOON + timedelta(minutes=minutes))])
        return receipt.events[0].id

    for number, minutes in enumerate((0, -2, -1)):
        event = took(number, minutes)
        assert room.run(event).status == "delivered", room.event(event).reason

    assert [record["notes"] for record in room.sandbox.records("accounts")] == ["läge 2"]

"""A trigger that tells an id alone is delivered with the record of the account that it comes from."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.delivery.played import played
from tests.integration.delivery.room import Room
from worker.connectors import upsales

CASES = Path(upsales.__file__).parent / "cases"


def test_an_appointment_is_read_and_the_key_stays_out_of_the_address(room: Room) -> None:
    document = json.loads((CASES / "read_appointment_inserted" / "request.json").read_text("utf-8"))
    with played(room, upsales.connector, document["settings"]) as group:
        (done,) = group.run(group.take(document["body"]))
        assert [(each.path, each.query, each.status) for each in group.neighbour.asked] == [
            ("/appointments/20931", {}, 200)
        ]
        assert done.status == "delivered", done.reason
        assert [each["agenda"] for each in group.records("appointments")] == ["Genomgång av våren"]

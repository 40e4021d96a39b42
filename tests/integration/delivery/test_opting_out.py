"""Who leaves an audience is opted out in Upsales once, through the ledger of either database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.integration.delivery.played import Played, played
from tests.integration.delivery.room import Room
from worker.connectors import mailchimp
from worker.store.db.tables import calls

LIST = "a6b5da1054"
SETTINGS = {"owner": "asa.oberg@example.com", "audience": LIST, "data_center": "us21"}
MAIL = "ulrika@fjallens.example"


def listed(status: str, at: datetime) -> dict[str, Any]:
    return {
        "id": "0123abcd",
        "unique_email_id": "8a25ff1d98",
        "list_id": LIST,
        "email_address": MAIL,
        "status": status,
        "merge_fields": {"FNAME": "Ulrika", "LNAME": "Ödman"},
        "last_changed": at.isoformat(timespec="seconds"),
    }


def tell(audience: Played, status: str, at: datetime) -> str:
    """By the list alone: its webhook never came."""
    audience.neighbour.things.put("member", "0123abcd", listed(status, at))
    audience.catch_up(since=3600.0)
    (event,) = audience.waiting()
    return event


def opt_outs(room: Room) -> list[tuple[str, str]]:
    wanted = select(calls.c.resource, calls.c.state).where(calls.c.method == "UNSUB").order_by(calls.c.started_at)
    with room.store.read() as conn:
        return [(row.resource, row.state) for row in conn.execute(wanted)]


@pytest.mark.parametrize("kind", ["drop_after_commit", "drop_before_commit"])
def test_an_opt_out_without_an_answer_is_carried_out_once(room: Room, kind: str) -> None:
    now = datetime.now(UTC)
    with played(room, mailchimp.connector, SETTINGS) as audience:
        (done,) = audience.run([tell(audience, "subscribed", now - timedelta(minutes=20))])
        assert done.status == "delivered"
        room.sandbox.fault(kind=kind, method="POST", resource="function", count=1)
        event = tell(audience, "unsubscribed", now - timedelta(minutes=10))
        (cut_off,) = audience.run([event])
        assert cut_off.status == "pending"
        room.come()
        (ended,) = audience.run([event])
        assert ended.status == "delivered"
        (contact,) = audience.records("contacts")
        assert contact["unsubscribed"]
        effective = [
            call
            for call in room.sandbox.calls(method="POST")
            if call["path"].endswith("/function/unsub") and call["committed"]
        ]
        assert len(effective) == 1
        assert ("contact", "open") not in opt_outs(room)

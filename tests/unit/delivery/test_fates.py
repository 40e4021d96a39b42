"""The state of a task is the fate of its event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from worker.delivery.fates import away, fate, gone, passed_over
from worker.store.events.standing import Calls, Standing
from worker.store.lanes.connections import State

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
RUNS = State(name="shop")
EVENT = Standing(
    id="01KDM5V4Y0J8W3Q6Z9X2C7B1NM",
    event_id="evt_4711",
    connection="shop",
    type="order.paid",
    subject="order:4711",
    status="pending",
    due_at=NOON,
    now=NOON,
)


def shown(connection: State | None = RUNS, *, before: bool = False, **changed: Any) -> tuple[str, str] | None:
    found = fate(replace(EVENT, **changed), connection, before=before)
    return None if found is None else (found.state, found.line)


@pytest.mark.parametrize(
    ("changed", "state", "line"),
    [
        ({"status": "delivered", "calls": Calls(2, [("order", 4711)])}, "SUCCESS", "delivered · order 4711, 2 calls"),
        ({"status": "delivered", "calls": Calls(1)}, "SUCCESS", "delivered · 1 call"),
        (
            {"status": "delivered", "calls": Calls(5, [("account", 7), ("contact", 8), ("order", 9)])},
            "SUCCESS",
            "delivered · account 7 and 2 more, 5 calls",
        ),
        (
            {"status": "superseded", "reason": "nothing of it was left to write"},
            "SUCCESS",
            "superseded · nothing of it was left to write",
        ),
        ({"status": "ignored", "reason": "test order"}, "SUCCESS", "ignored · test order"),
        (
            {"status": "dead", "reason": "order.paid: the total of Anna is wrong"},
            "FAILURE",
            "dead · the … of … is wrong",
        ),
        (
            {"status": "review", "reason": "several accounts match 'Anna'"},
            "FAILURE",
            "review · several accounts match '…'",
        ),
        ({"status": "dead"}, "FAILURE", "dead"),
        ({}, "RETRY", "waiting · its lane is rung again"),
        (
            {"reason": "the key's call windows are full", "due_at": NOON + timedelta(seconds=31)},
            "RETRY",
            "waiting · the key's call windows are full · again at 2026-11-30 12:00:31Z",
        ),
        (
            {"due_at": NOON + timedelta(seconds=1)},
            "RETRY",
            "waiting · its lane is not due · again at 2026-11-30 12:00:01Z",
        ),
        ({"due_at": None, "parked": True}, "RETRY", "waiting · replays go one by one"),
    ],
)
def test_a_fate_is_a_state_and_a_line(changed: dict[str, Any], state: str, line: str) -> None:
    assert shown(**changed) == (state, line)


@pytest.mark.parametrize(
    ("connection", "line"),
    [
        (None, "waiting · no such connection in the settings"),
        (
            replace(RUNS, state="paused", reason="Upsales does not accept the API key (GET /self)"),
            "waiting · the connection is paused: Upsales does not accept the API key (GET /self)",
        ),
        (replace(RUNS, state="paused"), "waiting · the connection is paused"),
        (
            replace(RUNS, broken_for=30.0),
            "waiting · Upsales does not answer · it is asked again at 2026-11-30 12:00:30Z",
        ),
    ],
)
def test_what_waits_with_its_connection_says_so(connection: State | None, line: str) -> None:
    assert shown(connection) == ("RETRY", line)


def test_what_another_worker_has_in_hand_is_told_by_that_one() -> None:
    assert shown(held=True) is None


def test_what_is_due_is_told_by_whoever_claims_it_unless_the_message_named_it() -> None:
    assert fate(EVENT, RUNS, mine=False) is None


def test_what_had_ended_before_its_message_was_taken_says_so() -> None:
    found = shown(before=True, status="delivered", calls=Calls(2, [("order", 4711)]))
    assert found == ("SUCCESS", "delivered · order 4711, 2 calls · by another message's task")


def test_a_fate_has_the_name_and_the_ids_of_its_task() -> None:
    found = fate(replace(EVENT, subject="contact:anna@example.com"), RUNS)
    assert found is not None
    assert found.name == "shop: order.paid"
    assert found.args == f"contact:… · evt_4711 · {EVENT.id}"


def test_without_a_row_of_the_database_there_is_a_state_too() -> None:
    assert [each.state for each in (away("e"), passed_over("e"), gone("e"))] == ["RETRY", "RETRY", "SUCCESS"]

"""Celery's own picture of a task has the state and the line of the fate, whatever it had before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, get_args

import pytest
from celery.events.state import State as Picture

from worker.queue.fate import Fate, State, shown_args, shown_name, task_events

STATES: Sequence[State] = get_args(State)


def sent(picture: Any, kind: str, **fields: Any) -> None:
    picture.event({"type": kind, "uuid": "e1", "hostname": "worker@ett", "timestamp": 1.0, "local_received": 1.0, "clock": 1, "pid": 1, "utcoffset": 0, **fields})  # fmt: skip


@pytest.mark.parametrize(("earlier", "later"), list(product(STATES, STATES)))
def test_the_row_says_the_last_fate(earlier: State, later: State) -> None:
    picture: Any = Picture()
    for state in (earlier, later):
        sent(picture, "task-received", name="shop: order.paid", args="e1", root_id="e1", parent_id=None)
        sent(picture, "task-started")
        for kind, fields in task_events(Fate("e1", state, f"line of {state}"), 0.5):
            sent(picture, kind, **fields)
    row = picture.tasks["e1"]
    assert (row.state, row.result, row.traceback) == (later, f"line of {later}", None)
    assert row.exception == (None if later == "SUCCESS" else row.result)


def test_a_retried_task_is_shown_at_work_again() -> None:
    picture: Any = Picture()
    for kind, fields in task_events(Fate("e1", "RETRY", "waiting")):
        sent(picture, kind, **fields)
    sent(picture, "task-received", name="shop: order.paid")
    sent(picture, "task-started")
    assert picture.tasks["e1"].state == "STARTED"


def test_a_row_is_named_after_connection_and_type_and_has_three_ids() -> None:
    assert shown_name("shop", "order.paid") == "shop: order.paid"
    assert shown_name("shop", "told by anna@example.com") == "shop: ***"
    assert shown_args("e1", "evt_1", "order:4711") == "order:4711 · evt_1 · e1"
    assert shown_args("e1", "", "") == "e1"

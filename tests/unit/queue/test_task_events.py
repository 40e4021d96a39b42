"""A request tells of the events that its task had in hand, and what fails in it changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from celery.app.task import Context

from worker.queue.fate import Fate
from worker.queue.task_events import UNTOLD, Request, tell

HEADERS = {"id": "e1", "task": "t", "shadow": "shop: order.paid", "argsrepr": "e1 · order:4711", "lang": "py"}


class Eventer:
    enabled = True

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, Any]]] = []
        self.breaks = False

    def flush(self, *, errors: bool) -> None:
        assert not errors
        self.send("flushed")

    def send(self, kind: str, **fields: Any) -> None:
        if self.breaks:
            raise ConnectionError("Redis is away")
        self.sent.append((kind, fields))


def nothing(event: str) -> str:
    return event


def request(
    eventer: Eventer, task_id: str = "e1", *, send_events: bool = True, on_ack: Callable[..., None] = lambda *_: None
) -> Request:
    app = Celery("prov", set_as_current=False)
    task = app.task(name="t", send_events=send_events, ignore_result=True, shared=False)(nothing)
    body = json.dumps([["e1"], {}, {}])
    message = SimpleNamespace(
        headers={**HEADERS, "id": task_id},
        body=body,
        payload=json.loads(body),
        content_type="application/json",
        content_encoding="utf-8",
        delivery_info={},
        properties={},
    )
    return Request(message, app=app, task=app.tasks[task.name], eventer=eventer, hostname="worker@ett", on_ack=on_ack)


@pytest.fixture
def eventer() -> Eventer:
    return Eventer()


def test_it_tells_of_its_own_event_and_of_those_delivered_with_it(eventer: Eventer) -> None:
    handled = request(eventer)
    tell(Context(handled.request_dict), [Fate("e1", "SUCCESS", "delivered"), Fate("e2", "RETRY", "waiting", "n", "a")])

    handled.send_event("task-succeeded", result="None", runtime=0.5)

    (own, first), (other, second) = eventer.sent
    assert (own, first["uuid"], first["result"], first["runtime"]) == ("task-succeeded", "e1", "delivered", 0.5)
    assert (first["name"], first["args"]) == ("shop: order.paid", "e1 · order:4711")
    assert (other, second["uuid"], second["result"], second["runtime"]) == ("task-retried", "e2", "waiting", None)
    assert (second["name"], second["args"]) == ("n", "a")


def test_it_is_told_before_the_message_is_acknowledged_and_once(eventer: Eventer) -> None:
    """Who is killed in between leaves the message to another worker, and no row that says STARTED for ever."""
    handled = request(eventer, on_ack=lambda *_: eventer.send("acknowledged"))
    tell(Context(handled.request_dict), [Fate("e1", "SUCCESS", "delivered")])

    handled.acknowledge()
    handled.send_event("task-succeeded", result="None", runtime=0.5)

    assert [kind for kind, _ in eventer.sent] == ["task-succeeded", "flushed", "acknowledged"]


def test_a_message_is_acknowledged_though_nobody_could_be_told(eventer: Eventer) -> None:
    acknowledged: list[bool] = []
    eventer.breaks = True
    handled = request(eventer, on_ack=lambda *_: acknowledged.append(True))
    tell(Context(handled.request_dict), [Fate("e1", "SUCCESS", "delivered")])
    handled.acknowledge()
    assert acknowledged == [True]


def test_a_message_of_an_earlier_release_has_a_row_of_its_own(eventer: Eventer) -> None:
    handled = request(eventer, "slumpat")
    tell(Context(handled.request_dict), [Fate("e1", "SUCCESS", "delivered")])

    handled.send_event("task-succeeded", result="None", runtime=0.5)

    assert [fields["uuid"] for _, fields in eventer.sent] == ["slumpat"]


def test_each_event_has_a_name_for_who_missed_the_first(eventer: Eventer) -> None:
    request(eventer).send_event("task-started")
    assert [(kind, fields["name"]) for kind, fields in eventer.sent] == [("task-started", "shop: order.paid")]


def test_of_what_failed_unexpectedly_neither_text_nor_traceback_is_told(eventer: Eventer) -> None:
    request(eventer).send_event("task-failed", exception="KeyError('anna@example.com')", traceback="anna@example.com")
    assert "anna" not in str(eventer.sent)
    assert eventer.sent[-1][1]["result"] == UNTOLD


def test_what_another_worker_tells_is_not_told(eventer: Eventer) -> None:
    request(eventer).send_event("task-succeeded", result="None", runtime=0.5)
    assert eventer.sent == []


def test_that_nobody_could_be_told_changes_nothing(eventer: Eventer) -> None:
    eventer.breaks = True
    handled = request(eventer)
    tell(Context(handled.request_dict), [Fate("e1", "SUCCESS", "delivered")])

    handled.send_event("task-succeeded", result="None", runtime=0.5)
    handled.send_event("task-started")


def test_a_task_that_sends_no_events_sends_none(eventer: Eventer) -> None:
    handled = request(eventer, send_events=False)
    tell(Context(handled.request_dict), [Fate("e1", "SUCCESS", "delivered")])
    handled.send_event("task-succeeded", result="None", runtime=0.5)
    assert eventer.sent == []


def test_without_a_worker_nobody_is_told() -> None:
    tell(Context(), [Fate("e1", "SUCCESS", "delivered")])

"""What was read of a sender's API reads like a request that was sent, whatever its connector's requests look like."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.lists import BOKNING
from worker.connectors.woocommerce import connector as woocommerce
from worker.sdk.mapping import field
from worker.sdk.read import MOST_EVENTS, READ, BadBody, occurred, parts
from worker.sdk.request import Request

CHANGED = "2026-03-02T09:15:00+01:00"


def stored(*payloads: Any, body: Any = None) -> Request:
    return Request(READ, "/bookings", (), json.dumps(list(payloads) if body is None else body).encode())


def test_its_body_is_an_array_whatever_the_connectors_is() -> None:
    """This one's is a form, which is split into nothing."""
    found = parts(BOKNING, stored({"id": "1"}, {"id": "2", "pin": "4711"}, ["one", "payload"]))
    assert [(part.payload, part.place) for part in found] == [
        ({"id": "1"}, "/0"),
        ({"id": "2", "pin": "***"}, "/1"),
        (["one", "payload"], "/2"),
    ]
    assert len(parts(BOKNING, stored(*range(MOST_EVENTS + 1)))) == MOST_EVENTS + 1


@pytest.mark.parametrize("body", [{"id": "1"}, "1", None])
def test_what_is_no_array_is_no_stored_reading(body: Any) -> None:
    request = Request(READ, "/", (), json.dumps(body).encode())
    with pytest.raises(BadBody, match="stored as an array"):
        parts(BOKNING, request)
    with pytest.raises(BadBody, match="is not JSON"):
        parts(BOKNING, replace(request, body=b"id=1"))


def test_only_that_method_is_read_so() -> None:
    assert parts(BOKNING, replace(stored({"id": "1"}), method="POST")) == ()


def test_subject_time_and_priority_are_the_rules_and_id_and_type_the_lists() -> None:
    found = occurred(BOKNING, "read:booking:1", "booking.changed", {"id": "1", "changed": CHANGED, "pin": "4711"})
    assert (found.id, found.type, found.subject) == ("read:booking:1", "booking.changed", "booking:1")
    assert found.time == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
    assert (found.problem, found.missing, found.payload["pin"]) == (None, (), "***")

    urgent = {name: replace(rule, priority=True) for name, rule in BOKNING.handles.items()}
    assert occurred(replace(BOKNING, handles=urgent), "x", "booking.changed", {"id": "1"}).priority


def test_a_payload_that_names_no_subject_has_a_problem() -> None:
    found = occurred(BOKNING, "x", "booking.changed", {"nothing": 1})
    assert found.missing == ("subject",)
    assert found.problem is not None


def test_a_type_that_only_a_header_tells_is_known_all_the_same() -> None:
    order = {"id": 727, "date_modified_gmt": "2026-03-02T08:15:00"}
    found = occurred(woocommerce, "read:order:727:x", "order.updated", order)
    assert (found.type, found.subject, found.problem) == ("order.updated", "order:727", None)


def test_a_connector_that_raises_is_a_bad_body() -> None:
    def raises(_type: object) -> Any:
        raise ValueError

    class Broken(dict[str, Any]):
        def __contains__(self, _name: object) -> bool:
            return raises(_name)  # type: ignore[no-any-return]

    with pytest.raises(BadBody):
        occurred(replace(BOKNING, handles=Broken(), event_id=field("id")), "x", "booking.changed", {})

"""What an event needs of its sender's API, and what becomes of the answers in its mapping."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import EXCLUDE, Schema, fields

from tests.senders import Anything
from worker.errors import NotAsDeclared
from worker.plan import Ignored, Key, Plan, Upsert
from worker.sdk.connector import Connector, Event, Handles, Incoming
from worker.sdk.fetch import changed_in, wanted
from worker.sdk.mapping import constant, field
from worker.sdk.request import Request
from worker.sdk.route import plan_event
from worker.sdk.signatures import UrlToken
from worker.sdk.source import Absent, Get, Kind, Source, bearer

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Deal(Schema):
    class Meta:
        unknown = EXCLUDE

    amount = fields.Integer(required=True)


def noted(event: Event, _settings: Any) -> Plan:
    said = {name: str(body) for name, body in sorted(event.read.items())}
    return (Upsert(key=Key("account", event.subject), set={"notes": str(said)}),)


KINDS = {"deal": Kind(schema=Deal, changed="meta.changed"), "owner": Kind(schema=Anything)}
RULE = Handles(
    Anything,
    noted,
    subject=field("deal"),
    time=constant(""),
    fetch=(Get("deal", id=field("deal")), Get("owner", id=lambda each: str(each.read["deal"]["owner"]), optional=True)),
)
SENDER = Connector(
    name="tunn",
    title="Tunn",
    signature=UrlToken(),
    event_id=field("id"),
    event_type=constant("won"),
    handles={"won": RULE},
    writes={"account": frozenset({"create", "update"})},
    source=Source(url="https://api.tunn.example", sign=bearer(), kinds=KINDS),
)
COME = Incoming(Request("POST", "https://relay.example", (), b""), {"deal": 7})


def event(**read: Any) -> Event:
    return Event(id="e", type="won", subject="7", time=NOON, payload={"deal": 7}, connection="tunn", read=read)


def notes(plan: Plan | Ignored) -> object:
    assert not isinstance(plan, Ignored)
    return plan[0].set["notes"]


def test_one_thing_is_wanted_after_the_other_and_the_later_sees_the_earlier() -> None:
    deal, owner = RULE.fetch
    assert wanted(RULE, COME, {}) == (deal, "7")
    assert wanted(RULE, COME, {"deal": {"owner": 3}}) == (owner, "3")
    assert wanted(RULE, COME, {"deal": {"owner": 3}, "owner": {}}) is None


def test_what_has_no_id_is_not_read() -> None:
    assert wanted(RULE, COME, {"deal": {}}) is None
    assert wanted(RULE, COME, {"deal": Absent("gone", "deleted")}) is None
    assert wanted(RULE, replace(COME, payload={}), {}) is None


def test_a_mapping_gets_what_its_schema_loads() -> None:
    assert notes(plan_event(SENDER, None, event(deal={"amount": "5", "more": 1}))) == "{'deal': \"{'amount': 5}\"}"


def test_what_the_schema_does_not_take_names_kind_and_field_and_no_value() -> None:
    with pytest.raises(NotAsDeclared) as raised:
        plan_event(SENDER, None, event(deal={"amount": "hemligt"}))
    assert str(raised.value) == "won: deal: amount: Not a valid integer"


@pytest.mark.parametrize(("what", "code"), [("gone", "gone_at_source"), ("never", "never_existed")])
def test_what_is_not_there_ends_the_event_by_its_rule(what: Any, code: str) -> None:
    plan = plan_event(SENDER, None, event(deal=Absent(what, "the test deal")))
    assert isinstance(plan, Ignored)
    assert (plan.rule, plan.code) == ("the test deal", code)


def test_what_is_optional_or_unread_is_left_out() -> None:
    gone = event(deal={"amount": 5}, owner=Absent("gone", "deleted"))
    assert notes(plan_event(SENDER, None, gone)) == "{'deal': \"{'amount': 5}\"}"
    assert notes(plan_event(SENDER, None, event(deal=Absent("unread", "no token")))) == "{}"


def test_a_rule_of_its_own_maps_what_is_gone_and_nothing_that_never_was() -> None:
    rule = replace(RULE, gone=lambda event, _: (Upsert(key=Key("account", event.subject), set={"notes": "gone"}),))
    sender = replace(SENDER, handles={"won": rule})
    assert notes(plan_event(sender, None, event(deal=Absent("gone", "deleted")))) == "gone"
    assert isinstance(plan_event(sender, None, event(deal=Absent("never", "none"))), Ignored)


@pytest.mark.parametrize(
    ("body", "time"),
    [
        ({"meta": {"changed": "2026-11-01T10:00:00+01:00"}}, datetime(2026, 11, 1, 9, tzinfo=UTC)),
        ({"meta": {"changed": 1793530800}}, datetime(2026, 11, 1, 11, tzinfo=UTC)),
        ({"meta": {"changed": "2099-01-01T00:00:00Z"}}, None),
        ({"meta": {"changed": True}}, None),
        ({"meta": None}, None),
        ([], None),
    ],
)
def test_when_a_thing_changed_is_believed_as_far_as_any_time_is(body: Any, time: datetime | None) -> None:
    assert changed_in(KINDS["deal"], body, NOON) == time


def test_values_count_as_of_the_change_where_it_is_told() -> None:
    assert event().counts_as_of == NOON
    assert replace(event(), changed=datetime(2026, 11, 1, tzinfo=UTC)).counts_as_of == datetime(2026, 11, 1, tzinfo=UTC)

"""What an answer of a sender's API means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import Schema

from worker.errors import (
    Failure,
    GoneAtSource,
    NeverExisted,
    NotAsDeclared,
    SourceForbidden,
    SourceThrottled,
    SourceUnavailable,
    TooEarly,
    Waiting,
)
from worker.sdk.source import Answered, Changes, Kind, Verdict
from worker.sources.outcome import Asked, Reply, complete, items, thing, understand

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def asked(*, one: bool = True, **of_kind: Any) -> Asked:
    return Asked("oneflow", "contract", Kind(schema=Schema, get="/contracts/{id}", **of_kind), one)


def reply(status: int = 200, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps({"id": 1} if body is None else body).encode()
    return Reply(url="", status=status, headers=headers or {}, body=raw, duration=0.25, at=NOW)


def failure_of(asked: Asked, reply: Reply) -> Failure:
    with pytest.raises(Failure) as caught:
        understand(asked, reply)
    return caught.value


@pytest.mark.parametrize(
    ("status", "one", "kind"),
    [
        (401, True, SourceForbidden),
        (403, True, SourceForbidden),
        (404, True, GoneAtSource),
        (410, True, GoneAtSource),
        (404, False, NotAsDeclared),
        (410, False, NotAsDeclared),
        (400, True, NotAsDeclared),
        (422, False, NotAsDeclared),
        (302, True, SourceUnavailable),
        (408, True, SourceUnavailable),
        (425, True, SourceUnavailable),
        (429, True, SourceThrottled),
        (500, True, SourceUnavailable),
        (503, False, SourceUnavailable),
    ],
)
def test_without_a_word_of_the_connector_the_status_decides(status: int, *, one: bool, kind: type[Failure]) -> None:
    failure = failure_of(asked(one=one), reply(status, b"<html>Anna Berg</html>"))
    assert type(failure) is kind
    assert (failure.status, failure.duration) == (status, 0.25)
    assert "Anna" not in str(failure)
    assert str(failure).startswith("oneflow's API (")


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.5),
        ("90000", 3600.0),
        ("9" * 400, 10.0),
        ("Mon, 30 Nov 2026 12:01:00 GMT", 60.0),
        ("Mon, 30 Nov 2026 11:00:00 GMT", 0.5),
        ("soon", 10.0),
        ("-5", 10.0),
        ("٣", 10.0),
        (None, 10.0),
    ],
)
def test_a_429_says_when_to_come_again_within_bounds(told: str | None, seconds: float) -> None:
    failure = failure_of(asked(), reply(429, headers={} if told is None else {"retry-after": told}))
    assert isinstance(failure, SourceThrottled)
    assert failure.seconds == seconds


def test_a_503_that_says_when_to_come_again_is_a_limit() -> None:
    failure = failure_of(asked(), reply(503, headers={"retry-after": "30"}))
    assert isinstance(failure, SourceThrottled)
    assert failure.seconds == 30


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id": ', b"NaN", b"[" * 100_000, b"\xff\xfe\xff", b'{"a":1e999}'])
def test_what_is_no_json_passes(body: bytes) -> None:
    failure = failure_of(asked(), reply(200, body, {"content-type": "text/html; charset=utf-8"}))
    assert type(failure) is SourceUnavailable
    assert str(failure) == "oneflow's API (contract): answered 200 with text/html instead of JSON"


class TestWhatTheConnectorSays:
    @pytest.mark.parametrize(
        ("verdict", "kind", "line"),
        [
            (Verdict("early", "not published yet"), TooEarly, "oneflow's API (contract): not published yet"),
            (Verdict("never", "test lead"), NeverExisted, "test lead"),
            (Verdict("gone", "deleted"), GoneAtSource, "oneflow's API (contract): deleted"),
            (
                Verdict("forbidden", "access was revoked"),
                SourceForbidden,
                "oneflow's API (contract): access was revoked",
            ),
            (Verdict("throttled", "too many"), SourceThrottled, "oneflow's API (contract): too many"),
            (Verdict("unavailable", "try again"), SourceUnavailable, "oneflow's API (contract): try again"),
            (Verdict("unlike", "no such field"), NotAsDeclared, "oneflow's API (contract): no such field"),
        ],
    )
    def test_comes_before_the_status(self, verdict: Verdict, kind: type[Failure], line: str) -> None:
        failure = failure_of(asked(means=lambda _answered: verdict), reply(200))
        assert type(failure) is kind
        assert str(failure) == line
        assert (failure.status, failure.duration) == (200, 0.25)

    @pytest.mark.parametrize(
        ("what", "told", "seconds"),
        [("early", None, 15.0), ("early", 3.0, 3.0), ("throttled", None, 20.0), ("throttled", 1e9, 3600.0)],
    )
    def test_when_to_come_again(self, what: Any, told: float | None, seconds: float) -> None:
        failure = failure_of(
            asked(means=lambda _answered: Verdict(what, "later", told)), reply(429, headers={"retry-after": "20"})
        )
        assert isinstance(failure, Waiting)
        assert failure.seconds == seconds

    def test_sees_the_answer_as_it_came(self) -> None:
        seen: list[Answered] = []
        understand(asked(means=seen.append), reply(200, {"id": 7}, {"x-kind": "lead"}))
        assert seen == [Answered(status=200, headers={"x-kind": "lead"}, json={"id": 7})]

    def test_is_not_json_where_the_body_is_none(self) -> None:
        verdict = Verdict("gone", "deleted")
        failure = failure_of(asked(means=lambda each: verdict if each.json is None else None), reply(400, b"no"))
        assert type(failure) is GoneAtSource

    def test_what_it_raises_tells_nothing_of_the_answer(self) -> None:
        failure = failure_of(asked(means=lambda answered: answered.json["Anna Berg"]), reply(200))
        assert type(failure) is NotAsDeclared
        assert "KeyError in <lambda> (test_outcome.py:" in str(failure)
        assert "Anna" not in str(failure)
        assert failure.__context__ is None


class TestTheThing:
    def test_is_found_by_its_path(self) -> None:
        assert thing(asked(at="data.0"), {"data": [{"id": 1}]}, reply()) == {"id": 1}
        assert thing(asked(), {"id": 1}, reply()) == {"id": 1}

    @pytest.mark.parametrize("payload", [None, "text", 7, {}, {"data": None}, {"data": []}, {"data": ["text"]}, []])
    def test_is_named_where_it_is_not(self, payload: Any) -> None:
        with pytest.raises(NotAsDeclared, match=r"oneflow's API \(contract\): has no contract at data\.0") as caught:
            thing(asked(at="data.0"), payload, reply())
        assert caught.value.status == 200

    def test_is_not_complete_as_long_as_the_connector_says_so(self) -> None:
        kind = asked(early=lambda found: None if found["template"] else "it has no template yet", early_every=12.0)
        complete(kind, {"template": 1}, reply())
        with pytest.raises(TooEarly, match="it has no template yet") as caught:
            complete(kind, {"template": None}, reply())
        assert caught.value.seconds == 12.0

    def test_a_list_is_an_array(self) -> None:
        of_list = asked(
            one=False, changes=Changes(path="/contracts", changed="updated", event=lambda _: None, items="data")
        )
        assert items(of_list, {"data": [{"id": 1}]}, reply()) == [{"id": 1}]
        with pytest.raises(NotAsDeclared, match=r"oneflow's API \(list of contract\): has no array at data"):
            items(of_list, {"data": {"id": 1}}, reply())

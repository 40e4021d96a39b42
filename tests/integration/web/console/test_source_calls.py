"""What was read of senders' APIs: on a page and in the admin API, apart from the calls to Upsales, and among an event's calls."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.store.examples import one
from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage, Visitor
from tests.integration.web.console.structure import faults
from worker.store.ledger import source_calls


def read(stage: Stage, **values: Any) -> str:
    fixed = {"connection": "butik", "fingerprint": "f00d", "kind": "contract", "thing": "4771123", "event": None}
    ended = {"status": 200, "code": None, "duration": 0.25}
    return source_calls.noted(stage.store, **{**fixed, **ended, **values})


def test_each_is_listed_once_and_apart(stage: Stage, operator: Visitor) -> None:
    made = [read(stage) for _ in range(7)]
    path, seen = "/calls/sources?limit=3", []
    while path:
        answer = operator.told(path, OPERATOR)
        seen += [row["id"] for row in answer["data"]]
        path = f"/calls/sources?limit=3&before={answer['next']}" if answer["next"] else ""
    assert seen == made[::-1]
    assert operator.told("/calls", OPERATOR)["data"] == []
    page = operator.get("/calls/sources?limit=3")
    assert page.text.count("contract 4771123") == 3
    assert page.text.count('rel="next"') == 1
    assert faults(page.text) == []


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("connection=butik", 2),
        ("kind=party", 1),
        ("status=404", 1),
        ("key=f00d&since=1h", 2),
        ("until=24h", 0),
        ("event=01KC0000000000000000000007", 0),
    ],
)
def test_filters_leave_what_they_say(stage: Stage, operator: Visitor, asked: str, number: int) -> None:
    read(stage)
    read(stage, kind="party", thing=None, status=404, code="not_as_declared")
    assert len(operator.told(f"/calls/sources?{asked}", OPERATOR)["data"]) == number
    assert operator.get(f"/calls/sources?{asked}").text.count("250 ms") == number


@pytest.mark.parametrize("asked", ["state=done", "status=abc", "before=x", "after=x"])
def test_what_is_not_understood_is_said(stage: Stage, operator: Visitor, asked: str) -> None:
    assert operator.ask("GET", f"/calls/sources?{asked}", OPERATOR).status_code == 400


def test_they_stand_among_the_calls_of_their_event(stage: Stage, operator: Visitor, viewer: Visitor) -> None:
    event = one(stage.store, "evt-1", "kund:anna.ost@exempel.se", connection="butik")
    read(stage, event=event, thing=None, status=401, code="source_forbidden")
    (reading,) = operator.told(f"/events/{event}/calls", OPERATOR)["readings"]
    assert (reading["kind"], reading["thing"], reading["code"]) == ("contract", None, "source_forbidden")
    for page in (viewer.get(f"/events/{event}").text, viewer.get("/calls/sources").text):
        assert "list of contract" in page
        assert "source forbidden" in page
    told = viewer.get("/calls/sources").text + viewer.ask("GET", "/calls/sources", VIEWER).text
    assert "anna.ost" not in told

"""The admin API is as its description says, for both roles and for what nobody would send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import strategies as st

from tests import contract
from tests.integration.web.console.probe import open_probe
from tests.integration.web.console.stage import OPERATOR, VIEWER, Stage
from tests.integration.web.console.walk import filled
from web.console.doors import LONGEST_WHY
from web.console.idempotency import HEADER, KEY
from web.console.openapi import DESCRIBED, OPENAPI, operations
from worker.admin import call_filters, cursors
from worker.admin.filters import FATES, InvalidParameters
from worker.store.ledger import call_pages
from worker.store.terms import values

LINES = st.text(st.characters(codec="utf-8").filter(str.isprintable), min_size=1, max_size=LONGEST_WHY)
SINCE, TO = datetime(1970, 1, 2), datetime(8999, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
SPANS = st.builds("{}{}".format, st.integers(1, 9999), st.sampled_from("smhdw"))
MOMENTS = st.datetimes(SINCE, TO, timezones=st.just(UTC)).map(lambda moment: moment.isoformat().replace("+00:00", "Z"))
schemathesis.openapi.format("relay-cursor", st.integers(0, cursors.LARGEST).map(cursors.written))
schemathesis.openapi.format("relay-time", st.one_of(SPANS, MOMENTS))
schemathesis.openapi.format("relay-line", LINES.filter(str.strip))
SPOTS = st.builds(
    call_pages.Spot, st.datetimes(SINCE, TO, timezones=st.just(UTC)), st.from_regex("[0-9A-Z]{1,26}", fullmatch=True)
)
schemathesis.openapi.format("relay-call-cursor", SPOTS.map(call_filters.written))
schemathesis.openapi.format("relay-value", LINES.filter(values.normal))
schemathesis.openapi.format("relay-whom", LINES.filter(str.strip).map(lambda text: text[:100]).filter(str.strip))
schemathesis.openapi.format(
    "relay-secret", st.text(st.characters(codec="utf-8", exclude_characters=", ").filter(str.isprintable), min_size=8)
)
schemathesis.openapi.format("relay-filters", st.sampled_from(["", "fate=dead", "connection=butik&since=24h"]))


ELSEWHERE = ["ignored_auth", "missing_required_header"]
"""Who is let in is tried in test_routes and test_sign_in: ten wrong tokens, and the right one is not heard either."""


def told_by_a_list(text: str) -> bool:
    for read in (cursors.place, call_filters.place):
        try:
            read(None, text, None)
        except InvalidParameters:
            continue
        return True
    return False


def _takes_what_a_batch_may(body: Any) -> None:
    """To which fates a kind can be done is tried in test_batches."""
    chosen = body.get("filter") if isinstance(body, dict) and "kind" in body else None
    if isinstance(chosen, dict) and chosen.get("fate"):
        fates = chosen["fate"] if isinstance(chosen["fate"], list) else [chosen["fate"]]
        if all(fate in FATES for fate in fates):
            chosen.pop("fate")
            chosen.setdefault("connection", "butik")


@schemathesis.hook("before_call")
def amend(_context: schemathesis.HookContext, case: schemathesis.Case[Any], _kwargs: object) -> None:
    """What a description can't say: each request has a key of its own, and one place in a list, which the list told."""
    if KEY.fullmatch(str(case.headers.get(HEADER, ""))):
        case.headers[HEADER] = f'"{uuid4()}"'
    # Schemathesis takes any text for one of this format once it has changed it.
    for name in case.query.keys() & {"after", "before"}:
        if isinstance(case.query[name], str) and not told_by_a_list(case.query[name]):
            del case.query[name]
    _takes_what_a_batch_may(case.body)
    if case.path == "/api/v1/batches/{batch}/start" and isinstance(case.body, dict):
        # Somebody has to have said why, once.
        case.body = {"why": "prov", **case.body}
    if {"after", "before"} <= case.query.keys():
        del case.query["after"]
    if "field" in case.query and "term" not in case.query:
        del case.query["field"]


@pytest.mark.parametrize(
    ("databases", "token", "methods", "turn"),
    [("postgresql", OPERATOR, contract.METHODS, 0), ("sqlite", VIEWER, ["GET"], 1)],
    indirect=["databases"],
    ids=["operator", "viewer"],
)
def test_the_api_is_as_described(stage: Stage, token: str, methods: Sequence[str], turn: int) -> None:
    """That a viewer changes nothing is tried in test_routes.

    What only looks is tried at its boundaries by one of the two, in turn: what lists and what counts the same stand side by
    side, and so each filter meets both databases.
    """
    filled(stage)
    told = {"Authorization": f"Bearer {token}"}
    app = stage.console(open_probe)
    looking = sorted(f"GET {path}" for path, of in contract.described(app, OPENAPI)["paths"].items() if "get" in of)
    found = contract.faults(app, OPENAPI, told, ELSEWHERE, methods, drawn_only=looking[turn::2])
    assert not found, "\n\n".join(found[:20])


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_every_route_of_the_api_says_what_it_answers(stage: Stage) -> None:
    described = stage.app.extensions[DESCRIBED]
    silent = {str(rule) for rule, _ in operations(stage.app) if rule.endpoint not in described}
    assert silent == set(), "say it beside the route: `@doors.tells(…)`, see web/console/doors.py"


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_the_description_is_open_and_names_types_and_problems(stage: Stage) -> None:
    answer = stage.visitor().get(OPENAPI)
    assert answer.status_code == 200
    told = answer.get_json()
    assert contract.invalid(stage.app, OPENAPI) == []
    listed = told["paths"]["/api/v1/events"]["get"]
    assert listed["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/events.EventPage")
    row = told["components"]["schemas"]["events.Row"]
    assert row["properties"]["next_attempt"] == {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}
    assert {"connection", "fate", "since", "limit", "after"} <= {each["name"] for each in listed["parameters"]}
    ring = told["paths"]["/api/v1/probe/{name}/ring"]["post"]
    assert ring["requestBody"]["content"]["application/json"]["schema"]["required"] == ["why"]
    assert {"409", "412", "422"} <= ring["responses"].keys()
    assert [each["required"] for each in ring["parameters"]] == [True, False]
    assert (
        "urn:upsales-relay:problem:key-reused" in told["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    )

"""Each case: this request comes to this."""

from __future__ import annotations

import json

import pytest

from schemas.upsales import problems
from tests.connectors.catalogue import CASES, SAMPLES, Filed, cases_of
from worker import casebook
from worker.connector import Connector
from worker.connectors import OURS
from worker.reading import plan_event
from worker.wire import assemble, to_wire

every_case = pytest.mark.parametrize("filed", CASES, ids=str)
every_connector = pytest.mark.parametrize("connector", OURS, ids=lambda each: each.name)


@every_case
def test_request_comes_to_its_plan(filed: Filed) -> None:
    assert casebook.outcomes(filed.connector, filed.case) == filed.expected


@every_case
def test_result_is_kept_as_it_is_written(filed: Filed) -> None:
    assert json.loads(casebook.text(filed.expected)) == filed.expected


@every_connector
def test_every_sample_is_a_case_that_ends_in_a_plan(connector: Connector) -> None:
    expected = {each.name: each.expected for each in cases_of(connector)}
    samples = [path.stem for path in sorted((SAMPLES / connector.name).glob("*.json"))]

    assert 3 <= len(samples) <= 6
    assert all("plan" in outcome for sample in samples for outcome in expected[sample])


@every_connector
def test_what_a_sample_says_is_enough_to_make_each_record(connector: Connector) -> None:
    samples = {path.stem for path in (SAMPLES / connector.name).glob("*.json")}
    for filed in cases_of(connector):
        for _, event in filed.events() if filed.name in samples else ():
            plan = plan_event(connector, filed.settings, event)
            assert isinstance(plan, tuple)
            for upsert in plan:
                fields = {**upsert.if_empty, **upsert.on_create, **upsert.set}
                body = assemble(
                    {name: to_wire(value, lambda _: 7) for name, value in fields.items()}, custom_id=lambda _: 7
                )
                assert problems(upsert.key.resource, body, creating=True) == {}, upsert.key


@every_connector
def test_samples_of_a_connector_share_their_settings(connector: Connector) -> None:
    """So that one connection takes all of them."""
    documents = [json.loads(path.read_text("utf-8")) for path in (SAMPLES / connector.name).glob("*.json")]

    assert all(document["settings"] == documents[0]["settings"] for document in documents)

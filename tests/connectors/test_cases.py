"""Each case: this request comes to this."""

from __future__ import annotations

import json

import pytest

from tests.connectors.catalogue import CASES, SAMPLES, Filed, cases_of
from worker import casebook
from worker.connector import Connector
from worker.connectors import OURS

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
def test_samples_of_a_connector_share_their_settings(connector: Connector) -> None:
    """So that one connection takes all of them."""
    documents = [json.loads(path.read_text("utf-8")) for path in (SAMPLES / connector.name).glob("*.json")]

    assert all(document["settings"] == documents[0]["settings"] for document in documents)

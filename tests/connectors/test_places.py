"""Every connector of the relay's can tell in which place of a request it found what an event is."""

from __future__ import annotations

import pytest

from tests.connectors.catalogue import CASES, Filed
from worker.sdk.connector import Handles
from worker.sdk.mapping.extract import place_of
from worker.sdk.read import parts
from worker.sdk.route import rule_for


@pytest.mark.parametrize("filed", CASES, ids=str)
def test_no_place_is_only_the_name_of_a_function(filed: Filed) -> None:
    deliveries = parts(filed.connector, filed.case.request)
    for reading, delivery in zip(filed.readings, deliveries, strict=True):
        rule = rule_for(filed.connector, reading.type)
        of_rule = (rule.subject, rule.time) if isinstance(rule, Handles) else ()
        for extract in (filed.connector.event_id, filed.connector.event_type, *of_rule):
            assert "()" not in place_of(extract, delivery)

"""Every connector keeps the rules of worker/devkit/conformance, also with junk in several places at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectors.catalogue import SUBJECTS, Subject
from worker.devkit.conformance import RULES, Rule, check_subject
from worker.devkit.conformance.mutations import JUNK, places, put
from worker.devkit.conformance.subject import Rejection
from worker.sdk.route import MappingError

every_connector = pytest.mark.parametrize("subject", SUBJECTS, ids=lambda each: each.connector.name)

junk = st.one_of(
    st.sampled_from(JUNK),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.lists(st.none() | st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["id", "type", "å"]), st.none() | st.text(max_size=3), max_size=2),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@every_connector
def test_connector_keeps_to_the_rule(subject: Subject, rule: Rule) -> None:
    if problems := check_subject(subject, [rule]):
        pytest.fail("\n".join(map(str, problems)), pytrace=False)


@every_connector
@settings(max_examples=35, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_payload_that_validates_makes_a_mapping_raise(subject: Subject, data: st.DataObject) -> None:
    filed, _, event = data.draw(st.sampled_from(list(subject.mapped())))
    payload = event.payload
    for _ in range(data.draw(st.integers(1, 3))):
        payload = put(payload, data.draw(st.sampled_from(list(places(payload)))), data.draw(junk))

    outcome = filed.planned(replace(event, payload=payload))

    assert not isinstance(outcome, Rejection) or outcome.kind is not MappingError, outcome

"""Runs the rules as tests over every installed connector.

`python -m pytest --pyargs worker.devkit.conformance.suite -k acme`
"""

from __future__ import annotations

import pytest

from worker.connectors import all_connectors
from worker.devkit.conformance.paths import subject_of
from worker.devkit.conformance.rules import RULES, Rule, check_subject
from worker.devkit.conformance.subject import Subject

SUBJECTS = [subject_of(connector) for connector in all_connectors()]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.connector.name)
def test_connector_keeps_to_the_rule(subject: Subject, rule: Rule) -> None:
    if problems := check_subject(subject, [rule]):
        pytest.fail("\n".join(map(str, problems)), pytrace=False)

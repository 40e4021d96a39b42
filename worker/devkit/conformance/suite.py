"""The rules as tests, over every connector that is installed: `python -m pytest --pyargs worker.devkit.conformance.suite -k acme`."""

from __future__ import annotations

import pytest

from worker.devkit.conformance.paths import checkable, exhibit_of
from worker.devkit.conformance.rules import RULES, Rule, check_exhibit
from worker.devkit.conformance.subject import Exhibit

EXHIBITS = [exhibit_of(connector) for connector in checkable()]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda exhibit: exhibit.connector.name)
def test_connector_keeps_to_the_rule(exhibit: Exhibit, rule: Rule) -> None:
    if problems := check_exhibit(exhibit, [rule]):
        pytest.fail("\n".join(map(str, problems)), pytrace=False)

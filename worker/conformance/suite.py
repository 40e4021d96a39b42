"""The rules as tests, over every connector that is installed: `python -m pytest --pyargs worker.conformance.suite -k acme`."""

from __future__ import annotations

import pytest

from worker.conformance.exhibit import Exhibit
from worker.conformance.rules import RULES, Rule, check_exhibit
from worker.conformance.shelves import checkable, exhibit_of

EXHIBITS = [exhibit_of(connector) for connector in checkable()]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda exhibit: exhibit.connector.name)
def test_connector_keeps_to_the_rule(exhibit: Exhibit, rule: Rule) -> None:
    if problems := check_exhibit(exhibit, [rule]):
        pytest.fail("\n".join(map(str, problems)), pytrace=False)

"""The rules as tests, over every connector that is installed: `python -m pytest --pyargs worker.conformance.suite -k acme`."""

from __future__ import annotations

from functools import cache

import pytest

from worker.conformance.exhibit import Exhibit
from worker.conformance.rules import RULES, Rule, check_exhibit
from worker.conformance.shelves import exhibit_of
from worker.connector import Connector
from worker.connectors import all_connectors

exhibited = cache(exhibit_of)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("connector", all_connectors(), ids=lambda connector: connector.name)
def test_connector_keeps_to_the_rule(connector: Connector, rule: Rule) -> None:
    found: Exhibit = exhibited(connector)
    assert [str(problem) for problem in check_exhibit(found, [rule])] == []

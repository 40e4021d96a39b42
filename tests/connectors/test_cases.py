"""Each case: this request comes to this."""

from __future__ import annotations

import pytest

from tests.connectors.catalogue import CASES, Filed


@pytest.mark.parametrize("filed", CASES, ids=str)
def test_request_comes_to_its_plan(filed: Filed) -> None:
    assert filed.outcomes == filed.expected

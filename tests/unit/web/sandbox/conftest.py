"""A sandbox as fresh as a new one: building the app once saves most of the time of these tests."""

from __future__ import annotations

import pytest

from tests.sandbox_playground import Playground


@pytest.fixture(scope="session")
def built() -> Playground:
    return Playground()


@pytest.fixture
def sandbox(built: Playground) -> Playground:
    built.begin_anew()
    return built

"""Tests of what is made of the database's answers: one database does. How it is asked and locked is tried on both."""

from __future__ import annotations

import pytest

from tests.integration.conftest import Databases


@pytest.fixture
def databases(sqlite_databases: Databases) -> Databases:
    return sqlite_databases

"""The ledger in memory keeps the promises that the one in the database keeps."""

from __future__ import annotations

import pytest

from tests.contracts.ledger import LedgerContract, Ledgers
from tests.fakes import Clock, MemoryLedger, MemoryStore


@pytest.fixture
def ledgers() -> Ledgers:
    store = MemoryStore(Clock())

    def ledger(connection: str = "butik", subject: str = "kund:Åsa") -> MemoryLedger:
        return store.claim(connection, subject)

    return ledger


class TestMemoryLedger(LedgerContract):
    pass

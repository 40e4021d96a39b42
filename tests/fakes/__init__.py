"""Stands in for the world of the executor: a clock, an Upsales, a ledger, and ways to break off."""

from tests.fakes.breaking import Crash, Tripwire, tapped
from tests.fakes.clock import Clock
from tests.fakes.crm import FakeCrm
from tests.fakes.ledger import MemoryLedger, MemoryStore
from tests.fakes.upsales import FakeUpsales, Fault, Trouble
from tests.fakes.world import NOON, Lane, World

__all__ = [
    "NOON",
    "Clock",
    "Crash",
    "FakeCrm",
    "FakeUpsales",
    "Fault",
    "Lane",
    "MemoryLedger",
    "MemoryStore",
    "Tripwire",
    "Trouble",
    "World",
    "tapped",
]

"""A world in memory for the executor: a clock, an Upsales, what we know of it, and ways to break off in the middle."""

from tests.unit.doubles.breaking import Crash, Tripwire, tapped
from tests.unit.doubles.clock import Clock
from tests.unit.doubles.crm import FakeCrm
from tests.unit.doubles.ledger import MemoryLedger, MemoryStore
from tests.unit.doubles.upsales import FakeUpsales, Fault, Trouble
from tests.unit.doubles.world import NOON, Lane, World

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

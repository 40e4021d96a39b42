"""A short run of the chaos on each database, and the duplicate that can't be prevented. `make chaos` runs the long ones."""

from __future__ import annotations

import pytest

from tests.chaos.databases import Kind
from tests.chaos.late import beyond_the_horizon
from tests.chaos.ordeal import Ordeal
from tests.chaos.relay import Relay
from tests.chaos.report import details
from tests.chaos.run import run
from tests.chaos.schedule import Deed

SEEDS: dict[Kind, int] = {"sqlite": 110, "postgresql": 171}
"""Within few kills each of these kills a worker, the receiver, Valkey and beat."""
WITHOUT: dict[Kind, frozenset[Deed]] = {"sqlite": frozenset(), "postgresql": frozenset({"freeze"})}
"""A freeze outlasts everything else: one of the two runs has it."""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_is_lost_doubled_or_wrong_whatever_is_killed(database: Kind) -> None:
    ordeal = Ordeal(
        seed=SEEDS[database],
        events=60,
        kills=5,
        database=database,
        seconds=9.0,
        drain=90.0,
        without=WITHOUT[database],
    )
    outcome = run(Relay, ordeal)
    assert outcome.passed, "\n".join(details(outcome))
    assert outcome.accepted == outcome.told
    assert outcome.faults > 0
    assert outcome.explained == sum(len(scene.explained) for scene in ordeal.scenes())
    assert set(outcome.done) >= {act.deed for act in ordeal.schedule()}


def test_a_create_that_upsales_carries_out_long_after_it_hung_up_is_reported_with_both_records() -> None:
    report = beyond_the_horizon(Relay, "sqlite")
    assert report.told, report

"""Waits for whoever is making the record of a natural key."""

from __future__ import annotations

from worker.errors import Busy, DecisionFirst
from worker.plan import Resource
from worker.sync.records import Identity
from worker.sync.waits import next_try

UNDECIDED = "whether it was made waits for a person: decide that first, see `relay review list`, then replay this one"


def check_made(known: Identity, resource: Resource, field: str) -> None:
    """Raises Busy while a record with the natural key is being made, NeedsReview while a person has to tell whether it was."""
    if known.undecided is not None:
        raise DecisionFirst(f"{known.undecided} has the same {field}, and {UNDECIDED}", key=known.undecided)
    if known.record_id is None:
        maker = known.maker or f"another {resource}"
        raise Busy(
            f"{maker} is being made with the same {field}: what becomes of that is waited for",
            seconds=next_try(known.age),
        )

"""A process whose parent is gone ends: told first, then made to."""

from __future__ import annotations

from web.orphan import GRACE, LOOK, watch


def test_it_waits_as_long_as_there_is_a_parent_then_finishes_and_ends() -> None:
    parents, did = iter([True, True, False]), list[object]()

    watch(lambda: next(parents), wait=did.append, tell=lambda: did.append("told"), leave=did.append)

    assert did == [LOOK, LOOK, "told", GRACE, 1]

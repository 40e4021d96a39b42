"""Pauses grow to a bound, and no two listeners come back at the same moment."""

from __future__ import annotations

from worker.sources.stream.failures import pause


def test_pauses_grow_to_a_bound() -> None:
    assert [pause(tries, lambda: 1.0) for tries in (1, 2, 3, 7, 999)] == [1.0, 2.0, 4.0, 60.0, 60.0]
    assert [pause(tries, lambda: 1.0, slow=True) for tries in (1, 2, 9)] == [60.0, 120.0, 900.0]


def test_half_of_a_pause_is_chance() -> None:
    assert pause(3, lambda: 0.0) == 2.0
    assert pause(3, lambda: 0.5) == 3.0

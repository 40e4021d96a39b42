"""A sender that asks regularly whether it is answered is silent when its questions stay away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from worker.instruments.silence import HANDSHAKES, MISSED, silences
from worker.store import Store
from worker.store.db.clock import now
from worker.store.instruments.counters import count

EVERY = 7200.0


@pytest.mark.parametrize(("hours", "silent"), [(2, False), (5, True)])
def test_questions_that_stay_away_are_a_silence(store: Store, hours: int, *, silent: bool) -> None:
    with store.write() as conn:
        count(conn, {("länk", HANDSHAKES): 1}, now(conn) - timedelta(hours=hours))
    with store.read() as conn:
        found = silences(conn, ["länk"], {"länk": EVERY, "annan": EVERY})

    assert found["länk"].silent is silent
    assert found["länk"].limit == (EVERY * MISSED if silent else None)


def test_a_sender_that_never_asked_is_not_silent_for_that(store: Store) -> None:
    with store.read() as conn:
        assert not silences(conn, ["länk"], {"länk": EVERY})["länk"].silent

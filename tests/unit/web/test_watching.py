"""The console goes on watching, whatever a look comes to."""

from __future__ import annotations

from threading import Event

from structlog.testing import capture_logs

from web.console.watching import EVERY, watch_for_ever
from worker.store import StoreUnavailable


def test_it_looks_again_after_a_database_that_was_away_and_after_what_nobody_foresaw() -> None:
    waits: list[float] = []
    over = Event()
    outcomes = [StoreUnavailable("away"), ValueError("odd"), None]

    def look() -> None:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if not outcomes:
            over.set()
            Event().wait()

    with capture_logs() as lines:
        watch_for_ever(look, sleep)
        assert over.wait(5)
    assert waits == [EVERY] * 3
    assert [line["log_level"] for line in lines] == ["warning", "error"]

"""A thing that is wrong opens one alert, and closes it once it has been right for a while."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from worker.alerts.findings import Finding
from worker.alerts.tell import FIRST, GIVE_UP, LONGEST, again_in
from worker.alerts.transitions import Transitions, transitions
from worker.store.alerts.alerts import Alert

AT = datetime(2026, 11, 30, tzinfo=UTC)
SETTLE = 300.0
DEAD = Finding("dead_letters", "shop", "shop: 1 dead letter")


def alert(right_for: float | None, connection: str = "shop", kind: str = "dead_letters") -> Alert:
    return Alert(id="A", kind=kind, connection=connection, text="", opened_at=AT, closed_at=None, right_for=right_for)


def test_it_opens_once() -> None:
    assert transitions([DEAD], [], SETTLE) == Transitions(opened=(DEAD,))
    assert transitions([DEAD], [alert(None)], SETTLE) == Transitions()


def test_the_same_kind_of_another_connection_is_another_alert() -> None:
    assert transitions([DEAD], [alert(None, "crm")], SETTLE) == Transitions(opened=(DEAD,), cleared=("A",))


def test_it_closes_when_it_has_been_right_for_a_while() -> None:
    assert transitions([], [alert(None)], SETTLE) == Transitions(cleared=("A",))
    assert transitions([], [alert(SETTLE - 1)], SETTLE) == Transitions()
    assert transitions([], [alert(SETTLE)], SETTLE) == Transitions(closed=("A",))


def test_what_comes_and_goes_is_one_alert() -> None:
    assert transitions([DEAD], [alert(SETTLE * 2)], SETTLE) == Transitions(back=("A",))


@given(st.lists(st.booleans(), max_size=60))
def test_there_are_never_more_openings_than_times_it_was_wrong_after_it_was_right_for_long(wrong: list[bool]) -> None:
    """A minute between two looks."""
    state: Alert | None = None
    openings = closings = right = 0
    for is_wrong in wrong:
        if state is not None and state.right_for is not None:
            state = alert(state.right_for + 60.0)
        made = transitions([DEAD] if is_wrong else [], [state] if state else [], SETTLE)
        openings, closings = openings + len(made.opened), closings + len(made.closed)
        if made.opened or made.back:
            state = alert(None)
        elif made.cleared:
            state = alert(0.0)
        elif made.closed:
            state = None
        right = 0 if is_wrong else right + 1
        assert openings - closings == (state is not None)
        assert state is None or right <= 6
    assert openings <= 1 + closings


def test_it_is_told_again_at_growing_intervals_for_a_day() -> None:
    assert [again_in(tries, 0.0) for tries in (1, 2, 3, 20)] == [FIRST, 2 * FIRST, 4 * FIRST, LONGEST]
    assert again_in(1, GIVE_UP) is None

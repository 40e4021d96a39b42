"""The class of a failure decides what happens, and when to try again."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.delivery.retry import (
    DeadLetter,
    Later,
    Next,
    Patience,
    Pause,
    Review,
    after,
    backoff,
    exhausted,
    next_recheck_after,
)
from worker.errors import (
    Busy,
    Failure,
    Gone,
    NeedsReview,
    OutcomeUnknown,
    Refused,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from worker.plan import QualifiedKey
from worker.sync.waits import ceiling, next_recheck, next_try, rechecked_enough

ACME = QualifiedKey("butik", "account", "K-1")
PATIENCE = Patience(first=2.0, longest=600.0, give_up=259_200.0, server_errors=5)
ATTEMPTS = st.integers(1, 2000)
CHANCES = st.floats(0, 1, exclude_max=True)


def test_the_longest_wait_doubles_up_to_a_bound() -> None:
    assert [ceiling(n, first=2, longest=30) for n in range(1, 7)] == [2, 4, 8, 16, 30, 30]
    assert ceiling(10**9, first=2, longest=30) == 30


@given(attempt=ATTEMPTS, chance=CHANCES)
def test_a_wait_is_anything_up_to_its_longest(attempt: int, chance: float) -> None:
    wait = backoff(attempt, first=2, longest=600, chance=chance)
    assert 0 <= wait <= ceiling(attempt, first=2, longest=600) <= 600
    assert backoff(attempt, first=2, longest=600, chance=0.5) == ceiling(attempt, first=2, longest=600) / 2


@given(attempt=st.integers(0, 600), give_up=st.floats(1, 100_000), first=st.floats(0.1, 900), longest=st.floats(1, 900))
def test_trying_is_over_when_the_expected_waits_add_up(
    attempt: int, give_up: float, first: float, longest: float
) -> None:
    expected = sum(ceiling(n, first=first, longest=longest) / 2 for n in range(1, attempt + 1))
    if abs(expected - give_up) > 1e-6 * give_up:
        assert exhausted(attempt, first=first, longest=longest, give_up=give_up) is (expected >= give_up)


def test_three_days_of_trying_are_some_nine_hundred_attempts() -> None:
    tries = next(n for n in range(1, 5000) if exhausted(n, first=2, longest=600, give_up=259_200))
    assert 850 < tries < 900


def ages_of_rechecks(visible_after: float, lag: float, until: float) -> list[float]:
    """The ages at which a lost create is looked for."""
    ages: list[float] = []
    age = 0.0
    while age < until:
        age += next_recheck(age, lag=lag, visible_after=visible_after)
        ages.append(age)
    return ages


def test_a_lost_create_is_looked_for_at_doubling_ages_until_all_shows_and_ever_more_seldom_after_it() -> None:
    assert ages_of_rechecks(300, 5, 600) == [5, 10, 20, 40, 80, 160, 300, 305, 310, 320, 340, 380, 460, 620]


def test_between_two_rechecks_there_is_never_more_than_an_hour() -> None:
    ages = ages_of_rechecks(300, 5, 3 * 86_400)
    assert max(later - sooner for sooner, later in pairwise(ages)) == 3600
    assert len(ages) < 100


@pytest.mark.parametrize(
    ("age", "rechecks", "enough"),
    [
        (259_000, 1000, False),
        (260_000, 1000, True),
        (10_000_000, 84, False),
        (10_000_000, 95, True),
        (260_000, 0, False),
    ],
)
def test_three_days_of_rechecks_are_three_days_and_the_rechecks_made_in_them(
    age: float, rechecks: int, *, enough: bool
) -> None:
    assert rechecked_enough(age, rechecks, lag=5, visible_after=300, give_up=259_200) is enough


@given(age=st.floats(0, 1e7), rechecks=st.integers(0, 10**9), lag=st.floats(0, 60), visible_after=st.floats(0, 3600))
def test_what_was_rechecked_for_long_enough_is_rechecked_no_more(
    age: float, rechecks: int, lag: float, visible_after: float
) -> None:
    ended = rechecked_enough(age, rechecks, lag=lag, visible_after=visible_after, give_up=3600.0)
    assert ended <= (age >= 3600)
    assert not ended or rechecked_enough(age + 1, rechecks + 1, lag=lag, visible_after=visible_after, give_up=3600.0)


@pytest.mark.parametrize(
    ("failure", "rechecks", "then"),
    [
        (Throttled("fullt", seconds=8), 7, (8, False)),
        (Busy("upptaget", seconds=0), 7, (0.05, False)),
        (OutcomeUnknown("söks", seconds=20, rechecking=True), 7, (20, False)),
        (OutcomeUnknown("inget svar"), 0, (30, True)),
        (Unavailable("502"), 3, (240, True)),
        (Unauthorized("401"), 10**9, (3600, True)),
    ],
    ids=lambda value: f"{type(value).__name__}" if isinstance(value, Failure) else None,
)
def test_a_recheck_that_failed_is_made_again_ever_more_seldom(
    failure: Failure, rechecks: int, then: tuple[float, bool]
) -> None:
    assert next_recheck_after(failure, rechecks, 30.0) == then


@given(visible_after=st.floats(1, 3600), lag=st.floats(0.5, 60))
def test_rechecks_never_stand_still_and_none_is_far_off_the_time_at_which_all_shows(
    visible_after: float, lag: float
) -> None:
    ages = ages_of_rechecks(visible_after, lag, 2 * visible_after)
    assert ages[0] == lag
    assert len(ages) < 200
    assert any(visible_after <= age <= visible_after + lag for age in ages) or lag > visible_after


@pytest.mark.parametrize(("age", "wait"), [(0, 0.1), (0.5, 0.5), (7, 7), (30, 30), (400, 30)])
def test_whoever_waits_for_anothers_create_asks_more_seldom_the_longer_it_takes(age: float, wait: float) -> None:
    assert next_try(age) == wait


@pytest.mark.parametrize(
    ("failure", "attempts", "then"),
    [
        (Rejected("fel"), 0, DeadLetter("fel")),
        (Refused("400", status=400), 0, DeadLetter("400")),
        (NeedsReview("flera", key=ACME, candidates=(1, 2)), 0, Review("flera", ACME, (1, 2))),
        (Unauthorized("401"), 7, Pause("401")),
        (Throttled("fullt", seconds=8), 7, Later(8, 7, "fullt")),
        (Busy("upptaget", seconds=0), 7, Later(0.05, 7, "upptaget")),
        (OutcomeUnknown("söks", seconds=20, rechecking=True), 7, Later(20, 7, "söks")),
        (OutcomeUnknown("inget svar"), 0, Later(1, 1, "inget svar")),
        (OutcomeUnknown("inget svar", seconds=5), 0, Later(5, 1, "inget svar")),
        (Unavailable("502"), 2, Later(4, 3, "502")),
        (Gone("404"), 0, Later(1, 1, "404")),
        (Unavailable("500", persistent=True), 3, Later(8, 4, "500")),
        (Unavailable("502"), 2000, DeadLetter("502 (tried 2001 times)")),
    ],
    ids=lambda value: f"{type(value).__name__}" if isinstance(value, Failure) else None,
)
def test_the_class_of_a_failure_decides(failure: Failure, attempts: int, then: Next) -> None:
    assert after(failure, attempts, PATIENCE, 0.5) == then


def test_only_server_errors_in_a_row_end_trying_early() -> None:
    failure = Unavailable("500", persistent=True)
    assert after(failure, 90, PATIENCE, 0.5, server_errors=3) == Later(300, 91, "500")
    assert after(failure, 4, PATIENCE, 0.5, server_errors=4) == DeadLetter(
        "500 (5 times in a row, while other events succeeded)"
    )
    assert after(Unavailable("502"), 4, PATIENCE, 0.5, server_errors=4) == Later(16, 5, "502")

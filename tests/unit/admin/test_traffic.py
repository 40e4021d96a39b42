"""What was counted becomes lines over time, quantiles and refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from worker.admin.traffic import WINDOWS, Between, Refusal, Traffic, Window, summed
from worker.store.instruments.counters import AGAIN, ANSWERED, MENDED, RECEIVED, TOOK, Counts, minute_of

AT = datetime(2026, 11, 26, 13, 2, 11, tzinfo=UTC)
FIVE_MINUTES = Window(step=1, stretches=5)
NOW = minute_of(AT)


def of(
    counted: dict[tuple[str, str, int], int], in_all: Counts | None = None, window: Window = FIVE_MINUTES
) -> Traffic:
    """Of stretches that are numbered backwards from the one that is not over."""
    last = NOW // window.step
    return summed(
        {(name, what, last - back): n for (name, what, back), n in counted.items()}, in_all or {}, window, AT, ["shop"]
    )


def test_nothing_at_all_is_nought_of_each_connection() -> None:
    found = of({})
    assert list(found.connections) == ["shop"]
    assert (found.whole.received, found.whole.waiting, found.ever) == (0, 0, False)
    assert list(found.whole.a_minute) == list(found.whole.waited) == [0] * 6
    assert (found.latency.delivered, found.latency.p50, found.latency.p95) == (0, None, None)


def test_what_waited_is_found_backwards_from_what_waits() -> None:
    flows = {
        ("shop", RECEIVED, 3): 10,
        ("shop", "delivered", 2): 4,
        ("shop", "dead", 1): 2,
        ("shop", AGAIN, 1): 1,
        ("shop", MENDED, 0): -1,
    }
    found = of(flows, {("shop", RECEIVED): 30, ("shop", "delivered"): 22})
    assert list(found.whole.waited) == [4, 4, 14, 10, 9, 8]
    assert found.whole.waiting == found.connections["shop"].waiting == 8
    assert (found.whole.ended["delivered"], found.whole.ended["dead"], found.whole.ended["review"]) == (4, 2, 0)


def test_the_stretch_that_is_not_over_is_as_long_as_it_has_lasted() -> None:
    found = of({("shop", RECEIVED, 1): 120, ("shop", RECEIVED, 0): 6}, window=WINDOWS["24h"])
    assert list(found.whole.a_minute)[-2:] == [2.0, 2.0], "of an hour, and of its first three minutes"
    assert found.whole.received == 126
    assert found.since == datetime(2026, 11, 25, 13, tzinfo=UTC)
    assert len(found.whole.a_minute) == 25


@pytest.mark.parametrize(
    ("numbers", "p50", "p95"),
    [
        ({"0.5": 1}, Between(0.0, 0.5), Between(0.0, 0.5)),
        ({"0.5": 94, "2": 6}, Between(0.0, 0.5), Between(1.0, 2.0)),
        ({"0.5": 95, "2": 5}, Between(0.0, 0.5), Between(0.0, 0.5)),
        ({"10": 1, "inf": 9}, Between(1800.0, None), Between(1800.0, None)),
    ],
)
def test_quantiles_lie_between_the_bounds_of_their_bucket(numbers: dict[str, int], p50: Between, p95: Between) -> None:
    found = of({("shop", TOOK + bound, 2): n for bound, n in numbers.items()}).latency
    assert (found.delivered, found.p50, found.p95) == (sum(numbers.values()), p50, p95)


def test_refusals_are_told_by_connection_and_reason_with_their_time() -> None:
    found = of(
        {
            ("shop", f"{ANSWERED}unauthorized", 4): 3,
            ("shop", f"{ANSWERED}unauthorized", 2): 2,
            ("shop", f"{ANSWERED}accepted", 2): 50,
            ("", f"{ANSWERED}unknown", 0): 9,
        }
    )
    minute = AT.replace(second=0)
    ago = timedelta(minutes=1)
    assert found.refusals == [
        Refusal("", "unknown", 9, minute, AT),
        Refusal("shop", "unauthorized", 5, minute - 4 * ago, minute - ago),
    ]
    assert (found.whole.refused, list(found.whole.refused_line)) == (14, [0, 3, 0, 2, 0, 9])
    assert found.connections["shop"].refused == 5


def test_a_connection_that_is_no_longer_set_up_is_told_while_something_of_it_waits() -> None:
    found = of({}, {("old", RECEIVED): 3, ("old", "dead"): 1, ("gone", RECEIVED): 2, ("gone", "ignored"): 2})
    assert {name: each.waiting for name, each in found.connections.items()} == {"old": 2, "shop": 0}
    assert found.ever

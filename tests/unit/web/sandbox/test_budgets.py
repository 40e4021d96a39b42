"""Call windows: fixed, per key, told in headers, writes counted twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox_playground import KEYS, Playground
from web.sandbox import SandboxOptions
from web.sandbox.budgets import Budgets

SMALL: dict[str, Any] = {"calls": ((4, 10), (100, 600)), "writes": ((2, 600),)}


def limits(response: Any) -> tuple[str, ...]:
    return tuple(response.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset"))


def test_headers_count_down_and_begin_with_minus_two() -> None:
    sandbox = Playground(**SMALL)
    assert limits(sandbox.get("/self")) == ("4", "3", "-2")
    sandbox.clock.now += 3.5
    assert limits(sandbox.get("/self")) == ("4", "2", "7")


def test_over_the_limit_is_429_until_the_next_window() -> None:
    sandbox = Playground(**SMALL)
    statuses = [sandbox.get("/self").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    over: Any = sandbox.get("/self")
    assert over.json["error"] == {"key": "ThrottleLimit", "code": 429, "errorCode": 4, "msg": "Too many requests"}
    assert limits(over)[1] == "0"
    assert "Retry-After" not in over.headers
    sandbox.clock.now += 10
    assert sandbox.get("/self").status_code == 200


def test_writes_have_a_window_of_their_own_and_a_throttled_write_writes_nothing() -> None:
    sandbox = Playground(**SMALL)
    sandbox.account()
    assert limits(sandbox.post("/accounts", {"name": "Två"})) == ("2", "0", "600")
    assert sandbox.post("/accounts", {"name": "Tre"}).status_code == 429
    assert sandbox.get("/self").status_code == 200
    state = sandbox.control("GET", "/state?account=1&resource=accounts")
    assert len(state["accounts"]["1"]["records"]["accounts"]) == 2


def test_each_key_has_its_own_budget_also_within_an_account() -> None:
    sandbox = Playground(**SMALL)
    for _ in range(5):
        sandbox.get("/self")
    assert sandbox.get("/self").status_code == 429
    assert sandbox.get("/self", key="k-forms").status_code == 200


def test_callers_without_a_key_share_forty_calls(sandbox: Playground) -> None:
    statuses = [sandbox.get("/self", key="bad").status_code for _ in range(41)]
    assert statuses == [401] * 40 + [429]


def test_order_stages_have_a_wider_burst_of_their_own(sandbox: Playground) -> None:
    assert limits(sandbox.get("/orderStages"))[0] == "1500"
    assert limits(sandbox.get("/users"))[:2] == ("200", "199")


def test_windows_begin_by_the_clock() -> None:
    sandbox = Playground(**SMALL)
    sandbox.clock.now += 9
    for _ in range(4):
        sandbox.get("/self")
    sandbox.clock.now += 2
    assert sandbox.get("/self").status_code == 200


@pytest.mark.parametrize(("phase", "reset"), [(0.0, "9"), (4.0, "3")])
def test_a_phase_shifts_the_windows(phase: float, reset: str) -> None:
    sandbox = Playground(phase=phase, **SMALL)
    sandbox.clock.now += 1
    sandbox.get("/self")
    assert limits(sandbox.get("/self"))[2] == reset


def test_a_drawn_phase_depends_on_the_seed_alone() -> None:
    def resets(seed: int) -> list[str]:
        sandbox = Playground(phase=None, seed=seed, calls=((9, 1000),))
        sandbox.get("/self")
        return [limits(sandbox.get("/self", key=key))[2] for key in ("k-shop", "k-shop")]

    assert resets(1) == resets(1)
    assert resets(1) != resets(2)


@given(st.lists(st.floats(0, 4), max_size=40), st.floats(0, 10))
def test_no_fixed_window_lets_more_than_its_limit_through(pauses: list[float], phase: float) -> None:
    budgets = Budgets(phase, 0)
    now, passed = 1000.0, []
    for pause in pauses:
        now += pause
        if not budgets.hit("key", [("calls", (3, 10))], now).over:
            passed.append(int((now - phase) // 10))
    assert all(passed.count(window) <= 3 for window in set(passed))


def test_faster_shortens_the_windows_and_keeps_the_limits() -> None:
    assert SandboxOptions(keys=KEYS).faster(10).calls == ((200, 1), (6000, 60), (20000, 360))

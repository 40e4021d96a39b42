"""The budget on a real Valkey, call by call."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from worker.cli.local.network import free_port
from worker.errors import Throttled
from worker.settings import Upsales, Window
from worker.store import StoreUnavailable
from worker.upsales.budget import Budget, Day, Past, PastCall, connect

ROOMY = (Window(1000, 600),)


def budget(redis: Redis, upsales: Upsales, past: Past = Past(())) -> Budget:  # noqa: B008 - a frozen value
    return Budget(redis, "0123456789ab", upsales, lambda _key, _seconds: past)


def left(budget: Budget) -> dict[tuple[str, int], int]:
    return {(use.kind, use.limit): use.left for use in budget.left()}


def this_hour() -> int:
    return int(time.time() // 3600)


def refused(act: Callable[[], object]) -> Throttled:
    with pytest.raises(Throttled) as raised:
        act()
    return raised.value


def test_a_write_counts_as_a_call_too_and_a_read_as_no_write(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=(Window(10, 60),), writes=(Window(5, 60),)))
    asked.take(write=True)
    asked.learn({})
    asked.take(write=False)
    assert left(asked) == {("calls", 10): 8, ("writes", 5): 4}
    assert asked.day() == Day(calls=2, spared=0)


def test_a_full_window_says_when_there_is_room_again(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=(Window(2, 60),), writes=ROOMY))
    for _ in range(2):
        asked.take(write=False)
        asked.learn({})
    assert 59 < refused(lambda: asked.take(write=False)).seconds <= 60


def test_a_call_counts_until_a_window_after_its_answer(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=(Window(1, 0.5),), writes=ROOMY))
    asked.take(write=False)
    time.sleep(0.4)
    asked.learn({})
    assert 0.4 < refused(lambda: asked.take(write=False)).seconds <= 0.5


def test_those_who_wait_are_called_one_after_the_other(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=(Window(3, 60),), writes=ROOMY))
    for _ in range(3):
        asked.take(write=False)
        asked.learn({})
        time.sleep(0.05)
    waits = [refused(lambda: asked.take(write=False)).seconds for _ in range(3)]
    assert waits == sorted(waits)
    assert waits[2] - waits[0] > 0.09


def test_keys_have_windows_of_their_own(redis: Redis) -> None:
    upsales = Upsales(calls=(Window(1, 60),), writes=ROOMY)
    first, second = (Budget(redis, key, upsales, lambda _key, _seconds: Past(())) for key in ("första", "andra"))
    first.take(write=False)
    refused(lambda: first.take(write=False))
    second.take(write=False)


def test_after_a_loss_of_memory_the_journal_is_counted(redis: Redis) -> None:
    upsales = Upsales(calls=(Window(10, 60), Window(20, 600)), writes=(Window(5, 60),))
    past = Past(
        [PastCall(70.0, write=False), PastCall(65.0, write=True), PastCall(None, write=True)],
        {this_hour() - 1: 39, this_hour() - 30: 500},
    )
    asked = budget(redis, upsales, past)
    refused(lambda: asked.take(write=False))  # what may be on its way unseen gets a second to be answered
    assert left(asked) == {("calls", 10): 9, ("calls", 20): 17, ("writes", 5): 4}
    assert asked.day().calls == 39


def test_after_a_loss_of_memory_an_answer_that_comes_still_counts(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=(Window(10, 60),), writes=ROOMY))
    asked.take(write=False)
    redis.flushall()
    asked.learn({})
    asked.take(write=False)
    assert left(asked)["calls", 10] == 8


def test_one_process_counts_the_journal_and_the_others_wait(redis: Redis) -> None:
    upsales = Upsales(calls=(Window(10, 60),), writes=ROOMY)
    other = budget(redis, upsales)
    waits: list[float] = []

    def recall(_key: str, _seconds: float) -> Past:
        waits.append(refused(lambda: other.take(write=False)).seconds)
        return Past(())

    Budget(redis, "0123456789ab", upsales, recall).take(write=False)
    assert waits == [0.2]


def test_without_the_journal_no_call_is_made(redis: Redis) -> None:
    def recall(_key: str, _seconds: float) -> Past:
        raise StoreUnavailable("The database relä is not available")

    asked = Budget(redis, "k", Upsales(), recall)
    assert "relä" in str(refused(lambda: asked.take(write=True)))


def test_a_redis_that_hangs_is_given_up_within_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        asked = budget(connect(f"redis://127.0.0.1:{silent.getsockname()[1]}"), Upsales())
        began = time.monotonic()
        assert refused(lambda: asked.take(write=False)).seconds == 2.0
    assert time.monotonic() - began < 4


def test_without_redis_no_call_is_made() -> None:
    asked = budget(connect(f"redis://127.0.0.1:{free_port()}/0"), Upsales())
    assert refused(lambda: asked.take(write=False)).seconds == 2.0
    asked.learn({})


@pytest.mark.parametrize(
    ("remaining", "expected"),
    [("4", 4), ("-3", 0), ("9", 9), ("10", 9), ("", 9), ("många", 9)],
    ids=["less", "below zero", "as we thought", "more", "not told", "not a number"],
)
def test_upsales_own_count_only_lowers_ours(redis: Redis, remaining: str, expected: int) -> None:
    asked = budget(redis, Upsales(calls=(Window(10, 60), Window(99, 600)), writes=ROOMY))
    asked.take(write=False)
    asked.learn({"X-RateLimit-Limit": "10", "x-ratelimit-remaining": remaining, "X-RateLimit-Reset": "30"})
    assert left(asked) == {("calls", 10): expected, ("calls", 99): 98, ("writes", 1000): 1000}


@pytest.mark.parametrize(("reset", "least", "most"), [("30", 29, 30), ("-2", 59, 60), ("900", 59, 60), ("", 59, 60)])
def test_what_upsales_counts_ends_with_its_window(redis: Redis, reset: str, least: float, most: float) -> None:
    asked = budget(redis, Upsales(calls=(Window(10, 60),), writes=ROOMY))
    asked.take(write=False)
    asked.learn({"x-ratelimit-limit": "10", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset})
    assert least < refused(lambda: asked.take(write=False)).seconds <= most


def test_an_endpoint_with_a_limit_of_its_own_says_nothing_about_ours(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=(Window(10, 60),), writes=ROOMY))
    asked.take(write=False)
    asked.learn({"x-ratelimit-limit": "1500", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"})
    assert left(asked)["calls", 10] == 9


def test_the_last_writes_are_for_priority_once_priority_asks(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=ROOMY, writes=(Window(20, 60),)))
    asked.take(write=True, priority=True)
    for _ in range(18):
        asked.take(write=True)
    refused(lambda: asked.take(write=True))
    asked.take(write=True, priority=True)


def test_what_comes_behind_live_events_leaves_them_some_of_each_window(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=ROOMY, writes=(Window(100, 60),)))
    for _ in range(98):
        asked.take(write=True, behind=True)
    refused(lambda: asked.take(write=True, behind=True))
    for _ in range(2):
        asked.take(write=True)
    assert left(asked)["writes", 100] == 0


def test_without_priority_all_writes_are_for_everybody(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=ROOMY, writes=(Window(20, 60),)))
    for _ in range(20):
        asked.take(write=True)
    assert left(asked)["writes", 20] == 0


def test_beyond_the_daily_limit_only_priority_goes_on_if_it_is_set_so(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=ROOMY, writes=ROOMY, daily=2, at_daily_limit="priority"))
    for _ in range(2):
        asked.take(write=False)
    assert refused(lambda: asked.take(write=False)).seconds <= 86400
    asked.take(write=False, priority=True)


def test_beyond_the_daily_limit_calls_are_few_if_it_is_set_so(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=ROOMY, writes=ROOMY, daily=1, at_daily_limit="slow"))
    asked.take(write=False)
    assert 4 < refused(lambda: asked.take(write=False)).seconds <= 5


def test_beyond_the_daily_limit_nothing_changes_otherwise(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=ROOMY, writes=ROOMY, daily=1))
    for _ in range(3):
        asked.take(write=False)


def test_a_call_of_a_process_that_died_ends_when_its_time_has_run_out(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=(Window(2, 60),), writes=ROOMY))
    asked.take(write=False)
    redis.zadd("relay:budget:{0123456789ab}:calls:flight", {"dead": 1})
    assert left(asked)["calls", 2] == 0
    assert redis.zcard("relay:budget:{0123456789ab}:calls:flight") == 1


def test_the_keys_of_an_account_count_one_day_together(redis: Redis) -> None:
    upsales = Upsales(calls=ROOMY, writes=ROOMY, daily=2, at_daily_limit="slow")

    def of(key: str, account: int) -> Budget:
        return Budget(redis, key, upsales, lambda *_: Past(()), account=account)

    shop, forms, elsewhere = of("butik", 7), of("formulär", 7), of("annan", 8)
    shop.take(write=False)
    forms.take(write=True)
    assert (shop.day().calls, elsewhere.day().calls) == (2, 0)
    refused(lambda: shop.take(write=False))
    elsewhere.take(write=False)


def test_the_day_of_an_account_that_was_not_known_before_is_counted_from_the_journal(redis: Redis) -> None:
    upsales = Upsales(calls=ROOMY, writes=ROOMY)
    past = Past([PastCall(70.0, write=False)], {this_hour(): 12})
    asked = Budget(redis, "0123456789ab", upsales, lambda *_: past)
    asked.take(write=False)
    asked.account = 7
    asked.take(write=False)
    assert asked.day().calls == 13


def test_a_day_is_this_hour_and_the_24_before_it(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=ROOMY, writes=ROOMY))
    asked.take(write=False)
    for hours, calls in ((1, 10), (24, 20), (25, 40)):
        redis.hset("relay:day:0123456789ab", str(this_hour() - hours), str(calls))
    assert asked.day().calls == 31
    redis.hdel("relay:day:0123456789ab", str(this_hour()))
    asked.take(write=False)
    assert not redis.hexists("relay:day:0123456789ab", str(this_hour() - 25))


def test_calls_that_were_not_needed_are_counted(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=(Window(2, 60),), writes=ROOMY))
    asked.take(write=True, spared=3)
    asked.take(write=True)
    refused(lambda: asked.take(write=True, spared=2))
    assert asked.day() == Day(calls=2, spared=5)


def test_reads_leave_the_last_calls_to_a_write_that_waits(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=(Window(20, 1.0),), writes=ROOMY))
    for _ in range(20):
        asked.take(write=False)
        asked.learn({})
    wait = refused(lambda: asked.take(write=True)).seconds
    time.sleep(wait + 0.3)
    for _ in range(19):
        asked.take(write=False)
        asked.learn({})
    refused(lambda: asked.take(write=False))
    asked.take(write=True)


def test_reads_may_use_every_call_while_no_write_waits(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=(Window(20, 60),), writes=ROOMY))
    asked.take(write=True)
    for _ in range(19):
        asked.take(write=False)
    assert left(asked)["calls", 20] == 0


def test_a_read_that_leads_to_a_write_waits_where_the_write_would(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=ROOMY, writes=(Window(1, 60),)))
    asked.take(write=False, leading=True)
    assert left(asked)["writes", 1] == 1
    asked.take(write=True)
    asked.learn({})
    assert 59 < refused(lambda: asked.take(write=False, leading=True)).seconds <= 60
    asked.take(write=False)


def test_who_was_told_an_earlier_time_than_a_place_comes_free_holds_none(redis: Redis) -> None:
    """A short window told them when to come; meanwhile a longer one filled up, and they will be told anew."""
    asked = budget(redis, Upsales(calls=ROOMY, writes=(Window(2, 0.5), Window(3, 60))))
    for _ in range(2):
        asked.take(write=True)
        asked.learn({})
    assert refused(lambda: asked.take(write=True)).seconds < 1
    redis.zadd("relay:budget:{0123456789ab}:writes:promises", {f"early {n}": time.time() * 1e6 + 5e6 for n in range(9)})
    time.sleep(0.6)
    asked.take(write=True)
    asked.learn({})
    assert 55 < refused(lambda: asked.take(write=True)).seconds < 60


def test_the_write_that_a_read_was_made_for_has_its_place(redis: Redis) -> None:
    """For a moment; what others want meanwhile waits."""
    upsales = Upsales(calls=ROOMY, writes=(Window(1, 60),))
    mine, other = budget(redis, upsales), budget(redis, upsales)
    mine.take(write=False, leading=True)
    refused(lambda: other.take(write=True))
    refused(lambda: other.take(write=False, leading=True))
    mine.take(write=True)
    assert left(other)["writes", 1] == 0


def test_what_upsales_says_is_left_becomes_less_with_each_call(redis: Redis) -> None:
    asked = budget(redis, Upsales(calls=(Window(10, 60),), writes=ROOMY))
    asked.take(write=False)
    asked.learn({"x-ratelimit-limit": "10", "x-ratelimit-remaining": "2", "x-ratelimit-reset": "30"})
    for expected in (1, 0):
        asked.take(write=False)
        asked.learn({})
        assert left(asked)["calls", 10] == expected
    assert 29 < refused(lambda: asked.take(write=False)).seconds <= 30


class Overtaken:
    """Redis as a process sees it that another one overtakes, before it can lock the journal."""

    def __init__(self, redis: Redis, other: Callable[[], object]) -> None:
        self._redis = redis
        self._other = other

    def __getattr__(self, name: str) -> Any:
        return getattr(self._redis, name)

    def set(self, *arguments: Any, **options: Any) -> Any:
        self._other()
        return self._redis.set(*arguments, **options)


def test_the_journal_is_counted_once_though_two_processes_miss_it_at_once(redis: Redis) -> None:
    upsales = Upsales(calls=(Window(10, 600),), writes=ROOMY)
    past = Past([PastCall(70.0, write=False), PastCall(65.0, write=True)], {this_hour(): 2})
    quick = budget(redis, upsales, past)
    slow = Budget(Overtaken(redis, lambda: quick.take(write=False)), "0123456789ab", upsales, lambda *_: past)  # type: ignore[arg-type]
    slow.take(write=False)
    assert left(slow) == {("calls", 10): 6, ("writes", 1000): 999}

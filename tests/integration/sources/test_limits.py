"""A sender's limits hold across all who read, by a real Valkey."""

from __future__ import annotations

from uuid import uuid4

import pytest
from redis import Redis

from worker.errors import SourceThrottled
from worker.sdk.source import Limit
from worker.sources.limits import AWAY, Limits
from worker.upsales.budget import connect


@pytest.fixture
def token() -> str:
    return uuid4().hex[:12]


def wait(limits: Limits, token: str, *windows: Limit) -> float:
    """0 where a call was taken."""
    try:
        limits.take(token, windows)
    except SourceThrottled as failure:
        return failure.seconds
    return 0.0


def test_no_stretch_of_a_window_holds_more_than_its_limit(redis: Redis, token: str) -> None:
    short, long = Limit(3, 60), Limit(5, 3600)
    assert [wait(Limits(redis), token, short, long) for _ in range(3)] == [0.0] * 3
    assert 59 < wait(Limits(redis), token, short, long) <= 60.25
    assert wait(Limits(redis), "another", short, long) == 0.0
    assert [wait(Limits(redis), token, Limit(5, 3600)) for _ in range(2)] == [0.0] * 2
    assert 3599 < wait(Limits(redis), token, short, long) <= 3600.25


def test_a_place_comes_free_again(redis: Redis, token: str) -> None:
    limits, window = Limits(redis), Limit(1, 60)
    assert wait(limits, token, window) == 0.0
    assert wait(limits, token, window) > 0
    # As if a minute had gone by.
    redis.lset(f"relay:source:{{{token}}}:log", 0, "0")
    assert wait(limits, token, window) == 0.0


def test_what_was_refused_takes_no_place(redis: Redis, token: str) -> None:
    limits, window = Limits(redis), Limit(2, 60)
    for _ in range(5):
        wait(limits, token, window)
    assert redis.llen(f"relay:source:{{{token}}}:log") == 2


def test_what_the_sender_closes_stays_closed_for_the_longest_time_told(redis: Redis, token: str) -> None:
    Limits(redis).close(token, 100.0)
    Limits(redis).close(token, 5.0)
    assert 95 < wait(Limits(redis), token) <= 100
    assert wait(Limits(redis), "another") == 0.0


def test_nothing_is_kept_for_ever(redis: Redis, token: str) -> None:
    wait(Limits(redis), token, Limit(3, 60), Limit(5, 600))
    Limits(redis).close(token, 100.0)
    kept = {name: redis.pttl(f"relay:source:{{{token}}}:{name}") for name in ("log", "closed")}
    assert 600_000 < kept["log"] <= 601_250
    assert 100_000 < kept["closed"] <= 101_000


def test_a_wiped_redis_forgets_and_nothing_else(redis: Redis, token: str) -> None:
    window = Limit(1, 60)
    assert wait(Limits(redis), token, window) == 0.0
    redis.flushdb()
    assert wait(Limits(redis), token, window) == 0.0
    assert wait(Limits(redis), token, window) > 0


def test_without_redis_nothing_is_read_for_a_moment() -> None:
    away = Limits(connect("redis://127.0.0.1:1/0"))
    assert wait(away, "token") == AWAY
    away.close("token", 5.0)

"""Wake-ups in a real Valkey: bounded, never lost for good, and quick to give up."""

from __future__ import annotations

import json
import time

import pytest
from redis import Redis

from worker.wakeups import LOST_WHILE_BUSY, LOST_WHILE_IDLE, UNREACHABLE, Wakeup, Wakeups

OUT = "relay:out:acme"


@pytest.fixture
def wakeups(redis: Redis, valkey_url: str) -> Wakeups:
    return Wakeups(valkey_url, bound=5)


def wakeup(event: str, connection: str = "acme", *, priority: bool = False) -> Wakeup:
    return Wakeup(event, connection, "deal.won", priority=priority)


def events_in(redis: Redis, queue: str) -> list[str]:
    messages = redis.lrange(queue, 0, -1)
    assert isinstance(messages, list)
    return [json.loads(message)["headers"]["argsrepr"] for message in reversed(messages)]


def age(redis: Redis, event: str, seconds: float) -> None:
    redis.zincrby(OUT, -seconds, event)


def test_a_connection_has_no_more_messages_than_its_bound(wakeups: Wakeups, redis: Redis) -> None:
    sent = wakeups.ring([wakeup(f"e{n}") for n in range(8)])
    more = wakeups.ring([wakeup("late"), wakeup("other", "other")])

    assert sorted(sent) == ["e0", "e1", "e2", "e3", "e4"]
    assert list(more) == ["other"]
    assert redis.llen("default") == 6


def test_urgent_ones_have_a_queue_of_their_own_and_the_first_places(wakeups: Wakeups, redis: Redis) -> None:
    wakeups.ring([*(wakeup(f"e{n}") for n in range(4)), *(wakeup(f"u{n}", priority=True) for n in range(3))])

    assert events_in(redis, "priority") == ["('u0',)", "('u1',)", "('u2',)"]
    assert events_in(redis, "default") == ["('e0',)", "('e1',)"]


def test_what_is_on_its_way_is_not_sent_again(wakeups: Wakeups, redis: Redis) -> None:
    first, again = wakeups.ring([wakeup("e")]), wakeups.ring([wakeup("e")])

    assert (list(first), list(again)) == (["e"], [])
    assert redis.llen("default") == 1


def test_a_message_that_a_worker_took_makes_room(wakeups: Wakeups, redis: Redis) -> None:
    wakeups.ring([wakeup(f"e{n}") for n in range(5)])

    wakeups.taken("e0", "acme")

    assert list(wakeups.ring([wakeup("e0"), wakeup("e9")])) == ["e0"]


def test_a_lost_message_is_sent_again_when_nothing_is_queued(wakeups: Wakeups, redis: Redis) -> None:
    wakeups.ring([wakeup("lost")])
    redis.delete("default")
    assert not wakeups.ring([wakeup("lost")])

    age(redis, "lost", LOST_WHILE_IDLE + 1)

    assert list(wakeups.ring([wakeup("lost")])) == ["lost"]


def test_a_lost_message_is_sent_again_when_workers_have_long_taken_later_ones(wakeups: Wakeups, redis: Redis) -> None:
    wakeups.ring([wakeup("lost"), wakeup("queued")])
    age(redis, "lost", LOST_WHILE_BUSY + 1)
    assert not wakeups.ring([wakeup("lost")])

    wakeups.taken("another", "acme")

    assert list(wakeups.ring([wakeup("lost")])) == ["lost"]


def test_while_no_worker_takes_any_the_bound_holds_however_long_it_lasts(wakeups: Wakeups, redis: Redis) -> None:
    wakeups.ring([wakeup(f"e{n}") for n in range(5)])
    for n in range(5):
        age(redis, f"e{n}", 7 * 86400)

    assert not wakeups.ring([wakeup("e0"), wakeup("e9")])


def test_after_a_wipe_everything_can_be_rung(wakeups: Wakeups, redis: Redis) -> None:
    wakeups.ring([wakeup(f"e{n}") for n in range(5)])

    redis.flushall()

    assert len(wakeups.ring([wakeup(f"e{n}") for n in range(5)])) == 5


def test_a_redis_that_is_away_is_given_up_at_once() -> None:
    away = Wakeups("redis://127.0.0.1:1/0", bound=5)
    began = time.monotonic()

    with pytest.raises(UNREACHABLE):
        away.ring([wakeup("e")])
    with pytest.raises(UNREACHABLE):
        away.ping()

    assert time.monotonic() - began < 1


def test_word_of_used_up_calls_is_let_go_while_redis_is_away() -> None:
    """Whoever is told no because Redis is away passes that on just then, and must get to put its lane off."""
    Wakeups("redis://127.0.0.1:1/0", bound=5).short("butik", 2.0)

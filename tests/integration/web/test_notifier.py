"""Wake-ups in a real Valkey: bounded, never lost for good, and quick to give up."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from worker.queue import inflight
from worker.queue.wakeups import LOST_WHILE_BUSY, LOST_WHILE_IDLE, SHORT_BOUND, UNREACHABLE, Wakeup, Wakeups

OUT = "relay:out:default:acme"
NOW = datetime(2026, 11, 2, 12, 0, 0, 250, tzinfo=UTC)


@pytest.fixture
def wakeups(redis: Redis, valkey_url: str) -> Wakeups:
    return Wakeups(valkey_url, bound=5)


def wakeup(event: str, connection: str = "acme", *, priority: bool = False) -> Wakeup:
    return Wakeup(event, connection, "deal.won", priority=priority)


def events_in(redis: Redis, queue: str) -> list[str]:
    messages = redis.lrange(queue, 0, -1)
    assert isinstance(messages, list)
    return [json.loads(message)["headers"]["id"] for message in reversed(messages)]


def age(redis: Redis, event: str, seconds: float) -> None:
    redis.zincrby(OUT, -seconds, event)


def test_a_connection_has_no_more_messages_than_its_bound(wakeups: Wakeups, redis: Redis) -> None:
    sent = wakeups.ring([wakeup(f"e{n}") for n in range(8)])
    more = wakeups.ring([wakeup("late"), wakeup("other", "other")])

    assert sorted(sent) == ["e0", "e1", "e2", "e3", "e4"]
    assert list(more) == ["other"]
    assert redis.llen("default") == 6


def test_urgent_ones_have_a_queue_and_places_of_their_own(wakeups: Wakeups, redis: Redis) -> None:
    wakeups.ring([wakeup(f"e{n}") for n in range(9)])
    assert (wakeups.room("acme"), wakeups.room("acme", priority=True)) == (0, 5)

    wakeups.ring([*(wakeup(f"f{n}") for n in range(3)), *(wakeup(f"u{n}", priority=True) for n in range(7))])

    assert events_in(redis, "priority") == [f"u{n}" for n in range(5)]
    assert events_in(redis, "default") == [f"e{n}" for n in range(5)]
    assert (wakeups.room("acme"), wakeups.room("acme", priority=True)) == (0, 0)


def test_an_event_that_became_urgent_on_its_way_goes_both_ways_and_one_of_them_frees_both_places(
    wakeups: Wakeups, redis: Redis
) -> None:
    wakeups.ring([wakeup("e")])
    wakeups.ring([wakeup("e", priority=True)])
    assert (redis.llen("default"), redis.llen("priority")) == (1, 1)

    wakeups.taken("e", "other", "acme")

    assert (wakeups.room("acme"), wakeups.room("acme", priority=True)) == (5, 5)


@pytest.mark.parametrize("urgent", [True, False], ids=["urgent", "others"])
def test_while_a_connections_calls_are_used_up_only_a_few_are_rung_by_whomever(
    redis: Redis, valkey_url: str, *, urgent: bool
) -> None:
    wakeups = Wakeups(valkey_url, bound=500)
    wakeups.ring([wakeup(f"e{n}", priority=urgent) for n in range(500)])
    for n in range(400):
        wakeups.taken(f"e{n}", "acme")
    wakeups.short("acme", 15)

    assert wakeups.room("acme", priority=urgent) == 0
    assert not wakeups.ring([wakeup(f"n{n}", priority=urgent) for n in range(400)])
    assert len(wakeups.ring([wakeup(f"n{n}", priority=not urgent) for n in range(400)])) == SHORT_BOUND
    assert wakeups.room("other") == 500


def test_in_a_full_queue_everybody_gets_a_few_places(redis: Redis, valkey_url: str) -> None:
    wakeups = Wakeups(valkey_url, bound=500)
    redis.rpush("default", *("m" for _ in range(inflight.FULL)))

    sent = [len(wakeups.ring([wakeup(f"e{n}", name) for n in range(500)])) for name in ("acme", "other")]

    assert sent == [SHORT_BOUND, SHORT_BOUND]
    assert wakeups.room("acme", priority=True) == 500


def test_what_could_not_be_sent_holds_no_place(wakeups: Wakeups, redis: Redis) -> None:
    wakeups.ring([wakeup("on its way", priority=True)])
    several = [wakeup("on its way", priority=True), wakeup("e"), wakeup("u", "other", priority=True)]
    redis.set("default", "no list")

    with pytest.raises(UNREACHABLE):
        wakeups.ring(several)
    redis.delete("default")

    assert sorted(wakeups.ring(several)) == ["e", "u"]


def test_what_was_rung_before_redis_was_empty_is_known_to_be_lost(wakeups: Wakeups, redis: Redis) -> None:
    assert [wakeups.since(NOW + timedelta(seconds=n)) for n in range(3)] == [NOW] * 3

    redis.flushall()

    assert [wakeups.since(NOW + timedelta(seconds=n)) for n in (4, 5)] == [NOW + timedelta(seconds=4)] * 2


def test_a_redis_that_was_started_anew_may_have_forgotten_the_last_messages(wakeups: Wakeups, redis: Redis) -> None:
    wakeups.since(NOW)

    redis.hset("relay:epoch", "run", "another process")

    assert wakeups.since(NOW + timedelta(seconds=4)) == NOW + timedelta(seconds=4)


def test_what_was_taken_in_vain_has_no_place_and_all_is_to_be_rung_again(wakeups: Wakeups) -> None:
    wakeups.since(NOW)
    wakeups.ring([wakeup("e")])

    wakeups.in_vain("e", "other", "acme")

    assert wakeups.room("acme") == 5
    assert wakeups.since(NOW + timedelta(seconds=9)) == NOW + timedelta(seconds=9)


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

    wakeups.ring([wakeup("urgent", priority=True), wakeup("later", "other")])
    wakeups.taken("urgent", "acme")
    assert not wakeups.ring([wakeup("lost")]), "those of another queue tell nothing"
    wakeups.taken("later", "other")

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

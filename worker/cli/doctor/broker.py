"""Asks Redis what it holds, and the workers behind it what they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from redis.exceptions import RedisError

from worker.cli.doctor import places
from worker.cli.doctor.facts import Known, Part, Unknown
from worker.queue.broker import sender
from worker.queue.wakeups import QUEUES, UNREACHABLE
from worker.settings import Settings
from worker.upsales.budget import connect

WORKERS_ANSWER = 1.5
"""Seconds: a worker answers from a thread of its own, however busy it is."""
STRANGERS_ANSWER = 0.4


@dataclass(frozen=True, slots=True)
class Broker:
    """Redis as it is. `queues`: messages by queue."""

    part: Part
    eviction: Known[str | None]
    queues: Known[Mapping[str, int]]


def look(settings: Settings, environ: Mapping[str, str], up: int | None) -> Broker:
    place = places.redis(settings.redis_url or "", environ, up)
    if settings.redis_url is None:
        why = "REDIS_URL is not set, and no `relay up` runs here: without Redis webhooks are accepted, and nothing is delivered"
        return _without(Part(place, "absent", why), "there is no Redis")
    try:
        with connect(settings.redis_url) as redis:
            policy = redis.info("memory").get("maxmemory_policy")
            lengths = {name: int(redis.llen(name)) for name in QUEUES}
    except RedisError as error:
        return away(settings, environ, up, str(error).rstrip(".") or type(error).__name__)
    return Broker(Part(place), policy, lengths)


def away(settings: Settings, environ: Mapping[str, str], up: int | None, why: str) -> Broker:
    return _without(Part(places.redis(settings.redis_url or "", environ, up), "away", why), "Redis is away")


def _without(part: Part, why: str) -> Broker:
    return Broker(part, Unknown(why), Unknown(why))


def readers(broker: Broker, redis_url: str | None, alive: int | None) -> Known[Mapping[str, Sequence[str]]]:
    """The queues that each worker reads, by its name. `alive`: how many workers give signs of life; None where nobody knows."""
    if redis_url is None or not broker.part.reached:
        return Unknown(broker.queues.why if isinstance(broker.queues, Unknown) else "there is no Redis")
    # One that gives no sign of life in this database may still take messages: it has another one.
    seconds = WORKERS_ANSWER if alive != 0 else STRANGERS_ANSWER
    try:
        answers = sender(redis_url).control.inspect(timeout=seconds, limit=alive or None).active_queues() or {}
    except UNREACHABLE as error:
        return Unknown(f"no worker could be asked ({type(error).__name__})")
    if alive and not answers:
        return Unknown(f"no worker answered within {WORKERS_ANSWER:g} s, though some give signs of life")
    return {worker: [each["name"] for each in queues] for worker, queues in answers.items()}
